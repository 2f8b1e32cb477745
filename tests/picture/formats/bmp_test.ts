/**
 * BMP in every depth and encoding.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { draw, identify, PictureError } from "../../../lib/picture/mod.ts";
import { readBmpHeader } from "../../../lib/picture/formats/bmp/header.ts";
import { decoded } from "../support/pictures.ts";

const RED = [255, 0, 0], GREEN = [0, 255, 0], BLUE = [0, 0, 255], WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

/** The file header, an information header of 40 bytes, and whatever follows it. */
function bmpOf(
  { width = 4, height = 2, bits, compression = 0, masks = [], palette = [], pixels }: {
    width?: number;
    height?: number;
    bits: number;
    compression?: number;
    masks?: number[];
    palette?: number[][];
    pixels: number[];
  },
): Uint8Array {
  const offset = 54 + masks.length * 4 + palette.length * 4;
  const bytes = new Uint8Array(offset + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(10, offset, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  view.setUint32(30, compression, true);
  view.setUint32(46, palette.length, true);
  masks.forEach((mask, i) => view.setUint32(54 + i * 4, mask, true));
  palette.forEach(([red, green, blue], i) =>
    bytes.set([blue, green, red, 0], 54 + masks.length * 4 + i * 4)
  );
  bytes.set(pixels, offset);
  return bytes;
}

const COLORS = [RED, GREEN, BLUE, WHITE];
/** Red, green, blue, white in the upper row; the same the other way round in the lower one. */
const EXPECTED = [RED, GREEN, BLUE, WHITE, WHITE, BLUE, GREEN, RED];

async function pixelsOf(bytes: Uint8Array): Promise<number[][]> {
  const { width, height, data } = await decoded(bytes);
  return Array.from(
    { length: width * height },
    (_, i) => [...data.subarray(i * 3, i * 3 + 3)],
  );
}

/** Pixels of several bytes each, the lower row first, as BMP stores them. */
function stored(encode: (color: number[]) => number[]): number[] {
  const row = (colors: number[][]) => {
    const bytes = colors.flatMap(encode);
    return [...bytes, ...new Array(-bytes.length & 3).fill(0)];
  };
  return [...row(EXPECTED.slice(4)), ...row(EXPECTED.slice(0, 4))];
}

const FILES: Record<string, Uint8Array> = {
  "2 bits": bmpOf({
    bits: 2,
    palette: COLORS,
    pixels: [0b11100100, 0, 0, 0, 0b00011011, 0, 0, 0],
  }),
  "4 bits": bmpOf({
    bits: 4,
    palette: COLORS,
    pixels: [0x32, 0x10, 0, 0, 0x01, 0x23, 0, 0],
  }),
  "8 bits": bmpOf({ bits: 8, palette: COLORS, pixels: [3, 2, 1, 0, 0, 1, 2, 3] }),
  "16 bits": bmpOf({
    bits: 16,
    pixels: stored(([r, g, b]) => {
      const pixel = (r >> 3) << 10 | (g >> 3) << 5 | b >> 3;
      return [pixel & 255, pixel >> 8];
    }),
  }),
  "16 bits with masks": bmpOf({
    bits: 16,
    compression: 3,
    masks: [0xf800, 0x07e0, 0x001f],
    pixels: stored(([r, g, b]) => {
      const pixel = (r >> 3) << 11 | (g >> 2) << 5 | b >> 3;
      return [pixel & 255, pixel >> 8];
    }),
  }),
  "24 bits": bmpOf({ bits: 24, pixels: stored(([r, g, b]) => [b, g, r]) }),
  "32 bits": bmpOf({ bits: 32, pixels: stored(([r, g, b]) => [b, g, r, 7]) }),
  "32 bits with masks in another order": bmpOf({
    bits: 32,
    compression: 3,
    masks: [0xff, 0xff00, 0xff0000],
    pixels: stored(([r, g, b]) => [r, g, b, 0]),
  }),
  "the top row first": bmpOf({
    height: -2,
    bits: 8,
    palette: COLORS,
    pixels: [0, 1, 2, 3, 3, 2, 1, 0],
  }),
  "runs of 8 bits": bmpOf({
    bits: 8,
    compression: 1,
    palette: COLORS,
    pixels: [0, 4, 3, 2, 1, 0, 0, 0, 1, 0, 1, 1, 1, 2, 1, 3, 0, 1],
  }),
  "runs of 4 bits": bmpOf({
    bits: 4,
    compression: 2,
    palette: COLORS,
    pixels: [4, 0x32, 0, 0, 0, 4, 0x01, 0x23, 0, 1],
  }),
};

for (const [name, bytes] of Object.entries(FILES)) {
  Deno.test(`BMP: ${name}`, async () => {
    const expected = name === "runs of 4 bits"
      ? [...EXPECTED.slice(0, 4), WHITE, BLUE, WHITE, BLUE]
      : EXPECTED;
    assertEquals(await pixelsOf(bytes), expected);
    assertEquals(identify(bytes), { type: "bmp", width: 4, height: 2 });
    assertEquals((await decoded(bytes)).isPartial ?? false, false);
  });
}

Deno.test("BMP: a jump leaves pixels out, and the background shows", async () => {
  const bytes = bmpOf({
    bits: 8,
    compression: 1,
    palette: COLORS,
    pixels: [0, 2, 1, 1, 2, 0, 0, 1],
  });
  assertEquals(await pixelsOf(bytes), [BLACK, RED, RED, BLACK, BLACK, BLACK, BLACK, BLACK]);
  assertEquals([...(await decoded(bytes, [7, 8, 9])).data.subarray(0, 6)], [7, 8, 9, ...RED]);
});

Deno.test("BMP: alpha lies over the background", async () => {
  const bytes = bmpOf({
    width: 1,
    height: 1,
    bits: 32,
    compression: 6,
    masks: [0xff0000, 0xff00, 0xff, 0xff000000],
    pixels: [0, 0, 255, 128],
  });
  assertEquals(await pixelsOf(bytes), [[128, 0, 0]]);
});

Deno.test("BMP: the header of OS/2 has 12 bytes, and its palette three for a colour", async () => {
  const bytes = new Uint8Array(26 + 6 + 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(10, 32, true);
  view.setUint32(14, 12, true);
  [2, 1, 1, 1].forEach((value, i) => view.setUint16(18 + i * 2, value, true));
  bytes.set([255, 0, 0, 0, 0, 255, 0b01000000], 26);
  assertEquals(await pixelsOf(bytes), [BLUE, RED]);
});

Deno.test("BMP: the short header of OS/2 2 has 16 bytes, and no compression", async () => {
  const whole = bmpOf({
    width: 2,
    height: 1,
    bits: 1,
    palette: [BLUE, RED],
    pixels: [0x40, 0, 0, 0],
  });
  const bytes = Uint8Array.from([...whole.subarray(0, 30), ...whole.subarray(54)]);
  bytes.set([38, 0, 0, 0, 16], 10);
  assertEquals(await pixelsOf(bytes), [BLUE, RED]);
});

Deno.test("BMP: a truncated file is drawn as far as it goes", async () => {
  const whole = FILES["24 bits"];
  const raster = await decoded(whole.slice(0, whole.length - 3));
  assertEquals(raster.isPartial, true);
  assertEquals([...raster.data.subarray(12, 24)], EXPECTED.slice(4).flat());
  assertEquals([...raster.data.subarray(0, 12)], new Array(12).fill(0));
  await assertRejects(() => decoded(whole.slice(0, 54 + 11)), PictureError);
});

Deno.test("BMP: pixels that are said to begin with the palette begin behind it", async () => {
  for (const colors of [4, 0]) {
    const palette = [...COLORS, ...(colors === 0 ? Array(252).fill(BLACK) : [])];
    const bytes = bmpOf({ bits: 8, palette, pixels: [3, 2, 1, 0, 0, 1, 2, 3] });
    const view = new DataView(bytes.buffer);
    view.setUint32(10, 54, true);
    view.setUint32(46, colors, true);
    assertEquals(await pixelsOf(bytes), EXPECTED);
  }
});

Deno.test("BMP: a kind that is not drawn is named", async () => {
  const jpeg = bmpOf({ bits: 0, compression: 4, pixels: [0xff, 0xd8] });
  const canvas = { columns: 1, rows: 1, symbols: "half", colors: "truecolor" } as const;
  const error = await assertRejects(() => draw(jpeg, canvas), PictureError);
  assertEquals(error.kind, "BMP of 0 bits with compression 4");
});

Deno.test("BMP: rows of 1 to 8 bits fill whole words, whatever the width", async () => {
  const palette = [BLACK, WHITE, ...Array(254).fill(RED)];
  for (const bits of [1, 2, 4, 8]) {
    for (let width = 1; width <= 33; width++) {
      const ones = Array.from({ length: width }, (_, x) => x % 3 === 0 ? 1 : 0);
      const text = ones.map((value) => value.toString(2).padStart(bits, "0")).join("");
      const row = text.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, "0"), 2));
      const padded = [...row, ...new Array(-row.length & 3).fill(0)];
      const colors = palette.slice(0, 2 ** bits);
      const pixels = [...padded, ...padded];
      const found = await pixelsOf(bmpOf({ width, height: 2, bits, palette: colors, pixels }));
      assertEquals(found, [...ones, ...ones].map((one) => palette[one]));
    }
  }
});

Deno.test("BMP: runs end with a row, the picture, or the file, and what is beyond is left out", async () => {
  const rle = (pixels: number[], bits = 8) =>
    decoded(bmpOf({ bits, compression: bits === 8 ? 1 : 2, palette: COLORS, pixels }));
  const reds = async (pixels: number[], bits?: number) => {
    const { data, isPartial = false } = await rle(pixels, bits);
    const red = Array.from({ length: 8 }, (_, i) => data[i * 3] === 255 ? "R" : ".").join("");
    return [red.slice(4) + red.slice(0, 4), isPartial];
  };
  // The lower row comes first. Red is 0; green, which is not red, is 1.
  assertEquals(await reds([4, 0, 0, 0, 4, 1, 0, 1]), ["RRRR....", false]);
  assertEquals(await reds([9, 0, 0, 0, 4, 1, 0, 1]), ["RRRR....", false]);
  assertEquals(await reds([4, 0, 0, 0, 4, 0, 0, 0]), ["RRRRRRRR", false]);
  assertEquals(await reds([4, 1, 0, 0, 9, 0, 0, 0, 4, 0, 0, 1]), ["....RRRR", false]);
  assertEquals(await reds([4, 0, 0, 0, 4, 0]), ["RRRRRRRR", true]);
  assertEquals(await reds([4, 0, 0, 1, 4, 0]), ["RRRR....", false]);
  assertEquals(await reds([2, 0, 0, 2, 1, 1, 1, 0, 0, 1]), ["RR.....R", false]);
  assertEquals(await reds([0, 3, 0, 1, 0, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 1]), ["R.R.R.R.", false]);
  assertEquals(await reds([0, 3, 0, 1, 0]), ["R.R.....", true]);
  assertEquals(await reds([1, 0, 0, 3, 0, 1]), ["R.......", true]);
  assertEquals(await reds([0, 3, 0x01, 0x00, 0, 1], 4), ["R.R.....", false]);
  assertEquals(await reds([0, 4, 0x01, 0x10, 0, 1], 4), ["R..R....", false]);
  assertEquals(await reds([3, 0x01, 0, 1], 4), ["R.R.....", false]);
  await assertRejects(() => rle([]));
  await assertRejects(() => rle([4]));
});

Deno.test("BMP: kinds that are drawn and kinds that are not, by bits and compression", () => {
  const drawn = new Set<string>();
  for (const length of [40, 64]) {
    for (let compression = 0; compression < 8; compression++) {
      for (const bits of [0, 1, 2, 3, 4, 8, 12, 16, 24, 32, 64]) {
        const bytes = bmpOf({ bits, compression, masks: [1, 2, 4, 8], pixels: Array(99).fill(0) });
        bytes[14] = length;
        if (readBmpHeader(bytes)!.undrawnKind === null) {
          drawn.add(`${length} ${compression} ${bits}`);
        }
      }
    }
  }
  const plain = (length: number) => [1, 2, 4, 8, 16, 24, 32].map((bits) => `${length} 0 ${bits}`);
  assertEquals([...drawn], [
    ...plain(40),
    ...["40 1 8", "40 2 4", "40 3 16", "40 3 32", "40 6 16", "40 6 32"],
    ...plain(64),
    ...["64 1 8", "64 2 4"],
  ]);
});

Deno.test("BMP: later headers have masks within them, and alpha from version 3 on", () => {
  const bytes = bmpOf({
    bits: 32,
    compression: 3,
    masks: [1, 2, 4, 8, ...Array(14).fill(0)],
    pixels: Array(99).fill(0),
  });
  const masks = [40, 52, 56, 64, 108, 124].map((length) => {
    bytes[14] = length;
    return readBmpHeader(bytes)!.masks;
  });
  const [without, withAlpha] = [[1, 2, 4, 0], [1, 2, 4, 8]];
  assertEquals(masks, [without, without, ...Array(4).fill(withAlpha)]);
  // Only the header of 40 bytes has its masks behind it.
  bytes[10] = 0;
  const starts = [40, 52, 56, 108].map((length) => {
    bytes[14] = length;
    return readBmpHeader(bytes)!.dataAt - 14 - length;
  });
  assertEquals(starts, [12, 0, 0, 0]);
  assertEquals(readBmpHeader(FILES["16 bits"])!.masks, [0x7c00, 0x03e0, 0x001f, 0]);
  assertEquals(readBmpHeader(FILES["24 bits"])!.masks, [0xff0000, 0x00ff00, 0x0000ff, 0]);
  // The last mask may end the file.
  bytes[14] = 40;
  bytes[30] = 6;
  assertEquals(readBmpHeader(bytes.subarray(0, 70))!.masks, withAlpha);
  assertEquals(readBmpHeader(bytes.subarray(0, 69))!.masks, without);
  bytes[14] = 124;
  assertEquals(readBmpHeader(bytes.subarray(0, 14 + 124))!.width, 4);
  assertEquals(readBmpHeader(bytes.subarray(0, 14 + 123)), null);
});

/** The colours of a BMP of version 5 with values at offsets of the file, and a profile at its end. */
function version5(values: Record<number, number>, profile: number[] = []) {
  const bytes = new Uint8Array(14 + 124 + 4 + profile.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  const head = { 10: 138, 14: 124, 18: 1, 22: 1, 26: 1 | 24 << 16 };
  for (const [at, value] of Object.entries({ ...head, ...values })) {
    view.setUint32(Number(at), value, true);
  }
  bytes.set(profile, 142);
  return readBmpHeader(bytes)!.color;
}

/** End points of red, green and blue, each x, y and z, and a gamma for each. */
function endPoints(ends: number[][], gamma: number): Record<number, number> {
  const values: Record<number, number> = {};
  ends.flat().forEach((value, i) => values[74 + i * 4] = Math.round(value * 2 ** 30));
  for (let i = 0; i < 3; i++) values[110 + i * 4] = Math.round(gamma * 65_536);
  return values;
}

function calibrated(ends: number[][], gamma: number) {
  return version5({ 70: 0, ...endPoints(ends, gamma) });
}

Deno.test("BMP: colours by end points and gammas, in the ways that writers have", () => {
  const wide = [[0.64, 0.33, 0.03], [0.21, 0.71, 0.08], [0.15, 0.06, 0.79]];
  const scaled = wide.map(([x, y, z], i) => [x, y, z].map((value) => value * (i + 1) / 4));
  for (const [ends, gamma] of [[wide, 1.8], [scaled, 1 / 1.8]] as const) {
    const color = calibrated(ends, gamma);
    if (color?.kind !== "gamma") throw new Error(`${color?.kind}`);
    assertAlmostEquals(color.gamma, 1.8, 0.001);
    const expected = [0.64, 0.33, 0.21, 0.71, 0.15, 0.06, 0.3127, 0.329];
    color.primaries!.flat().forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-6));
  }
  const usual = [[0.64, 0.33, 0.03], [0.3, 0.6, 0.1], [0.15, 0.06, 0.79]];
  assertEquals(calibrated(usual, 2.2), null);
  assertEquals(calibrated(usual, 1 / 2.2), null);
  assertEquals(calibrated(usual, 1.8)?.kind, "gamma");
  assertEquals(calibrated(usual, 0), null);
  assertEquals(calibrated(usual, 5)?.kind, "gamma");
  assertEquals(calibrated(usual, 6), null);
  assertEquals(calibrated([[0, 0, 0], [0, 0, 0], [0, 0, 0]], 2.2), null);
  // Chromaticities are within the triangle of those that there can be.
  const withRed = (...red: number[]) => calibrated([red, ...wide.slice(1)], 1.8)?.kind ?? null;
  for (const red of [[0, 0.5, 0.5], [0.5, 0.5, 0]]) assertEquals(withRed(...red), "gamma");
  for (const red of [[0.5, 0, 0.5], [-0.25, 0.75, 0.5], [0.75, 0.5, -0.25]]) {
    assertEquals(withRed(...red), null);
  }
  // Version 4 has them, too; version 3 ends before.
  const values = (length: number) => ({ 14: length, 70: 0, ...endPoints(wide, 1.8) });
  assertEquals(version5(values(108))?.kind, "gamma");
  assertEquals(version5(values(56)), null);
});

Deno.test("BMP: a profile within the file counts, one beside it does not", () => {
  const profile = { 126: 128, 130: 3 };
  const color = version5({ 70: 0x4d424544, ...profile }, [7, 8, 9, 10]);
  assertEquals(color, {
    kind: "icc",
    profile: Uint8Array.from([7, 8, 9]),
    isDeflated: false,
  });
  assertEquals(version5({ 70: 0x4c494e4b, ...profile }, [7, 8, 9]), null);
  assertEquals(version5({ 70: 0x73524742 }), null);
});
