/**
 * Bounds how much hashing goes on at once: each hash takes a core and tens of megabytes.
 */

/** The hashing queue is full: answered as 503 with `Retry-After`. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
}

/** Runs jobs in order of arrival, a few at a time. */
export class HashingQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param concurrency how many jobs run at once
   * @param capacity how many may wait; one more is refused
   */
  constructor(readonly concurrency: number, readonly capacity: number) {}

  /**
   * Runs `job` when its turn comes and resolves as it does.
   *
   * @throws TooBusy at once, where the queue is full
   */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.concurrency) {
      if (this.#waiting.length >= this.capacity) {
        throw new TooBusy("too many passwords are waiting to be hashed");
      }
      // The one who leaves hands its place on, so that nobody who comes between can take it.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
