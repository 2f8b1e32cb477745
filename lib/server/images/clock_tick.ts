/** Tells whether a time stamp of a file or directory proves that it is unchanged. */

/**
 * What changed this recently may change again without a new time stamp, milliseconds: file system
 * clocks tick at least every 10 ms, or every 2 s if the file system stores whole seconds.
 */
const CLOCK_TICK = 20, COARSE_CLOCK_TICK = 2000;

/** Returns whether a change made `now` would get another time stamp. Milliseconds since 1970. */
export function isPast(time: number, now: number): boolean {
  return Math.abs(now - time) > (time % 1000 === 0 ? COARSE_CLOCK_TICK : CLOCK_TICK);
}
