/**
 * Decides from a name alone whether it can be an image's, before any file is touched. The rules are
 * the same on every platform, so that a directory is served the same everywhere.
 */

/** Longest name, UTF-16 code units: far below every system's path limit. */
export const MAX_IMAGE_NAME_LENGTH = 1024;

/**
 * The media types, by file extension with its dot. SVG is left out on purpose: it can contain
 * scripts, which would run with this server's cookies.
 */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
  [".png", "image/png"],
  [".gif", "image/gif"],
  [".tif", "image/tiff"],
  [".tiff", "image/tiff"],
  [".webp", "image/webp"],
  [".avif", "image/avif"],
  [".heic", "image/heic"],
  [".jxl", "image/jxl"],
  [".bmp", "image/bmp"],
  [".ico", "image/vnd.microsoft.icon"],
]);

/** Names of Windows devices, with any extension: `con.jpg` opens the console. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

/**
 * Control characters, and what Windows reserves: among others the backslash, which separates
 * segments, and the colon, which names drives and streams.
 */
// deno-lint-ignore no-control-regex
const UNSAFE_CHARACTER = /[\u0000-\u001f\u007f\\:*?"<>|]/;

/** Returns whether a path may contain this segment. */
function isSafeSegment(segment: string): boolean {
  return segment !== "" &&
    !segment.startsWith(".") && // ".", ".." and hidden files
    !segment.endsWith(".") && !segment.endsWith(" ") && // Windows drops these: two names for one file
    !WINDOWS_DEVICE.test(segment);
}

/**
 * Returns whether a path is safe to look up in the images directory: relative, with `/` between its
 * segments, and without anything that could lead out of the directory.
 */
export function isSafePath(path: string): boolean {
  return path.length <= MAX_IMAGE_NAME_LENGTH && !UNSAFE_CHARACTER.test(path) &&
    path.isWellFormed() && path.split("/").every(isSafeSegment);
}

/**
 * Returns the media type of an image by its name, or null if no image can have that name: the path
 * is not safe, or the extension is not an image's.
 *
 * @param name as the client sent it, without percent-encoding
 */
export function imageMediaType(name: string): string | null {
  return isSafePath(name) ? typeOfExtension(name) : null;
}

/** Whether a file's name ends as an image's does, whether or not it may be served. */
export function hasImageExtension(file: string): boolean {
  return typeOfExtension(file) !== null;
}

function typeOfExtension(file: string): string | null {
  return MEDIA_TYPES.get(file.slice(file.lastIndexOf(".")).toLowerCase()) ?? null;
}
