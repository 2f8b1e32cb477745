/** The signals that the server listens to. */

/** How long requests in flight have to finish, milliseconds. */
export const GRACE_MS = 5000;

/** The signals that ask for a stop, and the exit code of a process that one of them ends. */
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

/**
 * Calls `reload` at each SIGHUP, which from now on does not end the process: neither a terminal that
 * goes away nor an operator that asks for a reload stops the server. Windows has no such signal.
 */
export function onHangup(reload: () => void): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", reload);
}
