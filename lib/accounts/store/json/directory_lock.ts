/**
 * One server to a data directory.
 */
import { join } from "@std/path";
import type { FileSystem, OpenFile } from "../atomic_file.ts";
import { StoreInUse } from "../store.ts";

/** How long to wait for a predecessor that is just ending, milliseconds. */
const LOCK_WAIT_MS = 500;

/** What version 1.0.0 locks: the two versions must not run on one directory either. */
const LOCK_FILE = "users.json.lock";

/** A lock that is held. */
export interface DirectoryLock {
  /** Gives the lock up. */
  close(): void;
}

/**
 * Takes the exclusive lock (flock) on the directory itself, which nobody removes while it is in use: on
 * a file, the lock would be lost with its name. Where a directory cannot be locked, the lock file alone
 * counts: on Windows, where an open file cannot be removed, and on network file systems (NFS), which
 * need a file that is open for writing. The system gives the locks up when the process ends, however it
 * ends; the empty lock file stays.
 *
 * If a lock is taken, a thread goes on waiting for it until the process ends: this runtime cannot only
 * try. So a program that gets `StoreInUse` must end with `Deno.exit`.
 *
 * @param directory an existing directory, by whatever path
 * @param withFile whether to take the lock file too: not in a directory that is only a link's target
 * @throws StoreInUse if another process has it
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
      const file = await fs.open(path, { read: true, write: true, create: true, mode: 0o600 });
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
  // Should the lock come after all, it is nobody's.
  locked.then(() => file.close(), () => file.close());
  throw new StoreInUse(
    `another server, or a user command, is using the data directory ${directory}`,
  );
}
