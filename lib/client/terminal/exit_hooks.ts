/**
 * Leaving the program so that nothing is left behind: a terminal without echo, a hidden cursor,
 * half a file.
 */
import { EXIT } from "../failure.ts";

/** What must be undone if the program ends now; the last one added is undone first. */
const undoings = new Set<(code: number) => void>();

/**
 * Runs `undo` if the program is ended by a signal before the returned function is called. `undo`
 * must be synchronous; it is given the exit code.
 */
export function onExit(undo: (code: number) => void): () => void {
  const own = (code: number) => undo(code);
  undoings.add(own);
  return () => undoings.delete(own);
}

/** Undoes what must be undone and ends the program. */
export function leave(code: number): never {
  for (const undo of [...undoings].reverse()) {
    try {
      undo(code);
    } catch {
      // The next one still has to run, and nobody is left to tell.
    }
  }
  Deno.exit(code);
}

/** Makes Ctrl-C and, where the system has them, SIGTERM and SIGHUP leave by the same door. */
export function leaveOnSignals(): void {
  Deno.addSignalListener("SIGINT", () => leave(EXIT.interrupted));
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGTERM", () => leave(EXIT.terminated));
  Deno.addSignalListener("SIGHUP", () => leave(EXIT.hangup));
}
