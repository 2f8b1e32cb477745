/** How long the event loop may be kept from anything else, milliseconds. */
const MOST_MS = 50;

/**
 * Makes pauses in long work: a promise alone does not let a signal through, be it Ctrl-C.
 *
 * @returns what to call now and then; what it gives, if anything, is to be awaited
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
