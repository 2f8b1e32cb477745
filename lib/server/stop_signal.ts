/** When to stop. */

/** How long requests in flight have to finish, milliseconds. */
export const GRACE_MS = 5000;

/**
 * The signals that ask for a stop, and the exit code of a process that one of them ends. SIGHUP is not
 * among them: listening to it would undo what `nohup` does.
 */
const STOP_SIGNALS: ReadonlyMap<Deno.Signal, number> = Deno.build.os === "windows"
  ? new Map([["SIGINT", 130], ["SIGBREAK", 131]])
  : new Map([["SIGINT", 130], ["SIGTERM", 143]]);

/** Resolves at the first signal to stop. From then on, a second one ends the process at once. */
export function stopSignal(): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const [signal, exitCode] of STOP_SIGNALS) {
      Deno.addSignalListener(signal, () => {
        if (stopping) Deno.exit(exitCode);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
