/**
 * A lock for a small file that several processes change.
 */
import { dirname } from "@std/path";

/**
 * Calls `change` while this process holds the lock of the file, so that what `change` reads is what
 * it replaces. The lock (flock) is on the file itself and ends with the process.
 *
 * @param path the file; created empty with mode 0600 if it is missing. `change` may rename another
 * over it
 * @throws what the file system throws, and what `change` throws
 */
export function withFileLock<Result>(path: string, change: () => Result): Result {
  // On Windows, a lock also prevents reading, and an open file cannot be replaced.
  if (Deno.build.os === "windows") return change();
  Deno.mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    using file = openOrCreate(path);
    lock(file);
    // The last holder may have put another file in its place; then that one must be locked.
    if (isStillAt(path, file)) return change();
  }
}

/** Opens the file for reading, which is enough for a lock: it may be read-only. */
function openOrCreate(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return Deno.openSync(path, { write: true, create: true, mode: 0o600 });
  }
}

function lock(file: Deno.FsFile): void {
  try {
    file.lockSync(true);
  } catch {
    // On a file system without locks, two processes that save at once may lose a change.
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
