/**
 * Kinds of TIFF that no program at hand writes, and those that are named and not drawn.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { MAX_VALUES, readTiffDirectory, TIFF } from "../../../lib/picture/formats/ifd.ts";
import { readTiffHeader } from "../../../lib/picture/formats/tiff/header.ts";
import { unpackJpeg } from "../../../lib/picture/formats/tiff/jpeg.ts";
import { readLayout } from "../../../lib/picture/formats/tiff/layout.ts";
import { draw, identify, PictureError } from "../../../lib/picture/mod.ts";
import { canvas, decoded, fixture } from "../support/pictures.ts";
import { dataStart, type Field, writeTiff } from "../support/tiff_writer.ts";

/** A TIFF with the highest byte first: short fields, and a single strip. */
function tiffOf(
  width: number,
  height: number,
  fields: Record<number, number[]>,
  data: number[],
): Uint8Array {
  const all: [number, number[]][] = Object.entries({
    256: [width],
    257: [height],
    ...fields,
    278: [height],
    279: [data.length],
  }).map(([tag, values]) => [Number(tag), values]);
  all.push([273, [0]]);
  all.sort(([a], [b]) => a - b);
  const values = 8 + 2 + all.length * 12 + 4;
  const extra = all.flatMap(([, list]) => list.length > 2 ? list : []);
  const start = values + extra.length * 2;
  const view = new DataView(new ArrayBuffer(start + data.length));
  view.setUint32(0, 0x4d4d002a);
  view.setUint32(4, 8);
  view.setUint16(8, all.length);
  let at = 10, next = values;
  for (const [tag, list] of all) {
    view.setUint16(at, tag);
    view.setUint16(at + 2, 3);
    view.setUint32(at + 4, list.length);
    if (list.length > 2) {
      view.setUint32(at + 8, next);
      for (const value of list) {
        view.setUint16(next, value);
        next += 2;
      }
    } else {(tag === 273 ? [start] : list).forEach((value, i) =>
        view.setUint16(at + 8 + i * 2, value)
      );}
    at += 12;
  }
  const bytes = new Uint8Array(view.buffer);
  bytes.set(data, start);
  return bytes;
}

Deno.test("YCbCr that is subsampled and no JPEG is drawn (TIFF 6.0, section 21)", async () => {
  // Two units of 2 × 2 lumas and their chromas: grey levels in red, then in neutral; one column is
  // spare.
  const data = [50, 60, 70, 80, 128, 178, 10, 0, 30, 0, 128, 128];
  const bytes = tiffOf(3, 2, { 258: [8, 8, 8], 262: [6], 277: [3], 530: [2, 2] }, data);
  const { data: pixels } = await decoded(bytes);
  const reds = [...pixels].filter((_, i) => i % 3 === 0);
  assertEquals(reds, [120, 130, 10, 140, 150, 30]);
  assertEquals([...pixels.subarray(6, 9)], [10, 10, 10]);
});

Deno.test("YCbCr may share chroma among 1, 2 or 4 pixels each way, and no other number", async () => {
  const fields = { 258: [8, 8, 8], 262: [6], 277: [3] };
  for (let across = 0; across <= 5; across++) {
    for (let down = 0; down <= 5; down++) {
      const lumas = Array.from({ length: across * down }, (_, i) => i + 1);
      const unit = [...lumas, 128, 128];
      const bytes = tiffOf(across || 1, down || 1, { ...fields, 530: [across, down] }, unit);
      if ([1, 2, 4].includes(across) && [1, 2, 4].includes(down)) {
        const { data } = await decoded(bytes);
        assertEquals([...data].filter((_, i) => i % 3 === 0), lumas);
      } else {
        const error = await assertRejects(() => draw(bytes, canvas(1, 1)), PictureError);
        assertEquals(error.kind, "TIFF with an unusual kind of YCbCr");
      }
    }
  }
});

Deno.test("units of YCbCr may come in pieces, row after row of them", async () => {
  // Four units of 2 × 2 lumas, the same chromas for all, in packets of three bytes.
  const luma = (unit: number) => [0, 1, 2, 3].map((i) => 100 + unit * 4 + i);
  const stored = [0, 1, 2, 3].flatMap((unit) => [...luma(unit), 148, 118]);
  const data = stored.flatMap((byte, i) => i % 3 === 0 ? [2, byte] : [byte]);
  const fields = { 258: [8, 8, 8], 259: [32_773], 262: [6], 277: [3], 530: [2, 2] };
  const raster = await decoded(tiffOf(4, 4, fields, data));
  assertEquals(raster.isPartial ?? false, false);
  const lumas = [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15].map((i) => 100 + i);
  // Of 100, 20 of blue and -10 of red: by section 21, 85.98, 100.26 and 135.44.
  const expected = lumas.flatMap((luma) => [luma - 14, luma, luma + 35]);
  assertEquals([...raster.data], expected);
});

Deno.test("PackBits that end within a run are cut short", async () => {
  const bytes = tiffOf(2, 2, { 258: [8], 259: [32_773], 262: [1] }, [255, 9, 255]);
  const raster = await decoded(bytes, [1, 2, 3]);
  assertEquals([...raster.data], [9, 9, 9, 9, 9, 9, 1, 2, 3, 1, 2, 3]);
});

Deno.test("one sample may be a plane of any depth, and eight samples are drawn by the first", async () => {
  const plane = await decoded(tiffOf(2, 1, { 258: [4], 262: [1], 284: [2] }, [0x1f]));
  assertEquals([...plane.data], [17, 17, 17, 255, 255, 255]);
  const eight = await decoded(
    tiffOf(1, 1, { 258: [8], 262: [1], 277: [8] }, [7, 1, 1, 1, 1, 1, 1, 1]),
  );
  assertEquals([...eight.data], [7, 7, 7]);
});

Deno.test("floating-point numbers may be stored byte by byte, as differences (Technical Note 3)", async () => {
  // Two pixels of grey and a sample that is not drawn.
  const values = [0.2, 7, 0.8, 9];
  const view = new DataView(new ArrayBuffer(16));
  values.forEach((value, i) => view.setFloat32(i * 4, value));
  const apart = [0, 1, 2, 3].flatMap((k) => values.map((_, i) => view.getUint8(i * 4 + k)));
  const data = Uint8Array.from(apart.map((byte, i) => byte - (apart[i - 2] ?? 0) & 255));
  for (const isLittle of [false, true]) {
    const layout = { isLittle, isBig: false };
    const short = (tag: number, ...values: number[]): Field => ({ tag, type: 3, values });
    const fields = [
      short(TIFF.WIDTH, 2),
      short(TIFF.HEIGHT, 1),
      short(TIFF.BITS_PER_SAMPLE, 32, 32),
      short(TIFF.STRIP_OFFSETS, dataStart(layout)),
      short(TIFF.SAMPLES_PER_PIXEL, 2),
      short(TIFF.PREDICTOR, 3),
      short(TIFF.SAMPLE_FORMAT, 3),
    ];
    const raster = await decoded(writeTiff(fields, layout, data));
    assertEquals([...raster.data], [51, 51, 51, 204, 204, 204]);
  }
});

Deno.test("strips and tiles have a size, up to a million pixels across", async () => {
  const layout = { isLittle: false, isBig: false };
  const long = (tag: number, ...values: number[]): Field => ({ tag, type: 4, values });
  const grey = [long(TIFF.WIDTH, 1), long(TIFF.HEIGHT, 1), long(TIFF.BITS_PER_SAMPLE, 8)];
  const start = dataStart(layout), data = new Uint8Array(1_000_001).fill(5);
  const strip = (
    rows: number,
  ) => [long(TIFF.STRIP_OFFSETS, start), long(TIFF.ROWS_PER_STRIP, rows)];
  const tile = (width: number, height: number) => [
    long(TIFF.TILE_WIDTH, width),
    long(TIFF.TILE_HEIGHT, height),
    long(TIFF.TILE_OFFSETS, start),
  ];
  for (const part of [strip(1), tile(1, 1), tile(1_000_000, 1)]) {
    const raster = await decoded(writeTiff([...grey, ...part], layout, data));
    assertEquals([...raster.data], [5, 5, 5]);
  }
  for (const part of [strip(0), tile(0, 1), tile(1, 0), tile(1_000_001, 1)]) {
    const bytes = writeTiff([...grey, ...part], layout, data);
    await assertRejects(() => decoded(bytes), PictureError, "damaged");
  }
});

Deno.test("the predictor applies to floating-point numbers of 64 bits as to integers", async () => {
  const view = new DataView(new ArrayBuffer(24));
  [0.2, 1, 0.4].forEach((value, i) => view.setFloat64(i * 8, value));
  for (const i of [2, 1]) {
    view.setBigUint64(i * 8, view.getBigUint64(i * 8) - view.getBigUint64(i * 8 - 8));
  }
  const fields = { 258: [64], 262: [1], 317: [2], 339: [3] };
  const { data } = await decoded(tiffOf(3, 1, fields, [...new Uint8Array(view.buffer)]));
  assertEquals([...data].filter((_, i) => i % 3 === 0), [51, 255, 102]);
});

Deno.test("an old-style JPEG that is whole is drawn (TIFF 6.0, section 22)", async () => {
  const jpeg = await fixture("baseline.jpg");
  const { width, height } = identify(jpeg)!;
  const fields = { 258: [8, 8, 8], 259: [6], 262: [6] };
  const { data } = await decoded(tiffOf(width, height, fields, [...jpeg]));
  assertEquals(data, (await decoded(jpeg)).data);
  const parts = { ...fields, 273: [8, 8] };
  for (
    const other of [
      tiffOf(width, height + 1, fields, [...jpeg]),
      writeTiff(
        [
          ...Object.entries({ 256: [width], 257: [height], ...parts, 513: [8] }).map((
            [tag, values],
          ): Field => ({ tag: Number(tag), type: 4, values })),
        ],
        { isLittle: false, isBig: false },
        jpeg,
      ),
    ]
  ) {
    const error = await assertRejects(() => draw(other, canvas(1, 1)), PictureError);
    assertEquals(error.kind, "TIFF with an old-style JPEG in parts");
  }
});

Deno.test("sizes of samples that there are none of do not matter", async () => {
  const fields = { 258: [8, 8, 8, 1], 262: [2], 277: [3] };
  assertEquals([...(await decoded(tiffOf(1, 1, fields, [1, 2, 3]))).data], [1, 2, 3]);
});

Deno.test("LZW codes from before TIFF 5.0 come the lowest bit first", async () => {
  const pixels = [1, 2, 3, 250, 5, 6, 7, 8];
  let held = 0n, count = 0n;
  for (const code of [256, ...pixels, 257]) {
    held |= BigInt(code) << count;
    count += 9n;
  }
  const data: number[] = [];
  for (let at = 0n; at < count; at += 8n) data.push(Number(held >> at & 255n));
  const bytes = tiffOf(8, 1, { 258: [8], 259: [5], 262: [1] }, data);
  assertEquals([...(await decoded(bytes)).data].filter((_, i) => i % 3 === 0), pixels);
});

Deno.test("a field of a million values is read, one of more is passed over", () => {
  for (const [count, isRead] of [[MAX_VALUES, true], [MAX_VALUES + 1, false]] as const) {
    const bytes = new Uint8Array(8 + 2 + 12 + 4 + count);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x4d4d002a);
    view.setUint32(4, 8);
    view.setUint16(8, 1);
    [TIFF.ICC_PROFILE, 7].forEach((value, i) => view.setUint16(10 + i * 2, value));
    view.setUint32(14, count);
    view.setUint32(18, 26);
    const fields = readTiffDirectory(bytes, [TIFF.ICC_PROFILE])!;
    assertEquals(fields.get(TIFF.ICC_PROFILE)?.length, isRead ? count : undefined);
  }
});

Deno.test("a strip that is missing is left out, and the others are drawn", async () => {
  const bytes = tiffOf(2, 2, { 258: [8], 262: [1] }, [200, 200, 100]);
  const raster = await decoded(bytes);
  assertEquals(raster.isPartial, true);
  assertEquals([...raster.data], [200, 200, 200, 200, 200, 200, 0, 0, 0, 0, 0, 0]);
});

Deno.test("a TIFF without a single row is damaged", async () => {
  const bytes = tiffOf(2, 2, { 258: [8], 262: [1] }, [200]);
  const error = await assertRejects(() => decoded(bytes), PictureError);
  assertEquals(error.code, "damaged");
});

Deno.test("floating-point numbers of 64 bits are levels from 0 to 1, and others are cut off", async () => {
  const values = [0, 0.2, 1, 7, -3, NaN];
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => view.setFloat64(i * 8, value));
  const data = [...new Uint8Array(view.buffer)];
  const raster = await decoded(tiffOf(6, 1, { 258: [64], 262: [1], 339: [3] }, data));
  assertEquals([...raster.data].filter((_, i) => i % 3 === 0), [0, 51, 255, 255, 0, 0]);
});

Deno.test("a directory without a width or a height is no picture; its colours are those of a profile", () => {
  const field = (tag: number, ...values: number[]): Field => ({ tag, type: 1, values });
  const read = (...fields: Field[]) =>
    readTiffHeader(writeTiff(fields, { isLittle: true, isBig: false }));
  const [width, height] = [field(TIFF.WIDTH, 7), field(TIFF.HEIGHT, 9)];
  assertEquals([read(width), read(height)], [null, null]);
  assertEquals(read(width, height)?.color, null);
  assertEquals(read(width, height, field(TIFF.ICC_PROFILE, 1, 2, 3))?.color, {
    kind: "icc",
    profile: Uint8Array.of(1, 2, 3),
    isDeflated: false,
  });
});

/** A TIFF whose strips are all this JPEG, in colour or each of a plane. */
function jpegTiff(jpeg: Uint8Array, width: number, height: number, fields: Field[] = []) {
  const layout = { isLittle: false, isBig: false };
  const short = (tag: number, ...values: number[]): Field => ({ tag, type: 3, values });
  const [at, count] = [dataStart(layout), jpeg.length];
  const all = new Map<number, Field>();
  for (
    const field of [
      short(TIFF.WIDTH, width),
      short(TIFF.HEIGHT, height),
      short(TIFF.BITS_PER_SAMPLE, 8, 8, 8),
      short(TIFF.COMPRESSION, 7),
      short(TIFF.PHOTOMETRIC, 6),
      short(TIFF.STRIP_OFFSETS, at, at, at),
      short(TIFF.SAMPLES_PER_PIXEL, 3),
      short(TIFF.STRIP_BYTE_COUNTS, count, count, count),
      ...fields,
    ]
  ) all.set(field.tag, field);
  return writeTiff([...all.values()], layout, jpeg);
}

Deno.test("a strip may be a whole JPEG, which has the width and at most the height of the strip", async () => {
  const jpeg = await fixture("baseline.jpg");
  const whole = await decoded(jpegTiff(jpeg, 64, 48));
  const { data } = await decoded(jpeg);
  assertEquals([whole.isPartial ?? false, whole.data], [false, data]);
  const longer = await decoded(jpegTiff(jpeg, 64, 50));
  assertEquals([longer.isPartial, longer.data.subarray(0, data.length)], [true, data]);
  for (const [width, height] of [[63, 48], [65, 48], [64, 47]]) {
    await assertRejects(() => decoded(jpegTiff(jpeg, width, height)), PictureError, "damaged");
  }
  // One component where there are three.
  await assertRejects(
    async () => await decoded(jpegTiff(await fixture("grey.jpg"), 64, 48)),
    PictureError,
    "damaged",
  );
  const progressive = jpeg.slice();
  progressive[jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0) + 1] = 0xc9;
  const error = await assertRejects(() => decoded(jpegTiff(progressive, 64, 48)), PictureError);
  assertEquals(error.kind, "TIFF with a JPEG with arithmetic coding");
});

Deno.test("the planes of a picture may be JPEGs", async () => {
  const grey = await fixture("grey.jpg");
  const fields: Field[] = [
    { tag: TIFF.PHOTOMETRIC, type: 3, values: [2] },
    { tag: TIFF.PLANAR_CONFIGURATION, type: 3, values: [2] },
  ];
  const { data } = await decoded(grey);
  const found = await decoded(jpegTiff(grey, 64, 48, fields));
  assertEquals([...found.data].filter((_, i) => i % 3 === 1), [...data]);
});

Deno.test("a strip that is a JPEG of more than 50 megapixels is refused", async () => {
  const jpeg = await fixture("baseline.jpg");
  const size = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0) + 5;
  const layout = readLayout(readTiffHeader(jpegTiff(jpeg, 64, 48))!);
  for (const [height, message] of [[5000, "ends early"], [5001, "too large"]] as const) {
    const large = jpeg.slice();
    new DataView(large.buffer).setUint32(size, height << 16 | 10_000);
    await assertRejects(() => unpackJpeg(large, { width: 10_000, height }, layout), Error, message);
  }
});

const UNDRAWN: Record<string, [fields: Record<number, number[]>, kind: string]> = {
  "a fax": [{ 259: [4] }, "TIFF with a fax"],
  "an old-style JPEG in parts": [
    { 258: [8], 259: [6], 262: [6] },
    "TIFF with an old-style JPEG in parts",
  ],
  "a compression that nobody knows": [{ 259: [9999] }, "TIFF with compression 9999"],
  "raw sensor data": [{ 258: [8], 262: [32803] }, "TIFF with raw sensor data"],
  "colours that nobody knows": [{ 258: [8], 262: [777] }, "TIFF with colours of kind 777"],
  "signed samples": [{ 258: [8], 339: [2] }, "TIFF with signed or complex samples"],
  "samples of different sizes": [
    { 258: [5, 6, 5], 262: [2], 277: [3] },
    "TIFF with samples of different sizes",
  ],
  "too few samples": [{ 258: [8], 262: [2], 277: [1] }, "TIFF with 1 samples a pixel"],
  "nine samples": [{ 258: [8], 277: [9] }, "TIFF with 9 samples a pixel"],
  "3 bits": [{ 258: [3] }, "TIFF with 3 bits a sample"],
  "planes of 4 bits": [
    { 258: [4, 4, 4], 262: [2], 277: [3], 284: [2] },
    "TIFF with planes of 4 bits a sample",
  ],
  "a JPEG of 16 bits": [{ 258: [16], 259: [7] }, "TIFF with JPEG of 16 bits a sample"],
  "a palette of 16 bits": [{ 258: [16], 262: [3] }, "TIFF with a palette of 16 bits"],
  "a predictor of numbers that are no floats": [
    { 258: [32], 317: [3] },
    "TIFF with predictor 3 for this kind of samples",
  ],
  "a predictor for JPEG": [
    { 258: [8], 259: [7], 317: [2] },
    "TIFF with predictor 2 for this kind of samples",
  ],
  "YCbCr of 16 bits": [
    { 258: [16, 16, 16], 262: [6], 277: [3], 530: [1, 1] },
    "TIFF with an unusual kind of YCbCr",
  ],
  "YCbCr and a further sample": [
    { 258: [8, 8, 8, 8], 262: [6], 277: [4], 530: [1, 1] },
    "TIFF with an unusual kind of YCbCr",
  ],
  "planes of YCbCr": [
    { 258: [8, 8, 8], 262: [6], 277: [3], 284: [2], 530: [1, 1] },
    "TIFF with an unusual kind of YCbCr",
  ],
  "YCbCr as differences": [
    { 258: [8, 8, 8], 262: [6], 277: [3], 317: [2], 530: [1, 1] },
    "TIFF with an unusual kind of YCbCr",
  ],
  "a predictor for 4 bits": [
    { 258: [4], 317: [2] },
    "TIFF with predictor 2 for this kind of samples",
  ],
};

for (const [name, [fields, kind]] of Object.entries(UNDRAWN)) {
  Deno.test(`a TIFF with ${name} is named by its kind`, async () => {
    const bytes = tiffOf(1, 1, fields, [0, 0, 0, 0]);
    const error = await assertRejects(() => draw(bytes, canvas(1, 1)), PictureError);
    assertEquals([error.code, error.kind], ["unknown-type", kind]);
  });
}

Deno.test("a TIFF with Lab colours is named by its kind", async () => {
  const bytes = await fixture("lab.tif");
  const error = await assertRejects(() => draw(bytes, canvas(1, 1)), PictureError);
  assertEquals(error.kind, "TIFF with Lab colours");
});
