/**
 * Shares the scaling of images fairly. Each address has a line; the lines take turns, and of one
 * line the newest request comes first, because it is for what the user looks at now. Requests for
 * the same result share one job.
 */
import { addressPrefix, type Requester, RequesterGone } from "../../accounts/mod.ts";

/** Too much is to be scaled: responded to as 503 with `Retry-After`. */
export class ScalingBusy extends Error {
  override readonly name = "ScalingBusy";
}

/** The limits of a queue, each from 1 and with its default. */
export interface ScalingQueueOptions {
  /** Jobs that run at once (one a core, at most four). */
  readonly concurrency?: number;
  /** Requests that wait at most (1024). */
  readonly capacity?: number;
  /** Requests of one address that wait at most (256); for IPv6, of one network of 64 bits. */
  readonly perAddress?: number;
  /** How long a request waits at most once its client has ended its sending side, ms (10,000). */
  readonly endedInputMs?: number;
  /** A monotonic clock, milliseconds (`performance.now`). */
  readonly now?: () => number;
}

/** What several may wait for. */
interface Job<Result> {
  readonly key: string;
  readonly work: () => Promise<Result>;
  readonly askers: Set<Asker<Result>>;
  hasBegun: boolean;
}

/** A request that waits. */
interface Asker<Result> {
  readonly job: Job<Result>;
  readonly prefix: string;
  readonly requester: Requester;
  /** When it came, milliseconds of the clock. */
  readonly since: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Runs jobs a few at a time, each address in turn. */
export class ScalingQueue<Result> {
  readonly #options: Required<ScalingQueueOptions>;
  /** The jobs that wait or run, by key. */
  readonly #jobs = new Map<string, Job<Result>>();
  /** Those who wait, by address; the address whose turn is next comes first. No line is empty. */
  readonly #lines = new Map<string, Asker<Result>[]>();
  #waiting = 0;
  #running = 0;

  constructor(options: ScalingQueueOptions = {}) {
    this.#options = {
      concurrency: options.concurrency ?? Math.min(4, navigator.hardwareConcurrency),
      capacity: options.capacity ?? 1024,
      perAddress: options.perAddress ?? 256,
      endedInputMs: options.endedInputMs ?? 10_000,
      now: options.now ?? (() => performance.now()),
    };
  }

  /**
   * Runs `work` when its turn comes, or joins the job of the same key, and resolves as that does. A
   * job that has not begun is forgotten when the last who asked for it is gone.
   *
   * @param key the same for the same result
   * @throws {ScalingBusy} if too many wait, and later requests take the place
   * @throws {RequesterGone} if the requester's signal aborts before the result is there
   */
  run(key: string, requester: Requester, work: () => Promise<Result>): Promise<Result> {
    if (requester.signal?.aborted) return Promise.reject(gone());
    const job = this.#jobs.get(key) ?? { key, work, askers: new Set(), hasBegun: false };
    return new Promise((resolve, reject) => {
      const { signal } = requester;
      const leave = () => {
        this.#leave(asker);
        asker.reject(gone());
      };
      const asker: Asker<Result> = {
        job,
        prefix: addressPrefix(requester.address),
        requester,
        since: this.#options.now(),
        resolve(result) {
          signal?.removeEventListener("abort", leave);
          resolve(result);
        },
        reject(error) {
          signal?.removeEventListener("abort", leave);
          reject(error);
        },
      };
      // Others may have to leave, and their job with them.
      if (!job.hasBegun) this.#makeRoom(asker.prefix);
      signal?.addEventListener("abort", leave);
      this.#jobs.set(key, job);
      job.askers.add(asker);
      if (job.hasBegun) return;
      this.#enqueue(asker);
      this.#startNext();
    });
  }

  #enqueue(asker: Asker<Result>): void {
    const line = this.#lines.get(asker.prefix);
    if (line === undefined) this.#lines.set(asker.prefix, [asker]);
    else line.push(asker);
    this.#waiting++;
  }

  /**
   * Makes room for one more of an address. Of the address's own line the oldest goes if the line is
   * full; if the queue is full, the oldest of the longest line, so that a few addresses cannot
   * block others.
   */
  #makeRoom(prefix: string): void {
    const own = this.#lines.get(prefix) ?? [];
    if (own.length >= this.#options.perAddress) this.#dropOldest(own);
    else if (this.#waiting >= this.#options.capacity) {
      this.#dropOldest(
        [...this.#lines.values()].reduce((a, b) => b.length > a.length ? b : a, own),
      );
    }
  }

  #dropOldest(line: readonly Asker<Result>[]): void {
    const [oldest] = line;
    this.#leave(oldest);
    oldest.reject(busy());
  }

  /** Removes a request, and its job unless it has begun or other requests wait for it. */
  #leave(asker: Asker<Result>): void {
    const { job } = asker;
    job.askers.delete(asker);
    this.#removeFromLine(asker);
    if (!job.hasBegun && job.askers.size === 0) this.#jobs.delete(job.key);
  }

  #removeFromLine(asker: Asker<Result>): void {
    const line = this.#lines.get(asker.prefix);
    if (!line?.includes(asker)) return;
    line.splice(line.indexOf(asker), 1);
    if (line.length === 0) this.#lines.delete(asker.prefix);
    this.#waiting--;
  }

  #startNext(): void {
    if (this.#running >= this.#options.concurrency) return;
    this.#dropLate();
    const next = this.#choose();
    if (next === null) return;
    const { job, prefix } = next;
    job.hasBegun = true;
    for (const asker of job.askers) this.#removeFromLine(asker);
    // The address goes to the end of the round.
    const line = this.#lines.get(prefix);
    if (line !== undefined) {
      this.#lines.delete(prefix);
      this.#lines.set(prefix, line);
    }
    this.#running++;
    this.#perform(job);
  }

  async #perform(job: Job<Result>): Promise<void> {
    let settle: (asker: Asker<Result>) => void;
    try {
      const result = await job.work();
      settle = (asker) => asker.resolve(result);
    } catch (error) {
      settle = (asker) => asker.reject(error);
    }
    this.#jobs.delete(job.key);
    this.#running--;
    job.askers.forEach(settle);
    this.#startNext();
  }

  /** The newest of the next line whose client still sends, or else the newest of the first line. */
  #choose(): Asker<Result> | null {
    let first: Asker<Result> | null = null;
    for (const line of this.#lines.values()) {
      first ??= line.at(-1)!;
      const open = line.findLast(({ requester }) => !requester.inputEnded?.());
      if (open !== undefined) return open;
    }
    return first;
  }

  /** Drops the requests that have waited too long for a client that may be gone. */
  #dropLate(): void {
    const since = this.#options.now() - this.#options.endedInputMs;
    for (const line of [...this.#lines.values()]) {
      for (const asker of [...line]) {
        if (asker.since <= since && asker.requester.inputEnded?.()) {
          this.#leave(asker);
          asker.reject(busy());
        }
      }
    }
  }
}

function busy(): ScalingBusy {
  return new ScalingBusy("too many images wait to be scaled");
}

function gone(): RequesterGone {
  return new RequesterGone("the client is gone");
}
