/**
 * Counts failures by key and says how long the key must wait: the generic cell rate algorithm
 * (ITU-T I.371), which keeps one number a key and forgets at a steady rate.
 */

/** How many failures are free, and how fast they are forgotten. */
export interface FailureLimit {
  /** Failures in a row before the first wait. */
  readonly burst: number;
  /** Seconds after which one failure is forgotten; so also the longest wait. */
  readonly forgetSeconds: number;
}

// How many of the oldest entries compete to be dropped when the table is full.
const EVICTION_SAMPLE = 16;

/** A bounded table of failure counts. */
export class GcraLimiter {
  /**
   * By key, the instant (ms) at which all its failures will be forgotten. In the order of the
   * latest change.
   */
  readonly #forgotten = new Map<string, number>();

  /**
   * @param limit what is allowed to each key
   * @param capacity how many keys are remembered
   */
  constructor(readonly limit: FailureLimit, readonly capacity: number) {}

  /** How many keys are remembered. */
  get size(): number {
    return this.#forgotten.size;
  }

  /** Milliseconds until `key` may fail once more; 0 where it may now. */
  wait(key: string, now: number): number {
    const forgotten = this.#forgotten.get(key);
    if (forgotten === undefined) return 0;
    const step = this.limit.forgetSeconds * 1000;
    return Math.max(0, forgotten + step - now - this.limit.burst * step);
  }

  /** Counts one failure. */
  add(key: string, now: number): void {
    const since = Math.max(now, this.#forgotten.get(key) ?? 0);
    this.#forgotten.delete(key);
    if (this.#forgotten.size >= this.capacity) this.#evict(now);
    this.#forgotten.set(key, since + this.limit.forgetSeconds * 1000);
  }

  /** Takes one failure back: the attempt turned out well. */
  takeBack(key: string, now: number): void {
    const forgotten = this.#forgotten.get(key);
    if (forgotten === undefined) return;
    const earlier = forgotten - this.limit.forgetSeconds * 1000;
    if (earlier <= now) this.#forgotten.delete(key);
    else this.#forgotten.set(key, earlier);
  }

  /** Forgets all failures of `key`. */
  clear(key: string): void {
    this.#forgotten.delete(key);
  }

  /**
   * Drops, of the entries that have not changed for longest, the one with the least to forget:
   * somebody who fills the table with single failures displaces those, not the long count that
   * should go.
   */
  #evict(now: number): void {
    let mildest: string | undefined;
    let least = Infinity;
    let seen = 0;
    for (const [key, forgotten] of this.#forgotten) {
      if (forgotten < least) [mildest, least] = [key, forgotten];
      if (forgotten <= now || ++seen === EVICTION_SAMPLE) break;
    }
    if (mildest !== undefined) this.#forgotten.delete(mildest);
  }
}
