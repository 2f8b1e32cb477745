/**
 * The boxes of HEIF and AVIF: every version of them, crop, turn, mirror, sequences. The chunks of
 * WebP.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { boxesIn } from "../../../lib/picture/formats/heif/boxes.ts";
import { readAvifHeader, readHeifHeader } from "../../../lib/picture/formats/heif/header.ts";
import { fileOf, readWebpHeader } from "../../../lib/picture/formats/webp/header.ts";

const word = (value: number) => [value >> 8 & 255, value & 255];
const long = (value: number) => [...word(value >>> 16), ...word(value)];
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

function box(type: string, ...content: (readonly number[])[]): number[] {
  const bytes = content.flat();
  return [...long(bytes.length + 8), ...ascii(type), ...bytes];
}

/** How a file is written. */
interface Shape {
  readonly brand?: string;
  /** The number of the primary item. */
  readonly item?: number;
  readonly pitmVersion?: 0 | 1;
  readonly ipmaVersion?: 0 | 1;
  /** Whether the numbers of properties take two bytes. */
  readonly isWide?: boolean;
  /** The properties of the primary item, after its size. */
  readonly properties?: readonly (readonly number[])[];
}

const WIDTH = 64, HEIGHT = 48;

/** A file with two items: the primary one, and a thumbnail of another size that is listed first. */
function fileWith(
  { brand = "avif", item = 7, pitmVersion = 0, ipmaVersion = 0, isWide = false, properties = [] }:
    Shape,
): Uint8Array {
  const size = (width: number, height: number) =>
    box("ispe", [0, 0, 0, 0], long(width), long(height));
  const pitm = box(
    "pitm",
    [pitmVersion, 0, 0, 0],
    pitmVersion === 0 ? word(item) : long(item),
  );
  const ipco = box("ipco", size(16, 12), size(WIDTH, HEIGHT), ...properties);
  const entry = (item: number, numbers: readonly number[]) => [
    ...(ipmaVersion === 0 ? word(item) : long(item)),
    numbers.length,
    // The highest bit says that a property is essential.
    ...numbers.flatMap((number) => isWide ? word(number | 0x8000) : [number | 0x80]),
  ];
  const ipma = box(
    "ipma",
    [ipmaVersion, 0, 0, isWide ? 1 : 0],
    long(2),
    entry(item + 1, [1, 2]),
    entry(item, [2, ...properties.map((_, i) => i + 3)]),
  );
  return Uint8Array.from([
    ...box("ftyp", ascii(brand), [0, 0, 0, 0]),
    ...box("meta", [0, 0, 0, 0], pitm, box("iprp", ipco, ipma)),
  ]);
}

Deno.test("the size is that of the primary item, in every version of the boxes", () => {
  for (const pitmVersion of [0, 1] as const) {
    for (const ipmaVersion of [0, 1] as const) {
      for (const isWide of [false, true]) {
        // A number that needs more than a byte.
        const shape = { item: 700, pitmVersion, ipmaVersion, isWide };
        const avif = readAvifHeader(fileWith(shape))!;
        assertEquals([avif.width, avif.height, avif.orientation], [WIDTH, HEIGHT, 1]);
        const heif = readHeifHeader(fileWith({ ...shape, brand: "heic" }))!;
        assertEquals([heif.width, heif.height, heif.crop], [WIDTH, HEIGHT, null]);
      }
    }
  }
});

Deno.test("a turn and a mirror together are one of the eight orientations", () => {
  const seen: Record<string, number[]> = { none: [], across: [], down: [] };
  for (const [name, mirror] of [["none", null], ["across", 0], ["down", 1]] as const) {
    for (let angle = 0; angle < 4; angle++) {
      const properties = [box("irot", [angle | 0xf0])];
      if (mirror !== null) properties.push(box("imir", [mirror | 0xf0]));
      const avif = readAvifHeader(fileWith({ properties }))!;
      assertEquals([avif.width, avif.height], [WIDTH, HEIGHT]);
      seen[name].push(avif.orientation);
      // A HEIF is turned by its codec.
      const heif = readHeifHeader(fileWith({ brand: "heic", properties }))!;
      const size = angle % 2 === 0 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH];
      assertEquals([heif.width, heif.height, heif.orientation], [...size, 1]);
    }
  }
  assertEquals(seen, { none: [1, 8, 3, 6], across: [4, 5, 2, 7], down: [2, 7, 4, 5] });
});

/** A clean aperture of so many pixels, its middle so far from that of the picture. */
function clap(width: number, height: number, right: number, down: number): number[] {
  return box(
    "clap",
    ...[width, height, right, down].map((value) => [...long(value * 2), ...long(2)]),
  );
}

Deno.test("a crop counts if it is within the picture, to the last pixel", () => {
  const cropOf = (...numbers: Parameters<typeof clap>) =>
    readAvifHeader(fileWith({ properties: [clap(...numbers)] }))!.crop;
  assertEquals(cropOf(40, 24, 0, 0), { x: 12, y: 12, width: 40, height: 24 });
  assertEquals(cropOf(40, 24, -12, 12), { x: 0, y: 24, width: 40, height: 24 });
  assertEquals(cropOf(40, 24, 12, -12), { x: 24, y: 0, width: 40, height: 24 });
  assertEquals(cropOf(WIDTH, HEIGHT, 0, 0), { x: 0, y: 0, width: WIDTH, height: HEIGHT });
  for (const [right, down] of [[13, 0], [-13, 0], [0, 13], [0, -13]]) {
    assertEquals(cropOf(40, 24, right, down), null);
  }
  for (const [width, height] of [[0, 24], [40, 0], [WIDTH + 2, 24], [40, HEIGHT + 2], [-2, 24]]) {
    assertEquals(cropOf(width, height, 0, 0), null);
  }
  assertEquals(cropOf(1, 1, 0.5, 0.5), { x: 32, y: 24, width: 1, height: 1 });
});

Deno.test("without a primary item a sequence has the size of its track, anything else none", () => {
  const track = (length: number) =>
    box("tkhd", Array(length - 8).fill(0), word(WIDTH), [0, 0], word(HEIGHT), [0, 0]);
  const file = (brand: string, ...boxes: number[][]) =>
    Uint8Array.from([...box("ftyp", ascii(brand), [0, 0, 0, 0]), ...boxes.flat()]);
  const moov = (length: number) => box("moov", box("mvhd"), box("trak", track(length)));
  for (const length of [8, 84]) {
    const header = readAvifHeader(file("avis", moov(length)))!;
    assertEquals([header.width, header.height, header.isSequence], [WIDTH, HEIGHT, true]);
  }
  for (const brand of ["hevc", "hevx", "msf1"]) {
    assertEquals(readHeifHeader(file(brand, moov(84)))?.isSequence, true);
  }
  assertEquals(readAvifHeader(file("avif", moov(84))), null);
  assertEquals(readAvifHeader(file("avis")), null);
  const short = box("moov", box("trak", box("tkhd", [0, 0, 0, 0, 0, 0, 0])));
  assertEquals(readAvifHeader(file("avis", short)), null);
  assertEquals(readAvifHeader(fileWith({}))?.isSequence, false);
  const both = Uint8Array.from([...fileWith({ brand: "avis" }), ...moov(84)]);
  assertEquals(readAvifHeader(both)?.isSequence, true);
});

Deno.test("an item without a size, or that no property belongs to, is no picture", () => {
  const file = fileWith({});
  const other = file.slice();
  // The primary item becomes one that is not associated with anything.
  const text = new TextDecoder("latin1").decode(file);
  other[text.indexOf("pitm") + 9] = 99;
  assertEquals(readAvifHeader(other), null);
  assertEquals(readHeifHeader(other), null);
  for (const name of ["pitm", "ipco", "ipma"]) {
    assertEquals(readAvifHeader(file.with(text.indexOf(name), 0x6e)), null, `without ${name}`);
  }
});

Deno.test("of two descriptions of colours the profile counts, but for light beyond white", () => {
  const nclx = (transfer: number) =>
    box("colr", ascii("nclx"), word(9), word(transfer), word(0), [0]);
  const colorWith = (...properties: number[][]) => readAvifHeader(fileWith({ properties }))!.color;
  const [plain, pq, hlg] = [13, 16, 18].map((transfer) => ({
    ...{ kind: "cicp", primaries: 9, transfer } as const,
  }));
  for (const kind of ["prof", "rICC"]) {
    const icc = box("colr", ascii(kind), [1, 2, 3]);
    const profile = { kind: "icc", profile: Uint8Array.of(1, 2, 3), isDeflated: false } as const;
    assertEquals(colorWith(icc), profile);
    assertEquals([colorWith(icc, nclx(13)), colorWith(nclx(13), icc)], [profile, profile]);
    assertEquals([colorWith(icc, nclx(16)), colorWith(nclx(16), icc)], [pq, pq]);
    assertEquals([colorWith(icc, nclx(18)), colorWith(nclx(18), icc)], [hlg, hlg]);
  }
  assertEquals([colorWith(nclx(13)), colorWith()], [plain, null]);
  assertEquals(colorWith(nclx(13), box("colr", ascii("none"))), plain);
  assertEquals(colorWith(box("pixi", ascii("nclx"), word(9), word(16))), null);
});

Deno.test("a box says its length in 32 bits, in 64, or reaches to the end", () => {
  const types = (...bytes: number[]) =>
    [...boxesIn(Uint8Array.from(bytes))].map(({ type, content }) => [type, [...content]]);
  const next = box("next", [9]);
  assertEquals(types(...box("free", [1, 2]), ...next), [["free", [1, 2]], ["next", [9]]]);
  const wide = [...long(1), ...ascii("wide"), ...long(0), ...long(18), 1, 2];
  assertEquals(types(...wide, ...next), [["wide", [1, 2]], ["next", [9]]]);
  assertEquals(types(...long(0), ...ascii("last"), 1, 2), [["last", [1, 2]]]);
  assertEquals(types(...box("none"), ...next), [["none", []], ["next", [9]]]);
  assertEquals(types(...box("none")), [["none", []]]);
  // Impossible lengths end the walk, in place of going round in circles.
  for (const length of [2, 7]) assertEquals(types(...long(length), ...ascii("odd "), ...next), []);
  assertEquals(types(...long(1), ...ascii("wide"), ...long(0), ...long(15), ...next), []);
  // Of a box that is cut, what is there.
  assertEquals(types(...box("free", [1, 2, 3]).slice(0, -1)), [["free", [1, 2]]]);
  assertEquals(types(...box("free").slice(0, -1)), []);
});

/** A chunk of a WebP, filled up to an even length. */
const chunk = (type: string, content: number[]) => [
  ...ascii(type),
  ...long(content.length).reverse(),
  ...content,
  ...(content.length % 2 === 0 ? [] : [0]),
];

const three = (value: number) => long(value).reverse().slice(0, 3);

/** A chunk that gives an extended WebP its size. */
const extended = (width: number, height: number) =>
  chunk("VP8X", [0, 0, 0, 0, ...three(width - 1), ...three(height - 1)]);

const webp = (...chunks: number[][]) =>
  readWebpHeader(Uint8Array.from([...ascii("RIFF\0\0\0\0WEBP"), ...chunks.flat()]));

Deno.test("the chunks of a WebP give its size, profile and orientation, in any order", () => {
  const tiff = [...ascii("MM\0*"), ...long(8), ...word(1)]
    .concat([...word(0x0112), ...word(3), ...long(1), ...word(6), ...word(0), ...long(0)]);
  const plain = webp(extended(70_000, 300))!;
  assertEquals([plain.width, plain.height, plain.orientation], [70_000, 300, 1]);
  assertEquals([plain.color, plain.plays, plain.frames], [null, 1, 1]);
  for (const exif of [tiff, [...ascii("Exif\0\0"), ...tiff]]) {
    const header = webp(chunk("ICCP", [7, 8, 9]), chunk("EXIF", exif), extended(3, 4))!;
    assertEquals([header.width, header.height, header.orientation], [3, 4, 6]);
    assertEquals(header.color, {
      kind: "icc",
      profile: Uint8Array.of(7, 8, 9),
      isDeflated: false,
    });
  }
  assertEquals(webp(chunk("XMP ", tiff), extended(3, 4))!.orientation, 1);
  // Only what the first chunk of them says counts; one that is too short says nothing.
  const lossless = chunk("VP8L", [0x2f, ...long(299 << 14 | 4).reverse(), 0, 0, 0, 0, 0]);
  assertEquals(webp(extended(3, 4), lossless)?.width, 3);
  const { width, height } = webp(chunk("VP8X", Array(9).fill(1)), lossless)!;
  assertEquals([width, height], [5, 300]);
  assertEquals(webp(chunk("ICCP", Array(10).fill(1))), null);
  assertEquals(webp(), null);
  // The head of a chunk without its content, at the end.
  assertEquals(webp(extended(3, 4), chunk("ICCP", []))!.color?.kind, "icc");
});

Deno.test("the pictures of an animated WebP are those on its canvas, played as often as it says", () => {
  const part = (x: number, y: number, width: number, height: number, flags = 0) =>
    chunk("ANMF", [x / 2, y / 2, width - 1, height - 1, 300].flatMap(three).concat(flags));
  const frames = (...parts: number[][]) => webp(extended(8, 6), ...parts)!.animation;
  const [frame] = frames(part(2, 4, 6, 2, 3));
  assertEquals(frame, {
    ...{ x: 2, y: 4, width: 6, height: 2, delayMs: 300, isBlended: false, isRemoved: true },
    chunks: new Uint8Array(0),
  });
  assertEquals(frames(part(0, 0, 8, 6), part(2, 0, 7, 6), part(0, 2, 8, 5)).length, 1);
  assertEquals(webp(extended(8, 6), part(0, 0, 8, 6), part(0, 0, 8, 6))!.frames, 2);
  // One whose head is cut is none.
  assertEquals(frames(part(0, 0, 8, 6).slice(0, -1)), []);
  for (const [stored, plays] of [[0, Infinity], [1, 1], [700, 700]]) {
    const loop = chunk("ANIM", [...long(0), ...word(stored).reverse()]);
    assertEquals(webp(extended(8, 6), loop)!.plays, plays);
  }
  assertEquals(webp(extended(8, 6), chunk("XMP ", [0, 0, 0, 0, 0, 0]))!.plays, 1);
});

Deno.test("the file of an animated WebP's picture has the picture's size", () => {
  for (const [width, height] of [[1, 1], [256, 65_536], [65_537, 300], [70_000, 70_001]]) {
    const chunks = Uint8Array.from([...chunk("ALPH", [1, 2]), ...chunk("VP8 ", Array(10).fill(0))]);
    const frame = { x: 0, y: 0, width, height, delayMs: 0, isBlended: false, isRemoved: false };
    const file = fileOf({ ...frame, chunks });
    assertEquals([...file.subarray(4, 8)], long(file.length - 8).reverse());
    const header = readWebpHeader(file)!;
    assertEquals([header.width, header.height], [width, height]);
    assertEquals([...file.subarray(16, 21)], [10, 0, 0, 0, 0x10], "its length; it has alpha");
  }
});
