/**
 * Bounds how much hashing goes on at once: each hash takes a core and tens of megabytes.
 */
import { Turnstile } from "../turnstile.ts";

/** The hashing queue is full: answered as 503 with `Retry-After`. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
}

/** Runs jobs in order of arrival, a few at a time. */
export class HashingQueue {
  readonly #turnstile: Turnstile;
  readonly #capacity: number;

  /**
   * @param concurrency how many jobs run at once
   * @param capacity how many may wait; one more is refused
   */
  constructor(concurrency: number, capacity: number) {
    this.#turnstile = new Turnstile(concurrency);
    this.#capacity = capacity;
  }

  /**
   * Runs `job` when its turn comes and resolves as it does.
   *
   * @throws TooBusy at once, where the queue is full
   */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#turnstile.isFull && this.#turnstile.waiting >= this.#capacity) {
      throw new TooBusy("too many passwords are waiting to be hashed");
    }
    return await this.#turnstile.pass(job);
  }
}
