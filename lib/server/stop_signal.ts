/** Signals: SIGINT and SIGTERM stop the server, SIGHUP makes it reload. */

/** How long requests in flight may take to finish after a stop signal, milliseconds. */
export const GRACE_MS = 5000;

/** The signals that stop the server, with the exit code of a process that one of them kills. */
const STOP_SIGNALS: ReadonlyMap<Deno.Signal, number> = Deno.build.os === "windows"
  ? new Map([["SIGINT", 130], ["SIGBREAK", 131]])
  : new Map([["SIGINT", 130], ["SIGTERM", 143]]);

/**
 * Resolves at the first stop signal. A second one ends the process at once.
 *
 * @param system what receives signals and ends the process; tests give their own
 */
export function stopSignal(
  system: Pick<typeof Deno, "addSignalListener" | "exit"> = Deno,
): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const [signal, exitCode] of STOP_SIGNALS) {
      system.addSignalListener(signal, () => {
        if (stopping) system.exit(exitCode);
        stopping = true;
        resolve(signal);
      });
    }
  });
}

/**
 * Calls `reload` at each SIGHUP. From then on, the signal no longer ends the process, so a closed
 * terminal does not stop the server. Windows has no such signal.
 */
export function onHangup(reload: () => void): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", reload);
}
