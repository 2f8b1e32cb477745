/**
 * Kinds of TIFF that no program at hand writes, and those that are named and not drawn.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { MAX_VALUES, readTiffDirectory, TIFF } from "../../../lib/picture/formats/ifd.ts";
import { draw, PictureError } from "../../../lib/picture/mod.ts";
import { canvas, decoded, fixture } from "../support/pictures.ts";

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

const UNDRAWN: Record<string, [fields: Record<number, number[]>, kind: string]> = {
  "a fax": [{ 259: [4] }, "TIFF with a fax"],
  "an old-style JPEG": [{ 258: [8], 259: [6], 262: [6] }, "TIFF with an old-style JPEG"],
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
