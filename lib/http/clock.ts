import { dateLine } from "./serializer.ts";

/** Something with a deadline that the clock looks after. */
export interface Timed {
  /** When `expire` is due, in the clock's milliseconds; `Infinity` for never. */
  deadline: number;
  /** Called once the deadline has passed; must move it, or be taken off the clock. */
  expire(): void;
}

/**
 * One coarse clock for all connections of a server: a deadline is a number stored on the connection,
 * and a single sweep finds those that have passed. So a request costs no timer, and no look at the time.
 */
export class Clock {
  /** Milliseconds, of the last sweep. */
  now = 0;
  /** The `Date` field line of the last sweep. */
  date: Uint8Array = dateLine(0);

  #watched = new Set<Timed>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #second = -1;

  /** @param periodMs between two sweeps: how late a deadline may be noticed */
  constructor(readonly periodMs: number) {}

  /** The deadline that is `milliseconds` away: never early, though `now` lags. */
  after(milliseconds: number): number {
    return this.now + this.periodMs + milliseconds;
  }

  /** Looks after its deadline from now on. */
  watch(timed: Timed): void {
    this.#watched.add(timed);
    if (this.#timer !== undefined) return;
    this.#look();
    this.#timer = setInterval(() => this.#sweep(), this.periodMs);
  }

  /** No longer looks after it. With nothing to look after, the clock stands still. */
  unwatch(timed: Timed): void {
    this.#watched.delete(timed);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    this.now = performance.now();
    const milliseconds = Date.now();
    const second = Math.floor(milliseconds / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.date = dateLine(milliseconds);
    }
  }

  #sweep(): void {
    this.#look();
    for (const timed of this.#watched) {
      if (timed.deadline <= this.now) timed.expire();
    }
  }
}
