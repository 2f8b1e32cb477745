/**
 * PNG of every kind: colour type, depth, filter, interlacing, transparency. Each picture is written
 * here with samples of chance, and decoded.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { encodePng } from "../../../lib/picture/formats/png/writer.ts";
import { readPngHeader } from "../../../lib/picture/formats/png/header.ts";
import { checkedHeader } from "../../../lib/picture/formats/identify.ts";
import { decode } from "../../../lib/picture/formats/decode.ts";
import type { Raster } from "../../../lib/picture/pixels/raster.ts";
import { decoded } from "../support/pictures.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4;

/** The colour types with the samples of a pixel, and their depths. */
const KINDS: readonly (readonly [colorType: number, samples: number, depths: readonly number[]])[] =
  [
    [GREY, 1, [1, 2, 4, 8, 16]],
    [RGB, 3, [8, 16]],
    [PALETTE, 1, [1, 2, 4, 8]],
    [GREY_ALPHA, 2, [8, 16]],
    [6, 4, [8, 16]],
  ];

/** The passes of Adam7: first column, first row, columns and rows between two pixels. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

const BACKGROUND = [200, 100, 50] as const;

/** A picture: samples of each pixel, row by row. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly colorType: number;
  readonly depth: number;
  readonly isInterlaced: boolean;
  readonly pixels: readonly (readonly number[])[];
  readonly palette: readonly (readonly number[])[];
  /** The content of tRNS; null for none. */
  readonly transparency: readonly number[] | null;
  /** The filter of each row, used in turn. */
  readonly filters: readonly number[];
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(content.length + 12);
  bytes.writeUInt32BE(content.length);
  bytes.write(type, 4);
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), content.length + 8);
  return bytes;
}

/** The samples of a row, packed. */
function packed(samples: readonly number[], depth: number): number[] {
  if (depth === 16) return samples.flatMap((value) => [value >> 8, value & 255]);
  const bits = samples.map((value) => value.toString(2).padStart(depth, "0")).join("");
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => parseInt(byte.padEnd(8, "0"), 2));
}

/** A row with its filter in front (PNG 9.2), `back` bytes a pixel. */
function filtered(filter: number, row: number[], above: number[], back: number): number[] {
  return [
    filter,
    ...row.map((value, i) => {
      const left = row[i - back] ?? 0,
        up = above[i] ?? 0,
        corner = i < back ? 0 : above[i - back] ?? 0;
      const nearest = [left, up, corner].toSorted((a, b) =>
        Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b)
      )[0];
      return value - [0, left, up, (left + up) >> 1, nearest][filter] & 255;
    }),
  ];
}

function write(picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height, colorType, depth, isInterlaced, pixels, filters } = picture;
  const samples = KINDS.find(([type]) => type === colorType)![1];
  const back = Math.max(1, samples * depth / 8);
  const data: number[] = [];
  for (const [left, top, dx, dy] of isInterlaced ? PASSES : [[0, 0, 1, 1]]) {
    let above: number[] = [];
    for (let y = top; y < height; y += dy) {
      const row: number[] = [];
      for (let x = left; x < width; x += dx) row.push(...pixels[y * width + x]);
      if (row.length === 0) continue;
      const bytes = packed(row, depth);
      data.push(...filtered(filters[y % filters.length], bytes, above, back));
      above = bytes;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, colorType, 0, 0, isInterlaced ? 1 : 0], 8);
  const compressed = deflateSync(Uint8Array.from(data));
  const half = compressed.length >> 1;
  return Uint8Array.from(Buffer.concat([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    ...(colorType === PALETTE ? [chunk("PLTE", Uint8Array.from(picture.palette.flat()))] : []),
    ...(picture.transparency ? [chunk("tRNS", Uint8Array.from(picture.transparency))] : []),
    chunk("IDAT", compressed.subarray(0, half)),
    chunk("IDAT", compressed.subarray(half)),
    chunk("IEND", new Uint8Array(0)),
  ]));
}

/** What a pixel looks like over the background. */
function colorOf(picture: Picture, pixel: readonly number[]): number[] {
  const { colorType, depth, palette, transparency } = picture;
  const level = (value: number) =>
    depth === 16 ? value >> 8 : Math.round(value * 255 / ((1 << depth) - 1));
  let color: readonly number[];
  let alpha = 255;
  if (colorType === PALETTE) {
    color = palette[pixel[0]] ?? [0, 0, 0];
    alpha = transparency?.[pixel[0]] ?? 255;
  } else {
    const isGrey = colorType === GREY || colorType === GREY_ALPHA;
    color = isGrey ? Array(3).fill(level(pixel[0])) : pixel.slice(0, 3).map(level);
    if (colorType >= GREY_ALPHA) alpha = level(pixel.at(-1)!);
    else if (transparency !== null) {
      const clear = pixel.every((value, c) =>
        value === (transparency[c * 2] << 8 | transparency[c * 2 + 1])
      );
      alpha = clear ? 0 : 255;
    }
  }
  return color.map((value, c) => Math.round((value * alpha + BACKGROUND[c] * (255 - alpha)) / 255));
}

const picture: fc.Arbitrary<Picture> = fc.constantFrom(
  ...KINDS.flatMap(([colorType, samples, depths]) =>
    depths.map((depth) => ({ colorType, samples, depth }))
  ),
).chain(({ colorType, samples, depth }) => {
  const value = fc.nat({ max: 2 ** depth - 1 });
  // Few values, so that the transparent one is hit.
  const few = fc.constantFrom(0, 2 ** depth - 1, (2 ** depth >> 1) + 1 & 2 ** depth - 1);
  const sample = fc.oneof(value, few);
  return fc.record({
    width: fc.integer({ min: 1, max: 19 }),
    height: fc.integer({ min: 1, max: 11 }),
  })
    .chain(({ width, height }) =>
      fc.record<Picture>({
        width: fc.constant(width),
        height: fc.constant(height),
        colorType: fc.constant(colorType),
        depth: fc.constant(depth),
        isInterlaced: fc.boolean(),
        pixels: fc.array(fc.array(sample, { minLength: samples, maxLength: samples }), {
          minLength: width * height,
          maxLength: width * height,
        }),
        palette: fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), {
          minLength: 1,
          maxLength: 2 ** Math.min(8, depth),
        }),
        transparency: colorType === PALETTE
          ? fc.option(fc.array(fc.nat(255), { minLength: 1, maxLength: 4 }))
          : colorType === GREY || colorType === RGB
          ? fc.option(
            fc.array(few, { minLength: samples, maxLength: samples })
              .map((values) => values.flatMap((value) => [value >> 8, value & 255])),
          )
          : fc.constant(null),
        filters: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
      })
    );
});

async function rasterOf(bytes: Uint8Array): Promise<Raster> {
  const header = checkedHeader(bytes);
  return await decode(bytes, header, header, BACKGROUND);
}

async function pixelsOf(bytes: Uint8Array): Promise<number[][]> {
  return pixelsIn(await rasterOf(bytes));
}

function pixelsIn({ width, height, channels, data }: Raster): number[][] {
  return Array.from(
    { length: width * height },
    (_, i) => channels === 1 ? Array(3).fill(data[i]) : [...data.subarray(i * 3, i * 3 + 3)],
  );
}

Deno.test("a PNG of any kind is decoded to what was written", async () => {
  await fc.assert(
    fc.asyncProperty(picture, async (picture) => {
      const expected = picture.pixels.map((pixel) => colorOf(picture, pixel));
      const raster = await rasterOf(write(picture));
      assertEquals([raster.isPartial ?? false, pixelsIn(raster)], [false, expected]);
    }),
    { numRuns: 200 },
  );
});

Deno.test("of a PNG that is cut short the rows that are there are decoded, the rest is background", async () => {
  const width = 3, height = 400;
  // Noise, so that the compressed rows stand one after the other.
  const pixels = Array.from({ length: width * height }, (_, i) => [i * 2_654_435_761 >>> 7 & 255]);
  const plain = { width, height, colorType: GREY, depth: 8, isInterlaced: false, palette: [] };
  const bytes = write({ ...plain, pixels, transparency: [0, 1], filters: [1] });
  const cut = bytes.slice(0, -200);
  const expected = pixels.map((pixel) =>
    colorOf({ ...plain, pixels, transparency: [0, 1], filters: [] }, pixel)
  );
  const found = await pixelsOf(cut);
  const first = found.findIndex((color, i) => String(color) !== String(expected[i]));
  assertEquals([first % width, first > width * height / 2], [0, true]);
  for (const color of found.slice(first)) assertEquals(color, [...BACKGROUND]);
  assertEquals((await decoded(cut)).isPartial, true);
});

Deno.test("of an interlaced PNG that is cut short, pixels of earlier passes stand for those that are missing", async () => {
  const width = 27, height = 21;
  const pixels = Array.from(
    { length: width * height },
    (_, i) => [0, 1, 2].map((c) => (i * 3 + c) * 2_654_435_761 >>> 9 & 255),
  );
  const rows = PASSES.reduce((sum, [, top, , dy]) => sum + Math.ceil((height - top) / dy), 0);
  /** The picture as it is with so many rows, of all passes. */
  const withRows = (count: number) => {
    const shown: number[][] = [];
    PASSES.forEach(([left, top, dx, dy], pass) => {
      for (let y = top; y < height; y += dy) {
        const isThere = count-- > 0;
        for (let x = left; x < width; x += dx) {
          shown[y * width + x] = isThere
            ? pixels[y * width + x]
            : pass === 0
            ? [...BACKGROUND]
            : shown[(y - top) * width + x - left];
        }
      }
    });
    return shown.join(" ");
  };
  const whole = write({
    ...{ width, height, colorType: RGB, depth: 8, isInterlaced: true, palette: [] },
    ...{ pixels, transparency: null, filters: [0, 1, 2, 3, 4] },
  });
  const possible = Array.from({ length: rows }, (_, i) => withRows(i + 1));
  const seen = new Set<number>();
  for (let length = 200; length < whole.length - 24; length += 90) {
    const raster = await rasterOf(whole.subarray(0, length));
    const count = possible.indexOf(pixelsIn(raster).join(" "));
    assert(count >= 0, `${length} bytes`);
    assertEquals(raster.isPartial, true);
    seen.add(count);
  }
  assert(seen.size > 5, `${[...seen]}`);
});

/** A grey PNG of 2 × 1 pixels, black and white, with a chunk in front of its data. */
function greyWith(type: string, ...content: number[]): Uint8Array<ArrayBuffer> {
  const bytes = write({
    ...{ width: 2, height: 1, colorType: GREY, depth: 8, isInterlaced: false, palette: [] },
    ...{ pixels: [[0], [255]], transparency: null, filters: [0] },
  });
  return Uint8Array.from(
    Buffer.concat([
      bytes.subarray(0, 33),
      chunk(type, Uint8Array.from(content)),
      bytes.subarray(33),
    ]),
  );
}

Deno.test("a header with a depth, a compression or a filter that there is not is damaged", () => {
  const bytes = greyWith("tEXt");
  assertEquals(readPngHeader(bytes)?.width, 2);
  for (const [at, value] of [[12, 0], [24, 3], [25, 1], [25, 7], [26, 1], [27, 1]]) {
    assertEquals(readPngHeader(bytes.with(at, value)), null, `${at}: ${value}`);
  }
  // The palette has at most 8 bits, all else but grey at least 8.
  for (const [depth, colorType] of [[16, 3], [4, 2], [4, 4], [4, 6]]) {
    assertEquals(readPngHeader(bytes.with(24, depth).with(25, colorType)), null);
  }
});

Deno.test("the chunks are read as far as they are there, to the end of the picture", () => {
  const bytes = greyWith("tEXt");
  const at = bytes.indexOf(0x49, 45); // IDAT
  assertEquals(readPngHeader(bytes.subarray(0, at + 4))!.data.length, 1);
  assertEquals(readPngHeader(bytes.subarray(0, at + 3))!.data.length, 0);
  const twice = Uint8Array.from([...bytes, ...chunk("IDAT", Uint8Array.of(1))]);
  assertEquals(readPngHeader(twice)!.data, readPngHeader(bytes)!.data);
});

Deno.test("EXIF turns a PNG, and a transparent colour that is cut short is none", async () => {
  const exif = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0];
  assertEquals(readPngHeader(greyWith("eXIf", ...exif))!.orientation, 6);
  assertEquals(readPngHeader(greyWith("tEXt", ...exif))!.orientation, 1);
  assertEquals(await pixelsOf(greyWith("tRNS", 0, 0)), [[...BACKGROUND], [255, 255, 255]]);
  assertEquals(await pixelsOf(greyWith("tRNS", 0)), [[0, 0, 0], [255, 255, 255]]);
});

Deno.test("a gamma counts from a hundredth on, with the chromaticities that there can be", () => {
  const words = (...values: number[]) => [...Buffer.from(Uint32Array.from(values).buffer).swap32()];
  const colorWith = (stored: number, red?: [number, number]) => {
    const png = greyWith("gAMA", ...words(stored));
    if (red === undefined) return readPngHeader(png)!.color;
    const ends = [0.3127, 0.329, ...red, 0.265, 0.69, 0.15, 0.06];
    const content = words(...ends.map((value) => Math.round(value * 100_000)));
    return readPngHeader(
      Uint8Array.from([
        ...png.subarray(0, 33),
        ...chunk("cHRM", Uint8Array.from(content)),
        ...png.subarray(33),
      ]),
    )!.color;
  };
  assertEquals(readPngHeader(greyWith("tEXt"))!.color, null);
  assertEquals(colorWith(1000), { kind: "gamma", gamma: 100, primaries: null });
  for (const stored of [0, 999, 45_455]) assertEquals(colorWith(stored), null);
  assertEquals(colorWith(999, [0.64, 0.33]), null);
  const primaries = (x: number, y: number) => {
    const color = colorWith(100_000, [x, y]);
    return color?.kind === "gamma" ? color.primaries : undefined;
  };
  assertEquals(primaries(0.5, 0.5), [[0.5, 0.5], [0.265, 0.69], [0.15, 0.06], [0.3127, 0.329]]);
  for (const [x, y] of [[0, 0.5], [0.5, 0], [0.5, 0.50001]]) assertEquals(primaries(x, y), null);
});

Deno.test("what is written as a PNG is a PNG of those pixels", async () => {
  const pixels = fc.record({
    width: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(),
    channels: fc.constantFrom(3, 4),
  });
  await fc.assert(
    fc.asyncProperty(pixels, async ({ width, height, seed, channels }) => {
      const data = Uint8Array.from(
        { length: width * height * channels },
        (_, i) => seed * (i + 7) >> 3,
      );
      const bytes = await encodePng(
        channels === 4 ? { width, height, rgba: data } : { width, height, rgb: data },
      );
      assertEquals([...bytes.subarray(0, 8)], SIGNATURE);
      const types: string[] = [];
      for (let at = 8; at < bytes.length;) {
        const view = Buffer.from(bytes.buffer, at);
        const length = view.readUInt32BE();
        types.push(view.toString("latin1", 4, 8));
        assertEquals(view.readUInt32BE(length + 8), crc32(view.subarray(4, length + 8)));
        if (types.at(-1) === "IDAT") {
          const rows = inflateSync(view.subarray(8, length + 8));
          assertEquals(rows.length, (width * channels + 1) * height);
        }
        at += length + 12;
      }
      assertEquals(types, ["IHDR", "IDAT", "IEND"]);
      const expected = Array.from({ length: width * height }, (_, i) => {
        const [red, green, blue, alpha = 255] = data.subarray(i * channels, (i + 1) * channels);
        return [red, green, blue].map((value, c) =>
          Math.round((value * alpha + BACKGROUND[c] * (255 - alpha)) / 255)
        );
      });
      assertEquals(await pixelsOf(bytes), expected);
    }),
    { numRuns: 50 },
  );
});
