/**
 * How a format is told by its first bytes, and how much of a file its header takes.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { identify, type PictureError } from "../../../lib/picture/mod.ts";
import { checkedHeader, type PictureType, typeOf } from "../../../lib/picture/formats/identify.ts";
import { fixture } from "../support/pictures.ts";

/** A file of each format, and where the bytes are that tell it. */
const SIGNATURES: Record<string, [type: PictureType, places: number[]]> = {
  "baseline.jpg": ["jpeg", [0, 1, 2]],
  "rgb8.png": ["png", [0, 1, 2, 3, 4, 5, 6, 7]],
  "interlaced.gif": ["gif", [0, 1, 2, 3, 4]],
  "rgb.tif": ["tiff", [0, 1, 2, 3]],
  "big_endian.tif": ["tiff", [0, 1, 2, 3]],
  "bigtiff.tif": ["tiff", [0, 1, 2, 3]],
  "lossy.webp": ["webp", [0, 1, 2, 3, 8, 9, 10, 11]],
  "plain.avif": ["avif", [4, 5, 6, 7]],
  "plain.heic": ["heif", [4, 5, 6, 7]],
};

Deno.test("every byte of a signature is compared", async () => {
  for (const [name, [type, places]] of Object.entries(SIGNATURES)) {
    const bytes = await fixture(name);
    assertEquals(typeOf(bytes), type, name);
    for (const at of places) {
      // Neighbours, except that 42 and 43 are the versions of TIFF and BigTIFF.
      for (const by of type === "tiff" ? [2, -2] : [1, -1]) {
        const odd = bytes.slice();
        odd[at] += by;
        assertEquals(typeOf(odd), null, `${name}, byte ${at}`);
      }
    }
  }
});

Deno.test("both versions of GIF and both byte orders of TIFF and BigTIFF are recognized", () => {
  const text = (start: string) => new TextEncoder().encode(start.padEnd(20, "\0"));
  assertEquals([typeOf(text("GIF87a")), typeOf(text("GIF89a"))], ["gif", "gif"]);
  for (const start of ["II*\0", "MM\0*", "II+\0", "MM\0+"]) {
    assertEquals(typeOf(text(start)), "tiff");
  }
});

Deno.test("a BMP is recognized by the length of its second header", () => {
  const bmp = new Uint8Array(18);
  bmp.set([0x42, 0x4d]);
  const known = [...Array(200).keys()].filter((length) => {
    bmp[14] = length;
    return typeOf(bmp) === "bmp";
  });
  assertEquals(known, [12, 16, 40, 52, 56, 64, 108, 124]);
  bmp[14] = 40;
  assertEquals(typeOf(bmp.subarray(0, 17)), null);
  for (const at of [0, 1]) {
    for (const by of [1, -1]) {
      const odd = bmp.slice();
      odd[at] += by;
      assertEquals(typeOf(odd), null);
    }
  }
});

/** A box of a HEIF file that names its brands: the major one, a version, and compatible ones. */
function ftyp(...brands: string[]): Uint8Array {
  const text = brands.join("");
  return new TextEncoder().encode(
    `\0\0\0${String.fromCharCode(8 + text.length)}ftyp${text}`,
  );
}

Deno.test("a HEIF and an AVIF are recognized by any of their brands, but not by a version", () => {
  assertEquals(typeOf(ftyp("avif", "\0\0\0\0")), "avif");
  assertEquals(typeOf(ftyp("avif", "\0\0\0\0").subarray(0, 15)), null);
  assertEquals(typeOf(ftyp("mif1", "\0\0\0\0", "miaf", "avis")), "avif");
  assertEquals(typeOf(ftyp("mif1", "avif", "miaf")), "heif");
  assertEquals(typeOf(ftyp("miaf", "mif1", "none")), null);
  assertEquals(typeOf(ftyp("none", "\0\0\0\0", "heic")), "heif");
  for (const brand of ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif2"]) {
    assertEquals(typeOf(ftyp(brand, "\0\0\0\0")), "heif");
  }
  // What follows the box is not looked at, nor what is beyond the first 256 bytes.
  const short = ftyp("none", "\0\0\0\0", "heic");
  short[3] -= 4;
  assertEquals(typeOf(short), null);
  assertEquals(
    typeOf(ftyp("none", "\0\0\0\0", ..."x".repeat(59).split("").map(() => "none"))),
    null,
  );
});

Deno.test("a picture has pixels, up to 100 million of them and a million a side", async () => {
  const png = await fixture("rgb8.png");
  const sized = (width: number, height: number) => {
    const bytes = png.slice();
    new DataView(bytes.buffer).setUint32(16, width);
    new DataView(bytes.buffer).setUint32(20, height);
    return bytes;
  };
  const problem = (bytes: Uint8Array) => {
    try {
      checkedHeader(bytes);
      return null;
    } catch (error) {
      return (error as PictureError).code;
    }
  };
  for (const [width, height] of [[10_000, 10_000], [1_000_000, 1], [1, 1_000_000]]) {
    assertEquals(problem(sized(width, height)), null);
  }
  for (const [width, height] of [[10_001, 10_000], [1_000_001, 1], [1, 1_000_001]]) {
    assertEquals(problem(sized(width, height)), "too-large");
  }
  for (const [width, height] of [[0, 1], [1, 0]]) {
    assertEquals(identify(sized(width, height)), null);
    assertEquals(problem(sized(width, height)), "damaged");
  }
  assertEquals(problem(png.subarray(0, 20)), "damaged");
});

/** Bytes that the header takes of files whose first bytes it is. */
const HEADER_BYTES = {
  "rgb8.png": 29,
  "interlaced.gif": 13,
  "lossy.webp": 30,
  "lossless.webp": 30,
  "alpha.webp": 30,
};

Deno.test("a header is read as soon as it is there, and not before", async () => {
  for (const [name, length] of Object.entries(HEADER_BYTES)) {
    const bytes = await fixture(name);
    assertEquals(identify(bytes.subarray(0, length - 1)), null, name);
    assertEquals(identify(bytes.subarray(0, length)), identify(bytes), name);
  }
});

Deno.test("more of a file never changes what its header says", async () => {
  for await (const { name } of Deno.readDir(new URL("../fixtures", import.meta.url))) {
    // What turns these follows after their size.
    if (/(avif|heic|webp)$/.test(name)) continue;
    const bytes = await fixture(name);
    const whole = identify(bytes);
    let isKnown = false;
    for (let length = 0; length <= bytes.length; length += length < 1000 ? 1 : 97) {
      const info = identify(bytes.subarray(0, length));
      if (isKnown || info !== null) assertEquals(info, whole, `${name}, ${length} bytes`);
      isKnown = info !== null;
    }
  }
});
