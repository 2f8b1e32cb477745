/**
 * The type of an image that cannot be drawn, by the start of the file or else by its name.
 */

/** Bytes of a file that are looked at: an SVG may begin with comments. */
const LOOKED_AT = 1024;

/** Types that are never drawn, and how their files start; `?` is any byte. */
const STARTS: readonly [type: string, start: string][] = [
  ["jxl", "\xff\x0a"],
  ["jxl", "\0\0\0\x0cJXL "],
  ["jpeg 2000", "\0\0\0\x0cjP  "],
  ["ico", "\0\0\x01\0"],
  ["pdf", "%PDF"],
];

/** Matches an extension of a type that can be drawn. */
const DRAWN_EXTENSION = /^(jpe?g|a?png|gif|tiff?|webp|avif|hei[cf]|bmp)$/i;

/**
 * Returns the type of a file that was not drawn, for people.
 *
 * @param path the file
 * @param url the name of the image
 * @returns the type, `?` if it is unknown
 */
export async function fileType(path: string, url: string): Promise<string> {
  const bytes = await readStart(path);
  // Types that can be drawn have variants that cannot.
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
  return DRAWN_EXTENSION.test(extension) ? "?" : extension;
}

/** Returns the first bytes; none if they cannot be read. */
async function readStart(path: string): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const into = new Uint8Array(LOOKED_AT);
    return into.subarray(0, await file.read(into) ?? 0);
  } catch {
    return new Uint8Array(0);
  }
}
