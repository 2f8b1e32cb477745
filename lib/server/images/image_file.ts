/** One image on disk: which file a name means, what it holds, and reading it without surprises. */
import { createHash } from "node:crypto";
import { join, relative, SEPARATOR } from "@std/path";
import { type BodySource, CachedBody } from "../../http/mod.ts";
import { imageMediaType } from "./image_name.ts";

/** What tells a file, and one state of its content, from another. */
export interface FileState {
  readonly dev: number | null;
  readonly ino: number | null;
  readonly size: number;
  /** Last change of the content, milliseconds since 1970. */
  readonly mtime: number;
  /** Last change of content, name or attributes, milliseconds; 0 if the system does not have it. */
  readonly ctime: number;
}

/** What `Deno.stat` says, as far as it matters here. */
export function fileState(info: Deno.FileInfo): FileState {
  const { dev, ino, size, mtime, ctime } = info;
  return { dev, ino, size, mtime: mtime?.getTime() ?? 0, ctime: ctime?.getTime() ?? 0 };
}

/** Whether two looks at a path saw the same file with the same content. */
export function sameState(a: FileState, b: FileState): boolean {
  // Anybody can set the mtime back, nobody the ctime.
  return a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.ino === b.ino &&
    a.dev === b.dev;
}

/** The image is there but cannot be read right now; a little later it may be. */
export class ImageUnavailable extends Error {
  override readonly name = "ImageUnavailable";
}

/** The file did not stay the same while it was read: somebody is writing it. */
function changed(): ImageUnavailable {
  return new ImageUnavailable("the file changed while it was read");
}

/**
 * Opens the image `name` of `directory`, or resolves with null where there is no such image: the name
 * is not one, nothing is there, it is no regular file, or a symbolic link leads out of the directory or
 * to something that is no image itself.
 *
 * What the path is must be known before it is opened, because opening a FIFO waits for a writer and
 * opening a device can do anything. What was opened must be looked at again, because somebody may have
 * put a link into the path meanwhile.
 *
 * @throws ImageUnavailable where the path changes meanwhile, or no descriptor is left
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
    if (saysNothingThere(error)) return null;
    if (isShortOfDescriptors(error)) {
      throw new ImageUnavailable("too many files are open", { cause: error });
    }
    throw error;
  }
}

/** How often the path of an open file is looked at again. */
const LOOKS = 8;

/**
 * Whether `path` is free of links and leads to this very file. Only the two together say that the file
 * is there, and there is no call that says both at once: who wants to slip in a file from elsewhere
 * has to swap a link in and out between each two of these looks, a microsecond apart.
 */
function isStill(path: string, opened: Deno.FileInfo): boolean {
  for (let look = 0; look < LOOKS; look++) {
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

/** Whether the error says that there is nothing to read here, rather than that reading failed. */
function saysNothingThere(error: unknown): boolean {
  if (
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop || error instanceof Deno.errors.IsADirectory ||
    error instanceof TypeError
  ) return true;
  // The rest has no class of its own: a name or path that is too long, or not valid on this system.
  const code = (error as { code?: string }).code;
  return code === "ENAMETOOLONG" || code === "EINVAL" || code === "EILSEQ" || code === "ENOTDIR" ||
    code === "ELOOP";
}

/** How much is read and hashed at once: small enough that other requests hardly notice. */
const HASH_STEP = 128 * 1024;

/**
 * Reads the whole file and makes its strong entity tag, the SHA-256 of the content in hex and quotes.
 * The event loop is free between steps.
 *
 * @param keep whether to return the content too
 * @throws ImageUnavailable where the content is not what `state` says, or did not stay so
 */
export async function readImage(
  file: Deno.FsFile,
  state: FileState,
  keep: boolean,
): Promise<{ etag: string; content: CachedBody | null }> {
  const content = keep ? new CachedBody(state.size) : null;
  const step = new Uint8Array(Math.min(HASH_STEP, state.size + 1));
  const hash = createHash("sha256");
  let length = 0;
  for (;;) {
    const count = await file.read(step);
    if (count === null) break;
    if (length + count > state.size) throw changed();
    const bytes = step.subarray(0, count);
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
 * The bytes `start` up to `end` of an open file as the content of a response; closes the file at the end.
 *
 * The last piece is handed out only if the file is still in `state`. Otherwise reading fails, so that
 * the connection is cut and the client sees an incomplete message, not a mixture of two states under
 * one entity tag.
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
