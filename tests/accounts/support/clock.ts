/** A clock that stands still until it is moved. */
export class Clock {
  /** Milliseconds since 1970; not a whole second, as real ones are not. */
  now = 1_763_800_000_123;

  /** For options that take a clock. */
  readonly read = () => this.now;

  /** Moves on. */
  pass(seconds: number): void {
    this.now += seconds * 1000;
  }
}
