import { dateLine } from "../wire/response_encoder.ts";

/**
 * One coarse clock for all connections of a server: a deadline is a number stored on the connection,
 * and a single sweep finds those that have passed. So a request costs no timer, and no look at the time.
 */
export class Clock {
  /** The time of the last sweep, in the milliseconds of `performance.now`. */
  now = 0;
  /** The field lines that every response begins with: `Date`, as of the last sweep, and `common`. */
  date: Uint8Array = dateLine(0);

  #timer: ReturnType<typeof setInterval> | undefined;
  #second = -1;

  /**
   * @param periodMs between two sweeps: how late a deadline may be noticed
   * @param sweep called in each; looks for deadlines up to `now`
   * @param common the field lines that every response carries, as `fieldLines` makes them
   */
  constructor(readonly periodMs: number, readonly sweep: () => void, readonly common = "") {}

  /** The deadline `milliseconds` from now, a period late rather than early, since `now` lags. */
  after(milliseconds: number): number {
    return this.now + this.periodMs + milliseconds;
  }

  /** Starts the sweeps, unless they go on already. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#look();
    this.#timer = setInterval(() => {
      this.#look();
      this.sweep();
    }, this.periodMs);
  }

  /** Stops the sweeps: there is no deadline to look after. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    this.now = performance.now();
    const milliseconds = Date.now();
    const second = Math.floor(milliseconds / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.date = dateLine(milliseconds, this.common);
  }
}
