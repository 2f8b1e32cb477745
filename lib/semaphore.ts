/** Limits concurrency. */

/** A FIFO semaphore: limits how many tasks run concurrently. */
export class Semaphore {
  #free: number;
  readonly #queue: (() => void)[] = [];

  /** @param permits how many tasks may run at the same time */
  constructor(permits: number) {
    this.#free = permits;
  }

  /** Whether a task that comes now has to wait. */
  get isFull(): boolean {
    return this.#free === 0;
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Runs `task` once a permit is free and settles as `task` does. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await task();
    } finally {
      // Handing the permit over keeps it from being taken by a task that comes in between.
      const next = this.#queue.shift();
      if (next !== undefined) next();
      else this.#free++;
    }
  }
}
