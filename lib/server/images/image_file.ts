/** Opens one image file safely: no links that lead out, no devices. */
import { join, relative, SEPARATOR } from "@std/path";
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
export function changed(): ImageUnavailable {
  return new ImageUnavailable("the file changed while it was read");
}

/** How often the path of an open file is checked again before its content is sent. */
const PATH_CHECKS = 8;

/** An open image file, and its state when it was opened. */
export interface OpenedImage {
  readonly file: Deno.FsFile;
  readonly state: FileState;
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
export async function openImage(directory: string, name: string): Promise<OpenedImage | null> {
  if (imageMediaType(name) === null) return null;
  let file: Deno.FsFile | undefined;
  try {
    const root = await Deno.realPath(directory);
    const path = await Deno.realPath(join(root, name));
    if (!mayServe(root, path) || !(await Deno.lstat(path)).isFile) return null;
    file = await Deno.open(path);
    return checked(file, path, PATH_CHECKS);
  } catch (error) {
    file?.close();
    return nullIfNotFound(error);
  }
}

/**
 * Opens an image to read its header, at a tenth of the processor time of `openImage`. Blocks its
 * thread, and checks the path of the open file only once: an attacker who swaps a link in and out
 * in time learns the size of a picture, nothing of its content.
 *
 * @throws {ImageUnavailable} as `openImage` does
 */
export function openImageSync(directory: string, name: string): OpenedImage | null {
  if (imageMediaType(name) === null) return null;
  let file: Deno.FsFile | undefined;
  try {
    const root = Deno.realPathSync(directory);
    const path = Deno.realPathSync(join(root, name));
    if (!mayServe(root, path) || !Deno.lstatSync(path).isFile) return null;
    file = Deno.openSync(path);
    return checked(file, path, 1);
  } catch (error) {
    file?.close();
    return nullIfNotFound(error);
  }
}

/** Whether a path without links leads to where an image may be. */
function mayServe(root: string, path: string): boolean {
  return imageMediaType(relative(root, path).replaceAll(SEPARATOR, "/")) !== null;
}

function checked(file: Deno.FsFile, path: string, checks: number): OpenedImage {
  const opened = file.statSync();
  if (!opened.isFile || !isStill(path, opened, checks)) throw changed();
  return { file, state: fileState(opened) };
}

function nullIfNotFound(error: unknown): null {
  if (isNotFound(error)) return null;
  if (OUT_OF_DESCRIPTORS.includes(codeOf(error))) {
    throw new ImageUnavailable("too many files are open", { cause: error });
  }
  throw error;
}

/**
 * Returns whether `path` contains no links and leads to the open file. No system call checks both
 * at once, so the checks are repeated: an attacker would have to swap a link in and out between
 * each two of them, a microsecond apart.
 */
function isStill(path: string, opened: Deno.FileInfo, checks: number): boolean {
  return Array.from({ length: checks }).every(() =>
    Deno.realPathSync(path) === path && identity(Deno.lstatSync(path)) === identity(opened)
  );
}

/** Tells a file from all others that exist at the same time. */
function identity({ dev, ino }: Deno.FileInfo): string {
  return `${dev} ${ino}`;
}

/** Codes of errors that say that this process or the system has too many files open. */
const OUT_OF_DESCRIPTORS: readonly unknown[] = ["EMFILE", "ENFILE"];

/** Errors that say that there is no such file, rather than that reading failed. */
const NOT_FOUND = [
  Deno.errors.NotFound,
  Deno.errors.PermissionDenied,
  Deno.errors.NotCapable,
  Deno.errors.NotADirectory,
  Deno.errors.FilesystemLoop,
  Deno.errors.IsADirectory,
  TypeError,
];

/** Codes of such errors without a class: a path too long, or not valid on this system. */
const NOT_FOUND_CODES: readonly unknown[] = [
  "ENAMETOOLONG",
  "EINVAL",
  "EILSEQ",
  "ENOTDIR",
  "ELOOP",
];

function isNotFound(error: unknown): boolean {
  return NOT_FOUND.some((type) => error instanceof type) ||
    NOT_FOUND_CODES.includes(codeOf(error));
}

function codeOf(error: unknown): unknown {
  return (error as { code?: string }).code;
}
