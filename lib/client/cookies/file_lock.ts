/**
 * Changing a small file that other processes change as well.
 */
import { dirname } from "@std/path";

/**
 * Calls `change` while no other process is in here for the same file, so that what `change` reads is what
 * it replaces. The lock (flock) is on the file itself and ends with the process, however that ends.
 *
 * @param path the file; made where it is missing, empty, mode 0600. `change` may rename another over it
 * @throws what the file system throws, and what `change` throws
 */
export function whileLocked<Result>(path: string, change: () => Result): Result {
  // There, a lock would keep others from reading, too, and an open file from being replaced.
  if (Deno.build.os === "windows") return change();
  Deno.mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    using file = openOrMake(path);
    lock(file);
    // Whoever had it before may have put another file into its place. Then that is the one to lock.
    if (isStillAt(path, file)) return change();
  }
}

/** Reading is all that a lock needs, and a file may be read-only. */
function openOrMake(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  }
}

function lock(file: Deno.FsFile): void {
  try {
    file.lockSync(true);
  } catch {
    // A file system without locks: what two processes do at the same moment is left to luck there.
  }
}

function isStillAt(path: string, file: Deno.FsFile): boolean {
  try {
    const [there, here] = [Deno.statSync(path), file.statSync()];
    return there.ino === here.ino && there.dev === here.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
