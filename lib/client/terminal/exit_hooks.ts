/**
 * Cleanup when a signal ends the program: it leaves no terminal without echo, no hidden cursor and
 * no half-written file.
 */
import { EXIT } from "../failure.ts";

const cleanups = new Set<(code: number) => void>();

/**
 * Registers a function to call when a signal ends the program; the last one registered runs first.
 *
 * @param cleanup synchronous; receives the exit code
 * @returns a function that takes the registration back
 */
export function onExit(cleanup: (code: number) => void): () => void {
  const own = (code: number) => cleanup(code);
  cleanups.add(own);
  return () => cleanups.delete(own);
}

/** Runs the registered cleanups and ends the program. */
export function exit(code: number): never {
  runCleanups(code);
  Deno.exit(code);
}

function runCleanups(code: number): void {
  for (const cleanup of [...cleanups].reverse()) {
    try {
      cleanup(code);
    } catch {
      // The next one still has to run.
    }
  }
}

/** Makes Ctrl-C and, where the system has them, SIGTERM and SIGHUP end the program by `exit`. */
export function exitOnSignals(): void {
  Deno.addSignalListener("SIGINT", () => exit(EXIT.interrupted));
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGTERM", () => exit(EXIT.terminated));
  Deno.addSignalListener("SIGHUP", () => exit(EXIT.hangup));
}
