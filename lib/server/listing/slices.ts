/** Divides long work into time slices, so that other requests are served in between. */
import { setImmediate } from "node:timers";

/** Length of a time slice, milliseconds. */
const SLICE_MS = 4;

/** Steps between two readings of the clock, which costs as much as a few steps. */
const STEPS_PER_CHECK = 256;

/** Tells when a time slice is used up, and yields to other work. */
export class Slices {
  #until = performance.now() + SLICE_MS;
  #steps = 0;

  /** Counts a step; returns whether it is time to `rest`. */
  step(): boolean {
    if (++this.#steps < STEPS_PER_CHECK) return false;
    this.#steps = 0;
    return performance.now() >= this.#until;
  }

  /** Whether the slice is used up; for steps that are long compared to reading the clock. */
  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  /** Yields to the event loop and begins a new slice. */
  async rest(): Promise<void> {
    // A timer would wait for a millisecond or two, half as long as a slice.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.#until = performance.now() + SLICE_MS;
  }
}

/** Items that one call of the built-in sort takes: about a millisecond. */
const RUN = 1024;

/**
 * Sorts in time slices: sorts runs with the built-in sort, then merges them.
 *
 * @returns a new array
 */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<T[]> {
  const slices = new Slices();
  let from = items.slice();
  for (let start = 0; start < from.length; start += RUN) {
    const run = from.slice(start, start + RUN).sort(compare);
    for (let i = 0; i < run.length; i++) from[start + i] = run[i];
    if (slices.isOver) await slices.rest();
  }
  let to = new Array<T>(from.length);
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let left = start, right = middle;
      for (let at = start; at < end; at++) {
        const takeLeft = right >= end || (left < middle && compare(from[left], from[right]) <= 0);
        to[at] = takeLeft ? from[left++] : from[right++];
        if (slices.step()) await slices.rest();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
