/** Lets only so many through at the same time. */

/** Work that is bounded in how much of it goes on at once; more waits, first come, first served. */
export class Turnstile {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param places how many may be inside at the same time */
  constructor(places: number) {
    this.#free = places;
  }

  /** Whether whoever comes now has to wait. */
  get isFull(): boolean {
    return this.#free === 0;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs `work` as soon as there is a place, and resolves as it does. */
  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes to the next, without being free in between: nobody who comes now can take it.
      const next = this.#waiting.shift();
      if (next !== undefined) next();
      else this.#free++;
    }
  }
}
