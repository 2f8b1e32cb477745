/**
 * Limits failures per key with the generic cell rate algorithm (ITU-T I.371), which keeps one
 * number per key and forgets failures at a steady rate.
 */

/** The limit of one kind of key. */
export interface FailureLimit {
  /** Failures in a row before the first wait. */
  readonly burst: number;
  /** Seconds until one failure is forgotten; also the longest wait. */
  readonly forgetSeconds: number;
}

/** How many of the oldest entries are compared when one must be dropped. */
const EVICTION_SAMPLE = 16;

/** A bounded table of failure counts. Callers pass the time in milliseconds. */
export class GcraLimiter {
  /** When all failures of a key will be forgotten (ms), in the order of the latest failure. */
  readonly #forgotten = new Map<string, number>();

  /**
   * @param limit applies to every key
   * @param capacity maximum number of keys
   */
  constructor(readonly limit: FailureLimit, readonly capacity: number) {}

  /** How many keys have failures. */
  get size(): number {
    return this.#forgotten.size;
  }

  /** Returns the milliseconds until `key` may fail again; 0 if it may now. */
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

  /** Takes one failure back. */
  takeBack(key: string, now: number): void {
    const forgotten = this.#forgotten.get(key);
    if (forgotten === undefined) return;
    const earlier = forgotten - this.limit.forgetSeconds * 1000;
    if (earlier <= now) this.#forgotten.delete(key);
    else this.#forgotten.set(key, earlier);
  }

  /** Forgets all failures of a key. */
  clear(key: string): void {
    this.#forgotten.delete(key);
  }

  /**
   * Drops the entry with the fewest failures among the oldest ones. So filling the table with
   * single failures displaces those, not the key with many.
   */
  #evict(now: number): void {
    let victim: string | undefined;
    let earliest = Infinity;
    let compared = 0;
    for (const [key, forgotten] of this.#forgotten) {
      if (forgotten < earliest) [victim, earliest] = [key, forgotten];
      if (forgotten <= now || ++compared === EVICTION_SAMPLE) break;
    }
    if (victim !== undefined) this.#forgotten.delete(victim);
  }
}
