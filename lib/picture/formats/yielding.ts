/**
 * Pauses in long work.
 *
 * @module
 */

/** The longest time that the event loop is kept busy, milliseconds. */
const MOST_MS = 50;

/**
 * Makes pauses in long work, so that signals such as Ctrl-C are handled: a promise alone does not
 * let them through.
 *
 * @returns a function to call now and then; await what it returns, if anything
 */
export function pauses(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < MOST_MS) return undefined;
    return new Promise((resolve) =>
      setTimeout(() => {
        since = performance.now();
        resolve();
      })
    );
  };
}
