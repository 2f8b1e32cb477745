/**
 * The name of a file's type, for a person: by what the file begins with, which is what counts, or else by its name.
 */

/** How much of a file is looked at, bytes: an SVG may begin with comments. */
const LOOKED_AT = 1024;

/** Types and what their files begin with, `?` for any character. */
const STARTS: readonly [type: string, start: string][] = [
  ["webp", "RIFF????WEBP"],
  ["avif", "????ftypavif"],
  ["heif", "????ftypheic"],
  ["heif", "????ftypmif1"],
  ["jxl", "\xff\x0a"],
  ["jxl", "\0\0\0\x0cJXL "],
  ["jpeg 2000", "\0\0\0\x0cjP  "],
  ["jpeg", "\xff\xd8\xff"],
  ["png", "\x89PNG"],
  ["gif", "GIF8"],
  ["bigtiff", "II+\0"],
  ["bigtiff", "MM\0+"],
  ["tiff", "II*\0"],
  ["tiff", "MM\0*"],
  ["bmp", "BM????\0\0\0\0"],
  ["ico", "\0\0\x01\0"],
  ["pdf", "%PDF"],
];

/** Endings that promise a type that would have been drawn. */
const PROMISES = /^(jpe?g|png|gif|tiff?)$/i;

/**
 * Names the type of a file that was not drawn.
 *
 * @param path where the file is
 * @param url under which name it came
 * @returns the type, `?` where neither tells
 */
export async function fileType(path: string, url: string): Promise<string> {
  const start = await readStart(path);
  for (const [type, expected] of STARTS) {
    if ([...expected].every((character, i) => character === "?" || character === start[i])) {
      return type;
    }
  }
  if (/^[^\0]*<svg\b/.test(start)) return "svg";
  const extension = /\.([^./\\]+)$/.exec(url)?.[1] ?? "?";
  return PROMISES.test(extension) ? "?" : extension;
}

/** The first bytes, a character each. */
async function readStart(path: string): Promise<string> {
  try {
    using file = await Deno.open(path);
    const into = new Uint8Array(LOOKED_AT);
    const count = await file.read(into) ?? 0;
    return Array.from(into.subarray(0, count), (byte) => String.fromCharCode(byte)).join("");
  } catch {
    return "";
  }
}
