/**
 * A fair queue for password hashing. A hash occupies a core and tens of megabytes, so only a few
 * run at once. Jobs wait in one line per address, and the lines take turns.
 */
import { addressPrefix } from "./address_prefix.ts";
import { type Requester, RequesterGone } from "./requester.ts";

/** The hashing queue is full. The server responds 503 with `Retry-After`. */
export class TooBusy extends Error {
  static {
    this.prototype.name = "TooBusy";
  }
}

/** The limits of a queue, each with its default. */
export interface HashingQueueOptions {
  /** Maximum number of jobs that run at once (one per core, at most eight). */
  concurrency?: number;
  /** Maximum number of jobs that wait (512). */
  capacity?: number;
  /** Maximum number of jobs that wait per IPv4 address or IPv6 /64 network (64). */
  perAddress?: number;
  /** Maximum wait of a job whose client has ended its sending side, milliseconds (10,000). */
  endedInputMs?: number;
}

/** A queued job. */
interface Waiting {
  readonly requester: Requester;
  /** When the job was queued, milliseconds of `performance.now`. */
  readonly since: number;
  start(): void;
  drop(error: Error): void;
}

/** Runs a few jobs at a time, in turn by address. */
export class HashingQueue {
  readonly #options: Required<HashingQueueOptions>;
  #running = 0;
  #waiting = 0;
  /** The non-empty lines of queued jobs by address prefix, the next in turn first. */
  readonly #lines = new Map<string, Waiting[]>();

  constructor(options: HashingQueueOptions = {}) {
    this.#options = {
      concurrency: options.concurrency ?? Math.min(8, navigator.hardwareConcurrency),
      capacity: options.capacity ?? 512,
      perAddress: options.perAddress ?? 64,
      endedInputMs: options.endedInputMs ?? 10_000,
    };
  }

  /**
   * Runs `job` when its turn comes and settles as it does. A job whose client has ended its sending
   * side starts only if no other job waits, and never takes the last of several permits.
   *
   * @throws {TooBusy} if the queue is full, or another address displaces the job
   * @throws {RequesterGone} if the requester's signal aborts before the job starts
   */
  async run<T>(requester: Requester, job: () => Promise<T>): Promise<T> {
    if (requester.signal?.aborted) throw gone();
    if (this.#running < this.#options.concurrency) this.#running++;
    else await this.#turn(requester);
    try {
      return await job();
    } finally {
      this.#running--;
      this.#startNext();
    }
  }

  /** Waits in line. When this resolves, the job already counts as running. */
  #turn(requester: Requester): Promise<void> {
    const prefix = addressPrefix(requester.address);
    const length = this.#lines.get(prefix)?.length ?? 0;
    const { capacity, perAddress } = this.#options;
    if (length >= perAddress || this.#waiting >= capacity && !this.#makeRoom(length)) {
      throw tooBusy();
    }
    return new Promise((resolve, reject) => {
      const { signal } = requester;
      const leave = () => {
        this.#remove(prefix, waiting);
        waiting.drop(gone());
      };
      const waiting: Waiting = {
        requester,
        since: performance.now(),
        start() {
          signal?.removeEventListener("abort", leave);
          resolve();
        },
        drop(error) {
          signal?.removeEventListener("abort", leave);
          reject(error);
        },
      };
      signal?.addEventListener("abort", leave);
      const line = this.#lines.get(prefix);
      if (line === undefined) this.#lines.set(prefix, [waiting]);
      else line.push(waiting);
      this.#waiting++;
    });
  }

  /**
   * Drops the last job of the longest line, provided that line stays the longest once a line of
   * `length` grows by one. So a few addresses that fill the queue cannot keep others out.
   */
  #makeRoom(length: number): boolean {
    let longest: [string, Waiting[]] | undefined;
    for (const entry of this.#lines) {
      if (entry[1].length > (longest?.[1].length ?? length + 1)) longest = entry;
    }
    if (longest === undefined) return false;
    const [prefix, line] = longest;
    const last = line.at(-1)!;
    this.#remove(prefix, last);
    last.drop(tooBusy());
    return true;
  }

  #remove(prefix: string, waiting: Waiting): void {
    const line = this.#lines.get(prefix);
    const index = line?.indexOf(waiting) ?? -1;
    if (index < 0) return;
    line!.splice(index, 1);
    if (line!.length === 0) this.#lines.delete(prefix);
    this.#waiting--;
  }

  #startNext(): void {
    this.#dropLate();
    const next = this.#choose();
    if (next === null) return;
    const [prefix, waiting] = next;
    // Keeps the last of several permits for clients that are certainly still connected.
    const places = Math.max(1, this.#options.concurrency - 1);
    if (this.#running >= places && waiting.requester.inputEnded?.()) return;
    this.#remove(prefix, waiting);
    // The address goes to the end of the rotation.
    const line = this.#lines.get(prefix);
    if (line !== undefined) {
      this.#lines.delete(prefix);
      this.#lines.set(prefix, line);
    }
    this.#running++;
    waiting.start();
  }

  /** Returns the next job whose client still sends; else the next of all; null if none waits. */
  #choose(): [string, Waiting] | null {
    let first: [string, Waiting] | null = null;
    for (const [prefix, line] of this.#lines) {
      first ??= [prefix, line[0]];
      const open = line.find(({ requester }) => !requester.inputEnded?.());
      if (open !== undefined) return [prefix, open];
    }
    return first;
  }

  /** Drops jobs that have waited too long for a client that may have disconnected. */
  #dropLate(): void {
    const since = performance.now() - this.#options.endedInputMs;
    for (const [prefix, line] of [...this.#lines]) {
      for (const waiting of [...line]) {
        if (waiting.since > since || !waiting.requester.inputEnded?.()) continue;
        this.#remove(prefix, waiting);
        waiting.drop(tooBusy());
      }
    }
  }
}

function tooBusy(): TooBusy {
  return new TooBusy("The queue for password hashing is full");
}

function gone(): RequesterGone {
  return new RequesterGone("The client disconnected");
}
