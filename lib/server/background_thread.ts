/** The priority of threads whose work can wait. */
import { getPriority, setPriority } from "node:os";

/**
 * The niceness of such a thread: beside another that wants the processor, it gets a quarter. At 10
 * it would get a tenth, too little on a busy machine to end an image in time.
 */
const BACKGROUND_NICENESS = 5;

/**
 * Lowers the priority of the calling thread, and of those that it starts, so that the thread that
 * serves finds a processor at once. Only on Linux, where threads have priorities of their own;
 * elsewhere it would be that of the whole process.
 */
export function runInBackground(): void {
  if (Deno.build.os !== "linux") return;
  try {
    // It may be lower already.
    setPriority(0, Math.max(getPriority(), BACKGROUND_NICENESS));
  } catch {
    // The permission for it is missing.
  }
}
