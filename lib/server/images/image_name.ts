/**
 * Which names are images at all: the answer is found in the name alone, before any file is touched.
 * The rules are the same on every platform, so that a directory means the same wherever it is served.
 */

/** Longest name in UTF-16 units; far below any system's path limit, far above any sane name. */
export const LONGEST_IMAGE_NAME = 1024;

/**
 * The types served, by file extension. SVG is left out on purpose: it is a document that can carry
 * scripts, and would run them with this server's cookies.
 */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["png", "image/png"],
  ["gif", "image/gif"],
  ["tif", "image/tiff"],
  ["tiff", "image/tiff"],
  ["webp", "image/webp"],
  ["avif", "image/avif"],
  ["heic", "image/heic"],
  ["jxl", "image/jxl"],
  ["bmp", "image/bmp"],
  ["ico", "image/vnd.microsoft.icon"],
]);

/** Devices on Windows, with any extension: `con.jpg` opens the console there. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

/**
 * Controls; the backslash, which is a separator on Windows; the colon, which names drives and streams
 * there; and the rest of what Windows has reserved.
 */
// deno-lint-ignore no-control-regex
const UNSAFE_CHARACTER = /[\u0000-\u001f\u007f\\:*?"<>|]/;

/** Whether one segment of a name may be looked up. */
function isSafeSegment(segment: string): boolean {
  return segment !== "" &&
    !segment.startsWith(".") && // ".", ".." and hidden files
    !segment.endsWith(".") && !segment.endsWith(" ") && // Windows drops these: another name, same file
    !WINDOWS_DEVICE.test(segment);
}

/**
 * Whether `path` may be looked up within the images directory: a relative path with `/` between its
 * segments, free of everything that could lead elsewhere.
 */
export function isSafePath(path: string): boolean {
  return path.length <= LONGEST_IMAGE_NAME && !UNSAFE_CHARACTER.test(path) &&
    path.isWellFormed() && path.split("/").every(isSafeSegment);
}

/**
 * The media type of the image called `name`, or null where no image can have that name: it must be a
 * relative path with `/` between its segments, free of everything that could lead elsewhere.
 *
 * @param name as the client sent it, percent-encoding already decoded by whoever knows of it
 */
export function imageMediaType(name: string): string | null {
  if (!isSafePath(name)) return null;
  return typeOfExtension(name.slice(name.lastIndexOf("/") + 1));
}

/** Whether a file's name ends as an image's does, whether or not it may be served. */
export function hasImageExtension(file: string): boolean {
  return typeOfExtension(file) !== null;
}

function typeOfExtension(file: string): string | null {
  const dot = file.lastIndexOf(".");
  return dot < 0 ? null : MEDIA_TYPES.get(file.slice(dot + 1).toLowerCase()) ?? null;
}
