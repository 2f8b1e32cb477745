/**
 * Shares the hashing of passwords fairly: each hash takes a core and tens of megabytes, so few are
 * computed at once. Those that wait stand in a line for each address, and the lines take turns.
 */
import { addressPrefix } from "./address_prefix.ts";
import { type Requester, RequesterGone } from "./requester.ts";

/** The hashing queue is full: answered as 503 with `Retry-After`. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
}

/** The limits of a queue, each with its default. */
export interface HashingQueueOptions {
  /** Jobs that run at once (one a core, eight at most). */
  concurrency?: number;
  /** Jobs that wait at most (512). */
  capacity?: number;
  /** Jobs of one address that wait at most (64); for IPv6, of one network of 64 bits. */
  perAddress?: number;
  /** How long a job waits at most once its client has ended its sending side, ms (10,000). */
  endedInputMs?: number;
}

/** A job that waits for its turn. */
interface Waiting {
  readonly requester: Requester;
  /** When it came, milliseconds of `performance.now`. */
  readonly since: number;
  start(): void;
  drop(error: Error): void;
}

/** Runs jobs a few at a time, each address in turn. */
export class HashingQueue {
  readonly #options: Required<HashingQueueOptions>;
  #running = 0;
  #waiting = 0;
  /** The jobs that wait, by address; the address whose turn is next comes first. No line is empty. */
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
   * Runs `job` when its turn comes and resolves as it does. A job whose requester has ended its
   * sending side begins only when no other waits, and leaves a place free where there are several.
   *
   * @throws TooBusy where too many jobs wait, at once or when others take the place
   * @throws RequesterGone where the requester's signal aborts before the job begins
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

  /** Waits in line. The place among the running is taken when this resolves. */
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
   * Drops the last job of the longest line, if that is longer than a line of `length` would become:
   * a few addresses that fill the queue keep nobody else out.
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
    // Of several places the last is kept free: whoever is still there begins at once.
    const places = Math.max(1, this.#options.concurrency - 1);
    if (this.#running >= places && waiting.requester.inputEnded?.()) return;
    this.#remove(prefix, waiting);
    // The address goes to the end of the round.
    const line = this.#lines.get(prefix);
    if (line !== undefined) {
      this.#lines.delete(prefix);
      this.#lines.set(prefix, line);
    }
    this.#running++;
    waiting.start();
  }

  /** The first job in the order of turns whose client still sends, or else the first of all. */
  #choose(): [string, Waiting] | null {
    let first: [string, Waiting] | null = null;
    for (const [prefix, line] of this.#lines) {
      first ??= [prefix, line[0]];
      const open = line.find(({ requester }) => !requester.inputEnded?.());
      if (open !== undefined) return [prefix, open];
    }
    return first;
  }

  /** Drops the jobs that have waited too long for a client that may be gone. */
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
  return new TooBusy("too many passwords are waiting to be hashed");
}

function gone(): RequesterGone {
  return new RequesterGone("the client is gone");
}
