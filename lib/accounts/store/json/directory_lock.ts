/** The lock that keeps a second server out of a data directory. */
import { join } from "@std/path";
import type { FileSystem, OpenFile } from "../atomic_file.ts";
import { StoreInUse } from "../store.ts";

/** How long to wait for a previous server that is stopping, milliseconds. */
const LOCK_WAIT_MS = 500;

/** The file that version 1.0.0 locks, which must not run on the same directory either. */
const LOCK_FILE = "users.json.lock";

/** A held lock. */
export interface DirectoryLock {
  /** Releases the lock. */
  close(): void;
}

/**
 * Takes the exclusive lock (flock) on a directory. The directory itself is locked, because a lock
 * on a file is lost when somebody removes the file. Only the lock file is locked where directories
 * cannot be: on Windows, where an open file cannot be removed, and on network file systems (NFS),
 * which lock only files open for writing. The system releases the locks when the process ends; the
 * empty lock file remains.
 *
 * If another process holds the lock, a thread waits for it until this process ends, because the
 * runtime has no non-blocking lock. So a program that gets `StoreInUse` must end with `Deno.exit`.
 *
 * @param directory an existing directory
 * @param withFile whether to take the lock file too; false for a directory that only a link leads
 * to
 * @throws {StoreInUse} if another process holds the lock
 * @throws the error of the file system
 */
export async function lockDirectory(
  fs: FileSystem,
  directory: string,
  withFile = true,
): Promise<DirectoryLock> {
  const held: OpenFile[] = [];
  const close = () => held.splice(0).forEach((file) => file.close());
  try {
    if (Deno.build.os !== "windows") {
      const opened = await fs.open(directory, { read: true });
      try {
        held.push(await lock(opened, directory));
      } catch (error) {
        if (error instanceof StoreInUse) throw error;
      }
    }
    if (withFile) {
      const path = join(directory, LOCK_FILE);
      const file = await fs.open(path, { write: true, create: true, mode: 0o600 });
      held.push(await lock(file, directory));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}

async function lock(file: OpenFile, directory: string): Promise<OpenFile> {
  const locked = file.lock(true).then(() => true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), LOCK_WAIT_MS);
  });
  try {
    if (await Promise.race([locked, late])) return file;
  } catch (error) {
    file.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  // Releases the lock if it is acquired later.
  locked.then(() => file.close(), () => file.close());
  throw new StoreInUse(
    `another server, or a user command, is using the data directory ${directory}`,
  );
}
