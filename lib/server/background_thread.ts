/** The priority of threads whose work can wait. */
import { getPriority, setPriority } from "node:os";

/**
 * How much nicer such a thread is than the one that serves, beside which it gets a quarter of the
 * processor. With 10 it would get a tenth, too little on a busy machine to end an image in time.
 */
const EXTRA_NICENESS = 5;

/** The lowest priority that there is. */
const MAX_NICENESS = 19;

/**
 * Lowers the priority of the calling thread, and of those that it starts, so that the thread that
 * serves finds a processor at once. Only on Linux, where threads have priorities of their own;
 * elsewhere it would be that of the whole process.
 */
export function runInBackground(): void {
  if (Deno.build.os !== "linux") return;
  try {
    setPriority(0, Math.min(MAX_NICENESS, getPriority() + EXTRA_NICENESS));
  } catch {
    // The permission for it is missing.
  }
}
