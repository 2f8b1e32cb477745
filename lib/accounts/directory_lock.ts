/**
 * One server to a data directory.
 */
import type { FileSystem, OpenFile } from "./durable_file.ts";
import { StoreUnusable } from "./store.ts";

/** How long to wait for a predecessor that is just ending, milliseconds. */
const LOCK_WAIT_MS = 500;

/**
 * Takes the exclusive lock (flock) on a file of its own: `users.json` itself is replaced by
 * renames, which a lock on it would not survive. The system gives the lock up when the process
 * ends, however it ends; the empty file stays.
 *
 * Where the lock is taken, a thread goes on waiting for it until the process ends: this runtime
 * cannot only try. So a program that gets `StoreUnusable` must end with `Deno.exit`.
 *
 * @param path the lock file, made where it is missing
 * @returns the open file; closing it gives the lock up
 * @throws StoreUnusable where another process has it
 */
export async function lockDirectory(fs: FileSystem, path: string): Promise<OpenFile> {
  const file = await fs.open(path, { read: true, write: true, create: true, mode: 0o600 });
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
  throw new StoreUnusable(
    `another server, or a user command, is using this data directory (it holds the lock ${path})`,
  );
}
