/**
 * TIFF of every kind: depth, colours, alpha, strips and tiles, planes, compression, predictor, order
 * of bits and bytes. Each picture is written here with samples of chance, and decoded.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { deflateSync } from "node:zlib";
import { decode } from "../../../lib/picture/formats/decode.ts";
import { checkedHeader } from "../../../lib/picture/formats/identify.ts";
import type { Raster } from "../../../lib/picture/pixels/raster.ts";
import { dataStart, type Field, writeTiff } from "../support/tiff_writer.ts";

const WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, PALETTE = 3, CMYK = 5;
const NONE = 1, LZW = 5, DEFLATE = 8, PACK_BITS = 32_773, OLD_DEFLATE = 32_946;

/** The colour samples of a pixel. */
const COLORS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4 };

const BACKGROUND = [200, 100, 50] as const;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly photometric: number;
  /** Values of ExtraSamples; 1 is associated alpha, 2 unassociated, anything else none. */
  readonly extra: readonly number[];
  readonly pixels: readonly (readonly number[])[];
  readonly palette: readonly number[];
  /** Size of a strip or tile; a strip is as wide as the picture. */
  readonly part: { readonly width: number; readonly height: number; readonly isTile: boolean };
  readonly hasPlanes: boolean;
  readonly compression: number;
  readonly hasPredictor: boolean;
  readonly isLsbFirst: boolean;
  readonly isLittle: boolean;
  readonly isBig: boolean;
}

/** Packs the samples of a row. */
function packed(samples: readonly number[], bits: number, isLittle: boolean): number[] {
  if (bits % 8 > 0) {
    const text = samples.map((value) => value.toString(2).padStart(bits, "0")).join("");
    return text.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, "0"), 2));
  }
  return samples.flatMap((value) => {
    const bytes = Array.from({ length: bits / 8 }, (_, i) => value / 256 ** i & 255);
    return isLittle ? bytes : bytes.reverse();
  });
}

/** Codes of nine bits, the highest first, cleared before longer ones would be due. */
function lzw(data: readonly number[]): number[] {
  const codes = data.flatMap((byte, i) => i % 200 === 0 ? [256, byte] : [byte]);
  const text = [...codes, 257].map((code) => code.toString(2).padStart(9, "0")).join("");
  return text.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, "0"), 2));
}

/** Pieces of up to four bytes as they are, runs of three or more as such, and one piece of nothing. */
function packBits(data: readonly number[]): number[] {
  const bytes: number[] = [0x80];
  for (let at = 0; at < data.length;) {
    let run = 1;
    while (run < 128 && data[at + run] === data[at]) run++;
    if (run > 2) bytes.push(257 - run, data[at]);
    else {
      run = Math.min(4, data.length - at);
      bytes.push(run - 1, ...data.slice(at, at + run));
    }
    at += run;
  }
  return bytes;
}

function compressed(data: readonly number[], compression: number): number[] {
  if (compression === LZW) return lzw(data);
  if (compression === PACK_BITS) return packBits(data);
  return compression === NONE ? [...data] : [...deflateSync(Uint8Array.from(data))];
}

/** Returns the strips or tiles, plane after plane. */
function partsOf(picture: Picture): number[][] {
  const { width, height, bits, part, hasPlanes, pixels, hasPredictor } = picture;
  const samples = pixels[0].length;
  const planes = hasPlanes ? [...Array(samples).keys()] : [null];
  const parts: number[][] = [];
  for (const plane of planes) {
    for (let top = 0; top < height; top += part.height) {
      for (let left = 0; left < width; left += part.width) {
        const data: number[] = [];
        const bottom = part.isTile ? top + part.height : Math.min(height, top + part.height);
        for (let y = top; y < bottom; y++) {
          const row = Array.from({ length: part.width }, (_, x) => {
            // A tile may go beyond the picture; what is there is not shown.
            const isIn = left + x < width && y < height;
            const pixel = isIn ? pixels[y * width + left + x] : Array<number>(samples).fill(1);
            return plane === null ? pixel : [pixel[plane]];
          });
          const before = (x: number, c: number) => x === 0 ? 0 : row[x - 1][c];
          const values = hasPredictor
            ? row.map((pixel, x) =>
              pixel.map((value, c) => (value - before(x, c) + 2 ** bits) % 2 ** bits)
            )
            : row;
          data.push(...packed(values.flat(), bits, picture.isLittle));
        }
        parts.push(compressed(data, picture.compression));
      }
    }
  }
  return parts;
}

function reversed(byte: number): number {
  return parseInt(byte.toString(2).padStart(8, "0").split("").reverse().join(""), 2);
}

function write(picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height, bits, photometric, extra, part, isLsbFirst } = picture;
  const samples = picture.pixels[0].length;
  const parts = partsOf(picture);
  let at = dataStart(picture);
  const offsets = parts.map(({ length }) => (at += length) - length);
  const long = (tag: number, ...values: number[]): Field => ({ tag, type: 4, values });
  const short = (tag: number, ...values: number[]): Field => ({ tag, type: 3, values });
  const fields: Field[] = [
    long(256, width),
    short(257, height),
    short(258, ...Array<number>(samples).fill(bits)),
    short(259, picture.compression),
    short(262, photometric),
    ...(isLsbFirst ? [short(266, 2)] : []),
    short(277, samples),
    ...(part.isTile
      ? [
        short(322, part.width),
        short(323, part.height),
        long(324, ...offsets),
        long(325, ...parts.map(({ length }) => length)),
      ]
      : [
        long(273, ...offsets),
        long(278, part.height),
        long(279, ...parts.map(({ length }) => length)),
      ]),
    ...(picture.hasPlanes ? [short(284, 2)] : []),
    ...(picture.hasPredictor ? [short(317, 2)] : []),
    ...(photometric === PALETTE ? [short(320, ...picture.palette)] : []),
    ...(extra.length > 0 ? [short(338, ...extra)] : []),
  ];
  const data = parts.flat();
  return writeTiff(fields, picture, Uint8Array.from(isLsbFirst ? data.map(reversed) : data));
}

/** What a pixel looks like over the background. */
function colorOf(
  { bits, photometric, extra, palette }: Picture,
  pixel: readonly number[],
): number[] {
  const level = (value: number) =>
    bits < 8 ? value * 255 / (2 ** bits - 1) : Math.floor(value / 2 ** (bits - 8));
  const levels = pixel.map(level);
  const colors = palette.length / 3;
  const color = photometric === PALETTE
    ? [0, 1, 2].map((c) => (palette[pixel[0] + c * colors] ?? 0) >> 8)
    : photometric === RGB
    ? levels.slice(0, 3)
    : photometric === CMYK
    ? levels.slice(0, 3).map((ink) => (255 - ink) * (255 - levels[3]) / 255)
    : Array<number>(3).fill(photometric === WHITE_IS_ZERO ? 255 - levels[0] : levels[0]);
  const hasAlpha = extra[0] === 1 || extra[0] === 2;
  const opaque = hasAlpha ? levels[COLORS[photometric]] / 255 : 1;
  const seen = extra[0] === 1 ? 1 : opaque;
  return color.map((value, c) =>
    Math.min(255, Math.round(value * seen + BACKGROUND[c] * (1 - opaque)))
  );
}

const picture: fc.Arbitrary<Picture> = fc.record({
  width: fc.integer({ min: 1, max: 13 }),
  height: fc.integer({ min: 1, max: 9 }),
  bits: fc.constantFrom(1, 2, 4, 8, 10, 12, 14, 16, 32),
  photometric: fc.constantFrom(WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK),
  extra: fc.constantFrom([], [], [0], [1], [2], [3], [2, 0]),
  isTile: fc.boolean(),
  partWidth: fc.integer({ min: 1, max: 16 }),
  partHeight: fc.integer({ min: 1, max: 16 }),
  compression: fc.constantFrom(NONE, LZW, DEFLATE, PACK_BITS, OLD_DEFLATE),
  hasPlanes: fc.boolean(),
  hasPredictor: fc.boolean(),
  isLsbFirst: fc.boolean(),
  isLittle: fc.boolean(),
  isBig: fc.boolean(),
}).chain((shape) => {
  const { width, height, photometric, extra, isTile, partWidth, partHeight, ...rest } = shape;
  const bits = photometric === PALETTE ? Math.min(8, shape.bits) : shape.bits;
  const samples = COLORS[photometric] + extra.length;
  const value = fc.oneof(fc.nat({ max: 2 ** bits - 1 }), fc.constantFrom(0, 2 ** bits - 1));
  const pixels = fc.array(fc.array(value, { minLength: samples, maxLength: samples }), {
    minLength: width * height,
    maxLength: width * height,
  });
  // As many colours as there are indices, or fewer.
  const palette = fc.constantFrom(2 ** Math.min(8, bits), 1).chain((colors) =>
    fc.array(fc.nat(65_535), { minLength: colors * 3, maxLength: colors * 3 })
  );
  return fc.tuple(pixels, palette).map(([pixels, palette]): Picture => ({
    ...rest,
    ...{ width, height, bits, photometric, extra, pixels, palette },
    part: { isTile, width: isTile ? partWidth : width, height: partHeight },
    hasPlanes: shape.hasPlanes && bits % 8 === 0,
    hasPredictor: shape.hasPredictor && bits % 8 === 0,
  }));
});

/** Whether a picture is partial, and its pixels. */
async function pixelsOf(bytes: Uint8Array) {
  const header = checkedHeader(bytes);
  const raster = await decode(bytes, header, header, BACKGROUND);
  return [raster.isPartial ?? false, pixelsIn(raster)] as const;
}

function pixelsIn({ width, height, data }: Raster): number[][] {
  return Array.from(
    { length: width * height },
    (_, i) => [...data.subarray(i * 3, i * 3 + 3)],
  );
}

Deno.test("a TIFF of any kind is decoded to what was written", async () => {
  await fc.assert(
    fc.asyncProperty(picture, async (picture) => {
      const expected = picture.pixels.map((pixel) => colorOf(picture, pixel));
      assertEquals(await pixelsOf(write(picture)), [false, expected]);
    }),
    { numRuns: 300 },
  );
});

Deno.test("of a strip or tile that ends early the rows before are decoded, the rest is background", async () => {
  const width = 4, height = 6;
  const pixels = Array.from({ length: width * height }, (_, i) => [i + 1]);
  for (const part of [{ width, height: 3, isTile: false }, { width: 2, height: 3, isTile: true }]) {
    const picture: Picture = {
      ...{ width, height, bits: 8, photometric: BLACK_IS_ZERO, extra: [], pixels, palette: [] },
      ...{ part, hasPlanes: false, compression: NONE, hasPredictor: false, isLsbFirst: false },
      ...{ isLittle: false, isBig: false },
    };
    const counts = partsOf(picture).map(({ length }) => length);
    for (let index = 0; index < counts.length; index++) {
      // One row of this part is there.
      const bytes = write(picture);
      const view = new DataView(bytes.buffer);
      const directory = view.getUint32(4);
      for (let i = 0; i < view.getUint16(directory); i++) {
        const at = directory + 2 + i * 12;
        if (![279, 325].includes(view.getUint16(at))) continue;
        view.setUint32(view.getUint32(at + 8) + index * 4, part.width);
      }
      const across = width / part.width;
      const left = index % across * part.width, top = Math.floor(index / across) * part.height;
      const expected = pixels.map(([grey], i) => {
        const x = i % width - left, y = Math.floor(i / width) - top;
        const isMissing = x >= 0 && x < part.width && y >= 1 && y < part.height;
        return isMissing ? [...BACKGROUND] : [grey, grey, grey];
      });
      assertEquals(await pixelsOf(bytes), [true, expected]);
    }
  }
});
