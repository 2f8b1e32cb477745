/**
 * The name of a file's type, for a person: by what the file begins with, which is what counts, or else by its name.
 */

/** How much of a file is looked at, bytes: an SVG may begin with comments. */
const LOOKED_AT = 1024;

/** Types that are never drawn and what their files begin with, `?` for any character. */
const STARTS: readonly [type: string, start: string][] = [
  ["webp", "RIFF????WEBP"],
  ["avif", "????ftypavif"],
  ["heif", "????ftypheic"],
  ["heif", "????ftypmif1"],
  ["jxl", "\xff\x0a"],
  ["jxl", "\0\0\0\x0cJXL "],
  ["jpeg 2000", "\0\0\0\x0cjP  "],
  ["bigtiff", "II+\0"],
  ["bigtiff", "MM\0+"],
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
  const bytes = await readStart(path);
  // Of the types that are drawn, too, there are kinds that are not.
  const { typeOf } = await import("../../picture/mod.ts");
  const known = typeOf(bytes);
  if (known !== null) return known;
  const start = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  for (const [type, expected] of STARTS) {
    if ([...expected].every((character, i) => character === "?" || character === start[i])) {
      return type;
    }
  }
  if (/^[^\0]*<svg\b/.test(start)) return "svg";
  const extension = /\.([^./\\]+)$/.exec(url)?.[1] ?? "?";
  return PROMISES.test(extension) ? "?" : extension;
}

/** The first bytes; none where they cannot be read. */
async function readStart(path: string): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const into = new Uint8Array(LOOKED_AT);
    return into.subarray(0, await file.read(into) ?? 0);
  } catch {
    return new Uint8Array(0);
  }
}
