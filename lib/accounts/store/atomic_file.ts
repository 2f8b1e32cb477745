/**
 * Durable replacement of files: written whole, synced, and put in place by a rename.
 */
import { dirname } from "@std/path";

/** What the store does with an open file. */
export type OpenFile = Pick<
  Deno.FsFile,
  "write" | "sync" | "syncData" | "truncate" | "seek" | "lock" | "close"
>;

/**
 * The calls on files that the store makes. `Deno` itself has them; a test may pass a disk that
 * fails or forgets.
 */
export interface FileSystem extends
  Pick<
    typeof Deno,
    "rename" | "remove" | "readDir" | "readFile" | "stat" | "realPath" | "mkdir" | "chmod" | "chown"
  > {
  open(path: string, options: Deno.OpenOptions): Promise<OpenFile>;
}

/** Writes all of `bytes`: a single write may stop short. */
export async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/**
 * Makes the names in a directory durable: a new or renamed file survives a power cut only once its
 * directory is synced. Windows has no such call and needs none.
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
 * Replaces a file: at every instant it is either the old or the new one, whole. On failure the old
 * one is untouched and the room that the new one took is free again. Mode 0600, the owner as
 * before. A file that cannot be replaced, because it is a mount of its own, is overwritten instead; see
 * `overwriteFile`.
 *
 * @param path the file; beside it, `path.tmp` is used, so only one writer may do this at a time
 * @param chunks the new content, in pieces; other work goes on between two of them
 * @returns how many bytes it now has
 * @throws what the file system throws
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

/** Renames a whole and synced file over `path`, or copies it there if that is a mount of its own. */
async function putInPlace(fs: FileSystem, temporary: string, path: string): Promise<void> {
  const copied = `${path}.new`;
  // An earlier copy that failed would be taken for a newer one, should it outlive this.
  const hasFailedCopy = await fs.stat(copied).then(() => true, () => false);
  if (hasFailedCopy) await fs.rename(temporary, copied);
  try {
    await fs.rename(hasFailedCopy ? copied : temporary, path);
    return;
  } catch (error) {
    if (!isIrreplaceable(error)) throw error;
  }
  if (!hasFailedCopy) {
    // If it cannot be written at all, it had better fail now, while the file is still the old one.
    (await fs.open(path, { write: true })).close();
    await fs.rename(temporary, copied);
  }
  await syncDirectory(fs, dirname(path));
  await overwriteFile(fs, path);
}

/**
 * Whether a file cannot be replaced by a rename at all: it is a mount of its own, as when one file is
 * bind-mounted into a container.
 */
function isIrreplaceable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "EBUSY" || code === "EXDEV";
}

/**
 * Copies `path.new`, a whole and synced file, over the content of `path`, and removes it once that is
 * synced. A crash in between leaves `path.new`; doing this again before `path` is read repairs it.
 *
 * @returns whether there was such a file
 * @throws what the file system throws; then `path.new` is still there
 */
export async function overwriteFile(fs: FileSystem, path: string): Promise<boolean> {
  let content: Uint8Array;
  try {
    content = await fs.readFile(`${path}.new`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
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
  return true;
}

/**
 * Takes a secret file away from everybody but its owner (mode 0600).
 *
 * @returns whether others could read or write it before
 */
export async function restrictFile(fs: FileSystem, path: string): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  const { mode } = await fs.stat(path);
  if (((mode ?? 0) & 0o077) === 0) return false;
  await fs.chmod(path, 0o600);
  return true;
}

/**
 * An administrator who works as root must not leave files that the server's own user cannot read.
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
