/** Opens and reads one image file safely: no links that lead out, no devices, no mixed content. */
import { createHash } from "node:crypto";
import { join, relative, SEPARATOR } from "@std/path";
import { type BodySource, CachedBody } from "../../http/mod.ts";
import { imageMediaType } from "./image_name.ts";

/** Identifies a file and one state of its content. */
export interface FileState {
  readonly dev: number | null;
  readonly ino: number | null;
  readonly size: number;
  /** Last change of the content, milliseconds since 1970. */
  readonly mtime: number;
  /** Last change of content, name or attributes, milliseconds; 0 if the system has no such time. */
  readonly ctime: number;
}

/** Returns the state that `Deno.stat` reports. */
export function fileState(info: Deno.FileInfo): FileState {
  const { dev, ino, size, mtime, ctime } = info;
  return { dev, ino, size, mtime: mtime?.getTime() ?? 0, ctime: ctime?.getTime() ?? 0 };
}

/** Returns whether two states are of the same file with the same content. */
export function sameState(a: FileState, b: FileState): boolean {
  // Anybody can set the mtime back, but not the ctime.
  return a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.ino === b.ino &&
    a.dev === b.dev;
}

/** The image exists but cannot be read now; a retry may succeed. */
export class ImageUnavailable extends Error {
  override readonly name = "ImageUnavailable";
}

/** Returns the error for a file that somebody writes while it is read. */
function changed(): ImageUnavailable {
  return new ImageUnavailable("the file changed while it was read");
}

/**
 * Opens an image. Resolves with null if there is no such image: the name is not an image's, the
 * file does not exist or is not a regular file, or a symbolic link leads out of the directory or to
 * a file that is not an image.
 *
 * The path is checked before it is opened, because opening a FIFO waits for a writer and opening a
 * device can do anything. The open file is checked again, because somebody may have put a link into
 * the path in between.
 *
 * @param directory the images directory
 * @param name path within it, with `/` between segments
 * @throws {ImageUnavailable} if the path changes in between, or too many files are open
 */
export async function openImage(
  directory: string,
  name: string,
): Promise<{ file: Deno.FsFile; state: FileState } | null> {
  if (imageMediaType(name) === null) return null;
  let file: Deno.FsFile | undefined;
  try {
    const root = await Deno.realPath(directory);
    const path = await Deno.realPath(join(root, name));
    const within = relative(root, path).replaceAll(SEPARATOR, "/");
    if (imageMediaType(within) === null) return null;
    if (!(await Deno.lstat(path)).isFile) return null;
    file = await Deno.open(path);
    const opened = await file.stat();
    if (!opened.isFile || !isStill(path, opened)) throw changed();
    return { file, state: fileState(opened) };
  } catch (error) {
    file?.close();
    if (isNotFound(error)) return null;
    if (isShortOfDescriptors(error)) {
      throw new ImageUnavailable("too many files are open", { cause: error });
    }
    throw error;
  }
}

/** How often the path of an open file is checked again. */
const PATH_CHECKS = 8;

/**
 * Returns whether `path` contains no links and leads to the open file. No system call checks both
 * at once, so the checks are repeated: an attacker would have to swap a link in and out between
 * each two of them, a microsecond apart.
 */
function isStill(path: string, opened: Deno.FileInfo): boolean {
  for (let check = 0; check < PATH_CHECKS; check++) {
    if (Deno.realPathSync(path) !== path) return false;
    const { ino, dev } = Deno.lstatSync(path);
    if (ino !== opened.ino || dev !== opened.dev) return false;
  }
  return true;
}

function isShortOfDescriptors(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return code === "EMFILE" || code === "ENFILE";
}

/** Returns whether an error means that there is no such file, rather than that reading failed. */
function isNotFound(error: unknown): boolean {
  if (
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop || error instanceof Deno.errors.IsADirectory ||
    error instanceof TypeError
  ) return true;
  // These have no class of their own: a path that is too long or not valid on this system.
  const code = (error as { code?: string }).code;
  return code === "ENAMETOOLONG" || code === "EINVAL" || code === "EILSEQ" || code === "ENOTDIR" ||
    code === "ELOOP";
}

/** Bytes read and hashed at once: few enough that other requests are not delayed. */
const HASH_CHUNK_BYTES = 128 * 1024;

/**
 * Reads the whole file and computes its strong entity tag: the SHA-256 of the content in
 * hexadecimal. Other requests are served between chunks.
 *
 * @param state the state of the file when it was opened
 * @param keep whether to return the content, too
 * @throws {ImageUnavailable} if the file changes while it is read
 */
export async function readImage(
  file: Deno.FsFile,
  state: FileState,
  keep: boolean,
): Promise<{ etag: string; content: CachedBody | null }> {
  const content = keep ? new CachedBody(state.size) : null;
  const chunk = new Uint8Array(Math.min(HASH_CHUNK_BYTES, state.size + 1));
  const hash = createHash("sha256");
  let length = 0;
  for (;;) {
    const count = await file.read(chunk);
    if (count === null) break;
    if (length + count > state.size) throw changed();
    const bytes = chunk.subarray(0, count);
    hash.update(bytes);
    content?.bytes.set(bytes, length);
    length += count;
  }
  if (length !== state.size || !sameState(fileState(await file.stat()), state)) {
    throw changed();
  }
  return { etag: `"${hash.digest("hex")}"`, content };
}

/**
 * Returns a range of an open file as the body of a response, which closes the file.
 *
 * The last chunk is returned only if the file is still in `state`. Otherwise reading fails, the
 * connection is aborted, and the client sees an incomplete message instead of a mixture of two
 * states under one entity tag.
 *
 * @param start first byte
 * @param end end of the range, exclusive
 */
export async function fileContent(
  file: Deno.FsFile,
  state: FileState,
  start: number,
  end: number,
): Promise<BodySource> {
  await file.seek(start, Deno.SeekMode.Start);
  let left = end - start;
  return {
    length: left,
    async read(into) {
      if (left === 0) return null;
      const count = await file.read(left < into.length ? into.subarray(0, left) : into);
      if (count === null) throw changed();
      left -= count;
      if (left === 0 && !sameState(fileState(await file.stat()), state)) throw changed();
      return count;
    },
    close: () => file.close(),
  };
}
