/** Time and deadlines for all connections of a server. */
import { dateLine } from "../wire/response_encoder.ts";

/**
 * One coarse clock for all connections of a server. A deadline is a number stored on the
 * connection; a periodic sweep finds those that have passed. So a request needs neither a timer nor
 * a system call for the time.
 */
export class Clock {
  /** The time of the last sweep, in milliseconds of `performance.now`. */
  now = 0;
  /**
   * The field lines that every response begins with: `Date`, as of the last sweep, then `common`.
   */
  date: Uint8Array = dateLine(0);

  #timer: ReturnType<typeof setInterval> | undefined;
  #second = -1;

  /**
   * @param periodMs the time between two sweeps, by which a deadline may be noticed late
   * @param sweep called in each sweep; handles the deadlines up to `now`
   * @param common the field lines that every response carries, as `fieldLines` returns them
   */
  constructor(readonly periodMs: number, readonly sweep: () => void, readonly common = "") {}

  /**
   * Returns the deadline `milliseconds` from now: one period late rather than early, since `now`
   * lags.
   */
  after(milliseconds: number): number {
    return this.now + this.periodMs + milliseconds;
  }

  /** Starts the sweeps. Does nothing if they are running. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#look();
    this.#timer = setInterval(() => {
      this.#look();
      this.sweep();
    }, this.periodMs);
  }

  /** Stops the sweeps, when no deadline is left. */
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
