/**
 * Colours that are not those of sRGB.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { crc32, deflateSync } from "node:zlib";
import { readProfile } from "../../lib/picture/colors/icc.ts";
import { conversionFrom } from "../../lib/picture/colors/srgb.ts";
import { readHeifHeader } from "../../lib/picture/formats/heif/header.ts";
import type { ColorDescription } from "../../lib/picture/colors/description.ts";
import { draw } from "../../lib/picture/mod.ts";
import { screenOf } from "../../tools/screens/terminal_screen.ts";
import { canvas, colorOf, decoded, fixture } from "./support/pictures.ts";

/** Bytes of a number of 16.16 bits. */
function fixed(value: number): number[] {
  return uint32(Math.round(value * 65_536));
}

function uint32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];
}

const ascii = (text: string) => [...new TextEncoder().encode(text)];

/** A curve of sRGB ("para", kind 3), and others. */
const SRGB_CURVE = [
  ...ascii("para"),
  ...[0, 0, 0, 0, 0, 3, 0, 0],
  ...[2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045].flatMap(fixed),
];
const GAMMA = (gamma: number) => [
  ...ascii("curv"),
  ...[0, 0, 0, 0, 0, 0, 0, 1],
  Math.floor(gamma),
  Math.round(gamma % 1 * 256),
];

/** A profile of the matrix kind; the columns are in the profile connection space. */
function profileOf(curve: number[], columns: number[][]): Uint8Array {
  const tags: [string, number[]][] = [
    ...["rTRC", "gTRC", "bTRC"].map((name) => [name, curve] as [string, number[]]),
    ...["rXYZ", "gXYZ", "bXYZ"].map((name, i) =>
      [name, [...ascii("XYZ "), 0, 0, 0, 0, ...columns[i].flatMap(fixed)]] as [string, number[]]
    ),
  ];
  const head = new Array(128).fill(0);
  head.splice(16, 8, ...ascii("RGB XYZ "));
  const table = [...uint32(tags.length)], content: number[] = [];
  for (const [name, data] of tags) {
    const at = 132 + tags.length * 12 + content.length;
    table.push(...ascii(name), ...uint32(at), ...uint32(data.length));
    content.push(...data);
    while (content.length % 4 !== 0) content.push(0);
  }
  return Uint8Array.from([...head, ...table, ...content]);
}

const DISPLAY_P3 = profileOf(SRGB_CURVE, [
  [0.51512, 0.2412, -0.00105],
  [0.29198, 0.69225, 0.04189],
  [0.1571, 0.06657, 0.78407],
]);
const ADOBE_RGB = profileOf(GAMMA(2.19921875), [
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
]);
const SRGB = profileOf(SRGB_CURVE, [
  [0.43607, 0.22249, 0.01392],
  [0.38515, 0.71687, 0.09708],
  [0.14307, 0.06061, 0.7141],
]);

const icc = (profile: Uint8Array): ColorDescription => ({
  kind: "icc",
  profile,
  isDeflated: false,
});

async function converted(description: ColorDescription, color: number[]): Promise<number[]> {
  const data = Float32Array.from(color);
  (await conversionFrom(description))?.(data);
  return [...data];
}

function assertNear(actual: readonly number[], expected: readonly number[], within = 2) {
  const off = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  assert(off <= within, `${actual} is not ${expected}`);
}

Deno.test("Display P3 becomes sRGB: its values for the primaries of sRGB are known", async () => {
  assertNear(await converted(icc(DISPLAY_P3), [234, 51, 35]), [255, 0, 0], 4);
  assertNear(await converted(icc(DISPLAY_P3), [117, 251, 76]), [0, 255, 0], 4);
  assertNear(await converted(icc(DISPLAY_P3), [0, 0, 245]), [0, 0, 255], 4);
  assertNear(await converted(icc(DISPLAY_P3), [128, 128, 128]), [128, 128, 128]);
});

Deno.test("Adobe RGB becomes sRGB", async () => {
  assertNear(await converted(icc(ADOBE_RGB), [144, 255, 60]), [0, 255, 0], 4);
  assertNear(await converted(icc(ADOBE_RGB), [219, 0, 0]), [255, 0, 0], 4);
});

Deno.test("the same by the code points of H.273", async () => {
  const p3: ColorDescription = { kind: "cicp", primaries: 12, transfer: 13 };
  assertNear(await converted(p3, [234, 51, 35]), [255, 0, 0], 4);
  assertEquals(await conversionFrom({ kind: "cicp", primaries: 1, transfer: 13 }), null);
});

Deno.test("white of PQ and HLG is at 203 cd/m², and what is brighter keeps its hue", async () => {
  const pq: ColorDescription = { kind: "cicp", primaries: 9, transfer: 16 };
  assertNear(await converted(pq, [148, 148, 148]), [255, 255, 255], 1);
  // 100 cd/m² is 0.508 of the code, and half of white: 0.49 in linear light.
  assertNear(await converted(pq, [129.6, 129.6, 129.6]), [186, 186, 186], 3);
  assertNear(await converted(pq, [220, 220, 220]), [255, 255, 255], 1);
  const hlg: ColorDescription = { kind: "cicp", primaries: 9, transfer: 18 };
  assertNear(await converted(hlg, [191.25, 191.25, 191.25]), [255, 255, 255], 2);
  assertNear(await converted(hlg, [0, 0, 0]), [0, 0, 0]);
});

Deno.test("sRGB, damaged and unsupported profiles leave the colours unchanged", async () => {
  assertEquals(await conversionFrom(null), null);
  assertEquals(await conversionFrom(icc(SRGB)), null);
  for (const length of [0, 100, 132, 200, 300]) {
    await conversionFrom(icc(DISPLAY_P3.slice(0, length)));
  }
  assertEquals(await conversionFrom(icc(DISPLAY_P3.slice(0, 140))), null);
  const cmyk = DISPLAY_P3.slice();
  cmyk.set(ascii("CMYK"), 16);
  assertEquals(await conversionFrom(icc(cmyk)), null);
  assertEquals(
    await conversionFrom({ kind: "icc", profile: DISPLAY_P3, isDeflated: true }),
    null,
  );
});

type Chunk = [type: string, data: number[] | Uint8Array];

/** A PNG of one pixel, with chunks in front of its data. */
function pngOf(color: number[], ...chunks: Chunk[]) {
  return pngFile([1, 1, 8, 2], [0, ...color], ...chunks);
}

function pngFile(
  [width, height, depth, colorType]: number[],
  rows: number[],
  ...chunks: Chunk[]
) {
  const chunk = (type: string, data: number[] | Uint8Array) => {
    const content = [...ascii(type), ...data];
    return [...uint32(data.length), ...content, ...uint32(crc32(Uint8Array.from(content)))];
  };
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...uint32(width), ...uint32(height), depth, colorType, 0, 0, 0]),
    ...chunks.flatMap(([type, data]) => chunk(type, data)),
    ...chunk("IDAT", deflateSync(Uint8Array.from(rows))),
    ...chunk("IEND", []),
  ]);
}

async function shownColor(bytes: Uint8Array): Promise<readonly number[]> {
  return colorOf(screenOf(await draw(bytes, canvas(4, 2)))[0][0]);
}

Deno.test("cICP, iCCP, sRGB and gAMA, in this order, determine a PNG's colours", async () => {
  const profile: [string, number[]] = [
    "iCCP",
    [...ascii("P3"), 0, 0, ...deflateSync(DISPLAY_P3)],
  ];
  const p3 = [234, 51, 35];
  assertNear(await shownColor(pngOf(p3, profile)), [255, 0, 0], 4);
  assertNear(await shownColor(pngOf(p3, ["cICP", [12, 13, 0, 1]])), [255, 0, 0], 4);
  assertEquals(await shownColor(pngOf(p3, profile, ["cICP", [1, 13, 0, 1]])), p3);
  const linear: [string, number[]] = ["gAMA", uint32(100_000)];
  assertNear(await shownColor(pngOf([128, 128, 128], linear)), [188, 188, 188]);
  assertEquals(await shownColor(pngOf([128, 128, 128], linear, ["sRGB", [0]])), [128, 128, 128]);
  assertEquals(await shownColor(pngOf(p3, ["gAMA", uint32(45_455)])), p3);
  const chromaticities = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06]
    .flatMap((value) => uint32(Math.round(value * 100_000)));
  const wide = pngOf(p3, ["gAMA", uint32(45_455)], ["cHRM", chromaticities]);
  assertNear(await shownColor(wide), [255, 0, 0], 6);
});

/** The mean of each component of a picture, 0–255. */
async function meanOf(bytes: Uint8Array): Promise<number[]> {
  const { width, height, data } = await decoded(bytes);
  return [0, 1, 2].map((c) => {
    let sum = 0;
    for (let i = c; i < data.length; i += 3) sum += data[i];
    return sum / (width * height);
  });
}

Deno.test("of PQ and HLG, averages keep more than 8 bits if PNG and AVIF have them", async () => {
  const samples = [8000, 8100, 8300, 65_535];
  for (const [colorType, count] of [[2, 3], [6, 4]]) {
    const pixel = samples.slice(0, count).flatMap((value) => [value >> 8, value & 255]);
    const row = [0, ...Array.from({ length: 16 }, () => pixel).flat()];
    const rows = Array.from({ length: 16 }, () => row).flat();
    for (const transfer of [16, 18]) {
      const png = pngFile([16, 16, 16, colorType], rows, ["cICP", [9, transfer, 0, 1]]);
      const means = await meanOf(png);
      means.forEach((mean, c) => assertAlmostEquals(mean, samples[c] / 257, 0.02));
    }
  }
  const png = pngOf([148, 148, 148], ["cICP", [9, 16, 0, 1]]);
  assertNear(await shownColor(png), [255, 255, 255], 1);
  // 130 of 1023: between two of 255.
  const means = await meanOf(await fixture("pq_10_bits.avif"));
  means.forEach((mean) => assertAlmostEquals(mean, 130 / 1023 * 255, 0.05));
});

Deno.test("a JPEG's profile may come in parts, in any order", async () => {
  const jpeg = await fixture("baseline.jpg");
  const half = Math.ceil(DISPLAY_P3.length / 2);
  const segment = (number: number, part: Uint8Array) => [
    ...[0xff, 0xe2, (part.length + 16) >> 8, (part.length + 16) & 255],
    ...[...ascii("ICC_PROFILE"), 0, number, 2, ...part],
  ];
  const tagged = Uint8Array.from([
    ...jpeg.subarray(0, 2),
    ...segment(2, DISPLAY_P3.slice(half)),
    ...segment(1, DISPLAY_P3.slice(0, half)),
    ...jpeg.subarray(2),
  ]);
  const [plain, managed] = await Promise.all([shownColor(jpeg), shownColor(tagged)]);
  assert(managed[0] > plain[0] + 1, `${managed} is more colourful than ${plain}`);
});

Deno.test("a curve of a profile may be a table, between whose values it is straight", async () => {
  const table = [0, 16_384, 65_535].flatMap((value) => [value >> 8, value & 255]);
  const curve = [...ascii("curv"), 0, 0, 0, 0, 0, 0, 0, 3, ...table];
  const columns = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708]]
    .concat([[0.14307, 0.06061, 0.7141]]);
  const profile = icc(profileOf(curve, columns));
  // A quarter is an eighth of the light, which is 0.388 in sRGB; three quarters are 0.625 of it: 0.811.
  assertNear(await converted(profile, [63.75, 63.75, 63.75]), [98.9, 98.9, 98.9], 1);
  assertNear(await converted(profile, [191.25, 191.25, 191.25]), [206.9, 206.9, 206.9], 1);
  assertNear(await converted(profile, [255, 255, 255]), [255, 255, 255], 1);
});

/** The curve of a grey profile whose only tag has this content and says this length. */
function greyCurve(content: number[], length = content.length) {
  const head = Array<number>(128).fill(0);
  head.splice(16, 4, ...ascii("GRAY"));
  const table = [...uint32(1), ...ascii("kTRC"), ...uint32(144), ...uint32(length)];
  const profile = readProfile(Uint8Array.from([...head, ...table, ...content]));
  assert(profile === null || profile.matrix === null);
  return profile === null ? null : profile.curves[0];
}

const parametric = (kind: number, ...numbers: number[]) => [
  ...[...ascii("para"), 0, 0, 0, 0, 0, kind, 0, 0],
  ...numbers.flatMap(fixed),
];

Deno.test("each kind of curve is computed as its profile says (ICC.1, 10.6 and 10.18)", () => {
  const at = (content: number[], ...values: number[]) => values.map(greyCurve(content)!);
  const table = (...values: number[]) => [
    ...[...ascii("curv"), 0, 0, 0, 0, ...uint32(values.length)],
    ...values.flatMap((value) => [value >> 8, value & 255]),
  ];
  assertEquals(at(table(), 0, 0.3, 1), [0, 0.3, 1]);
  assertEquals(at(table(0x0200), 0, 0.5, 1), [0, 0.25, 1]);
  assertEquals(at(table(0, 13_107, 65_535), -1, 0, 0.25, 0.5, 1, 2), [0, 0, 0.1, 0.2, 1, 1]);
  assertEquals(at(parametric(0, 2), 0.5, 1), [0.25, 1]);
  // From -b / a = 0.5 on.
  assertEquals(at(parametric(1, 2, 2, -1), 0.25, 0.5, 0.75, 1), [0, 0, 0.25, 1]);
  assertEquals(at(parametric(2, 2, 2, -1, 0.125), 0.25, 0.5, 0.75), [0.125, 0.125, 0.375]);
  // From d on; below, a line.
  assertEquals(at(parametric(3, 2, 1, 0, 0.25, 0.5), 0.25, 0.5, 1), [0.0625, 0.25, 1]);
  const last = parametric(4, 2, 1, 0, 0.25, 0.5, 0.125, 0.0625);
  assertEquals(at(last, 0.25, 0.5, 1), [0.125, 0.375, 1.125]);
});

Deno.test("a curve that is cut short or of an unknown kind is none, and neither is its profile", () => {
  const whole = [
    [...ascii("curv"), ...Array(8).fill(0)],
    [...ascii("curv"), 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 255, 255],
    ...[1, 3, 4, 5, 7].map((count, kind) => parametric(kind, ...Array(count).fill(1))),
  ];
  for (const content of whole) {
    assert(greyCurve(content) !== null);
    // Shorter than its numbers; longer than the file.
    assertEquals(greyCurve(content, content.length - 1), null);
    assertEquals(greyCurve(content, content.length + 1), null);
  }
  assertEquals(greyCurve(parametric(5, 1, 1, 1, 1, 1, 1, 1)), null);
  assertEquals(greyCurve([...ascii("none"), ...Array(20).fill(0)]), null);
});

Deno.test("the table of a profile's tags may end the file, and a deflated one may be long", async () => {
  const grey = new Uint8Array(144);
  grey.set(ascii("GRAY"), 16);
  grey.set(ascii("curv"), 100);
  grey.set([...uint32(1), ...ascii("kTRC"), ...uint32(100), ...uint32(12)], 128);
  assertEquals(readProfile(grey)!.curves[0](0.3), 0.3);
  const padded = crypto.getRandomValues(new Uint8Array(60_000));
  padded.set(DISPLAY_P3);
  const deflated = { kind: "icc", profile: deflateSync(padded), isDeflated: true } as const;
  assertNear(await converted(deflated, [234, 51, 35]), [255, 0, 0], 4);
});

Deno.test("a profile of the matrix kind has three curves and three colours in XYZ", () => {
  const { curves, matrix } = readProfile(DISPLAY_P3)!;
  assertEquals(curves.length, 3);
  matrix!.flat().forEach((value, i) =>
    assertAlmostEquals(
      value,
      [0.51512, 0.29198, 0.1571, 0.2412, 0.69225, 0.06657, -0.00105, 0.04189, 0.78407][i],
      1e-5,
    )
  );
  const text = new TextDecoder("latin1").decode(DISPLAY_P3);
  const changed = (at: number, ...bytes: number[]) => {
    const copy = DISPLAY_P3.slice();
    copy.set(bytes, at);
    return readProfile(copy);
  };
  assertEquals(changed(20, ...ascii("Lab ")), null);
  assertEquals(changed(16, ...ascii("CMYK")), null);
  for (const name of ["rTRC", "gTRC", "bTRC", "rXYZ", "gXYZ", "bXYZ"]) {
    const tag = text.indexOf(name);
    assertEquals(changed(tag, ...ascii("none")), null, `without ${name}`);
    assertEquals(changed(tag + 11, 11), null, `short ${name}`);
    if (name.endsWith("XYZ")) assertEquals(changed(tag + 11, 19), null);
  }
  // Of the table of tags what is there is read, and no more of them than there are said to be.
  assertEquals(changed(128, ...uint32(5)), null);
  assert(changed(128, ...uint32(1000)) !== null);
  assertEquals(readProfile(DISPLAY_P3.subarray(0, 131)), null);
  assertEquals(readProfile(DISPLAY_P3.subarray(0, 132 + 12)), null);
});

Deno.test("values between the steps of a curve are computed, for each component by its own", async () => {
  const linear: ColorDescription = { kind: "cicp", primaries: 1, transfer: 8 };
  // Near black, sRGB is 12.92 times the light.
  assertNear(await converted(linear, [0.3, 0.25, 0.2]), [3.876, 3.23, 2.584], 0.1);
  assertNear(await converted(linear, [0, 128, 255, 255, 128, 0]), [0, 188, 255, 255, 188, 0], 0.6);
  const columns = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708]]
    .concat([[0.14307, 0.06061, 0.7141]]);
  const mixed = profileOf(GAMMA(1), columns);
  const red = new TextDecoder("latin1").decode(mixed).indexOf("curv");
  mixed.set([2, 0], red + 12);
  assertNear(await converted(icc(mixed), [128, 128, 128]), [137, 188, 188], 1);
  const hdr: ColorDescription = { kind: "cicp", primaries: 9, transfer: 16 };
  const [first, second] = [[220, 200, 150], [90, 200, 120]];
  assertEquals(await converted(hdr, [...first, ...second]), [
    ...await converted(hdr, first),
    ...await converted(hdr, second),
  ]);
});

Deno.test("of the colours of a HEIF, a profile counts before its code points, but for PQ and HLG", async () => {
  const bytes = await fixture("plain.avif");
  const at = new TextDecoder("latin1").decode(bytes).indexOf("colrnclx");
  assert(at > 0);
  const hdr = bytes.slice();
  hdr.set([0, 9, 0, 16], at + 8);
  const { color } = (await import("../../lib/picture/formats/heif/header.ts")).readAvifHeader(hdr)!;
  assertEquals(color, { kind: "cicp", primaries: 9, transfer: 16 });
  const plain = await fixture("plain.heic");
  assertEquals(readHeifHeader(plain)!.color, null);
  // The property that gives the bits of a pixel becomes a profile of four bytes.
  const bits = new TextDecoder("latin1").decode(plain).indexOf("pixi");
  for (const kind of ["prof", "rICC", "none"]) {
    const tagged = plain.slice();
    tagged.set(ascii(`colr${kind}`), bits);
    const { color } = readHeifHeader(tagged)!;
    const profile = tagged.subarray(bits + 8, bits + 12);
    const expected = kind === "none" ? null : { kind: "icc", profile, isDeflated: false };
    assertEquals(color as unknown, expected);
  }
});
