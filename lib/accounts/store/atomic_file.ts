/** Atomic and durable replacement of files: write a new file, sync it, rename it into place. */
import { dirname } from "@std/path";

/** The operations on an open file that the store uses. */
export type OpenFile = Pick<
  Deno.FsFile,
  "write" | "sync" | "syncData" | "truncate" | "seek" | "lock" | "close"
>;

/**
 * The file system calls that the store makes. `Deno` implements them; tests substitute a disk that
 * fails or loses unsynced writes.
 */
export interface FileSystem extends
  Pick<
    typeof Deno,
    "rename" | "remove" | "readDir" | "readFile" | "stat" | "realPath" | "mkdir" | "chmod" | "chown"
  > {
  /** Opens a file or directory. */
  open(path: string, options: Deno.OpenOptions): Promise<OpenFile>;
}

/** Writes all of `bytes`. A single `write` may write fewer. */
export async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/**
 * Syncs a directory: only then does the name of a new or renamed file survive a power cut. Windows
 * has no such call and needs none.
 */
export async function syncDirectory(fs: FileSystem, path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const directory = await fs.open(path, { read: true });
  try {
    await directory.sync();
  } finally {
    directory.close();
  }
}

/**
 * Writes a file atomically: at every instant the path has either the old or the new content, whole.
 * If that fails, the old file is unchanged and no temporary file is left. The file has mode 0600
 * and keeps its owner. A file that is a mount point cannot be replaced and is overwritten instead;
 * see `overwriteFile`.
 *
 * @param path the file; only one writer at a time, because all use `path.tmp`
 * @param chunks the new content; other work can run between two chunks
 * @returns the new length, bytes
 * @throws the error of the file system
 */
export async function writeFileAtomic(
  fs: FileSystem,
  path: string,
  chunks: Iterable<Uint8Array>,
): Promise<number> {
  const temporary = `${path}.tmp`;
  let length = 0;
  try {
    const file = await fs.open(temporary, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o600,
    });
    try {
      for (const chunk of chunks) {
        await writeAll(file, chunk);
        length += chunk.length;
      }
      await keepOwner(fs, path, temporary);
      await file.sync();
    } finally {
      file.close();
    }
    await putInPlace(fs, temporary, path);
  } catch (error) {
    await fs.remove(temporary).catch(() => {});
    throw error;
  }
  await syncDirectory(fs, dirname(path));
  return length;
}

/** Renames a complete and synced file to `path`, or copies it there if `path` is a mount point. */
async function putInPlace(fs: FileSystem, temporary: string, path: string): Promise<void> {
  const copied = `${path}.new`;
  // Replaces the file of an earlier copy that failed: if it stayed, a later start would restore it.
  const hasFailedCopy = await fs.stat(copied).then(() => true, () => false);
  if (hasFailedCopy) await fs.rename(temporary, copied);
  try {
    await fs.rename(hasFailedCopy ? copied : temporary, path);
    return;
  } catch (error) {
    if (!isIrreplaceable(error)) throw error;
  }
  if (!hasFailedCopy) {
    // If the file cannot be written, this fails before anything has changed.
    (await fs.open(path, { write: true })).close();
    await fs.rename(temporary, copied);
  }
  await syncDirectory(fs, dirname(path));
  await overwriteFile(fs, path);
}

/** Whether a rename failed because its target is a mount point, as a file in a container may be. */
function isIrreplaceable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "EBUSY" || code === "EXDEV";
}

/**
 * Copies `path.new`, a complete and synced file, over `path`, syncs that, and removes `path.new`. A
 * crash in between leaves `path.new`. So call this before `path` is read: it completes the copy.
 * Does nothing if there is no `path.new`.
 *
 * @throws the error of the file system; `path.new` still exists then
 */
export async function overwriteFile(fs: FileSystem, path: string): Promise<void> {
  let content: Uint8Array;
  try {
    content = await fs.readFile(`${path}.new`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const file = await fs.open(path, { write: true });
  try {
    await writeAll(file, content);
    await file.truncate(content.length);
    await file.sync();
  } finally {
    file.close();
  }
  await fs.remove(`${path}.new`);
}

/**
 * Restricts a file to its owner (mode 0600). Does nothing on Windows.
 *
 * @returns whether others had access to it before
 */
export async function restrictFile(fs: FileSystem, path: string): Promise<boolean> {
  const { mode } = await fs.stat(path);
  if (Deno.build.os === "windows" || ((mode ?? 0) & 0o077) === 0) return false;
  await fs.chmod(path, 0o600);
  return true;
}

/**
 * Gives the temporary file the owner of the file that it replaces. An administrator who works as
 * root must not leave files that the server's user cannot read.
 */
async function keepOwner(fs: FileSystem, path: string, temporary: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const [old, made] = await Promise.all([
    fs.stat(path).catch(() => null),
    fs.stat(temporary),
  ]);
  if (old === null || (old.uid === made.uid && old.gid === made.gid)) return;
  await fs.chown(temporary, old.uid, old.gid).catch(() => {});
}
