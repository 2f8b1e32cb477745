/** Long work in slices, so that other requests are served in between. */

/** How long a slice may take before others get their turn, milliseconds. */
const SLICE_MS = 4;

/** How many steps go between two looks at the time, which costs as much as a few of them. */
const STEPS = 256;

/** Gives way to other work whenever a slice of time is used up. */
export class Slices {
  #until = performance.now() + SLICE_MS;
  #steps = 0;

  /** Counts a step. Returns whether it is time to `rest`. */
  step(): boolean {
    if (++this.#steps < STEPS) return false;
    this.#steps = 0;
    return performance.now() >= this.#until;
  }

  /** Whether the slice is used up, for steps that are worth a look at the time each. */
  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  /** Lets the event loop look at the sockets. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#until = performance.now() + SLICE_MS;
  }
}

/** Items that one call of the built-in sort may take: about a millisecond of it. */
const RUN = 1024;

/**
 * Sorts in slices: runs by the built-in sort, then merged.
 *
 * @returns the items in order; a new array
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
