/**
 * Decodes a BMP of 1 to 32 bits a pixel, plain or run-length encoded.
 *
 * @module
 */
import { PictureError } from "../../error.ts";
import type { Raster, Rgb, Size } from "../../pixels/raster.ts";
import { fill } from "../../pixels/rectangle.ts";
import { pauses } from "../yielding.ts";
import { type BmpHeader, RLE4, RLE8 } from "./header.ts";

/**
 * Decodes a BMP. Of one that is cut short, the rows that are there.
 *
 * @throws {PictureError} if the picture is of a kind that is not drawn
 * @throws {Error} if there is not a single row
 */
export async function decode(
  bytes: Uint8Array,
  header: BmpHeader,
  _minimum: Size,
  background: Rgb,
): Promise<Raster> {
  if (header.undrawnKind !== null) throw PictureError.undrawn(header.undrawnKind);
  const { width, height, compression } = header;
  const data = new Uint8Array(width * height * 3);
  const raster: Raster = { width, height, channels: 3, data };
  fill(raster, { x: 0, y: 0, width, height }, background);
  const stored = bytes.subarray(header.dataAt);
  const isWhole = compression === RLE8 || compression === RLE4
    ? unpackRuns(stored, header, data)
    : await readRows(stored, header, data, background);
  return isWhole ? raster : { ...raster, isPartial: true };
}

/** Where a row belongs that is stored as number `y`. */
function rowAt({ width, height, isTopDown }: BmpHeader, y: number): number {
  return (isTopDown ? y : height - 1 - y) * width * 3;
}

function paint(
  { palette, paletteStep }: BmpHeader,
  data: Uint8Array,
  at: number,
  index: number,
): void {
  // A colour that the palette does not have is black.
  for (let c = 0; c < 3; c++) data[at + c] = palette[index * paletteStep + 2 - c] ?? 0;
}

/**
 * Reads rows that are not compressed, each of whole 32-bit words. @returns whether all were there
 */
async function readRows(
  stored: Uint8Array,
  header: BmpHeader,
  data: Uint8Array,
  background: Rgb,
): Promise<boolean> {
  const { width, height, bits, masks } = header;
  const stride = Math.ceil(width * bits / 32) * 4;
  const length = Math.ceil(width * bits / 8);
  const fields = masks.map(fieldOf);
  const [, , , alpha] = fields;
  const pause = pauses();
  for (let y = 0; y < height; y++) {
    const row = stored.subarray(y * stride, y * stride + length);
    if (row.length < length) {
      if (y === 0) throw new Error("There is not a single row");
      return false;
    }
    for (let x = 0, at = rowAt(header, y); x < width; x++, at += 3) {
      if (bits <= 8) {
        const bit = x * bits;
        paint(header, data, at, row[bit >> 3] >> (8 - bits - (bit & 7)) & ((1 << bits) - 1));
        continue;
      }
      let pixel = 0;
      for (let i = bits / 8 - 1, from = x * bits / 8; i >= 0; i--) {
        pixel = (pixel << 8 | row[from + i]) >>> 0;
      }
      const opaque = masks[3] === 0 ? 1 : alpha(pixel) / 255;
      for (let c = 0; c < 3; c++) {
        data[at + c] = Math.round(fields[c](pixel) * opaque + background[c] * (1 - opaque));
      }
    }
    await pause();
  }
  return true;
}

/** Reads the field of a mask from a pixel, 0–255. */
function fieldOf(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const shift = Math.log2((mask & -mask) >>> 0);
  const most = mask >>> shift;
  return (pixel) => Math.min(255, ((pixel & mask) >>> 0 >>> shift) * 255 / most);
}

/** Undoes the run-length encoding of 4 or 8 bits. @returns whether the end was reached */
function unpackRuns(stored: Uint8Array, header: BmpHeader, data: Uint8Array): boolean {
  const { width, height, compression } = header;
  const isNibbles = compression === RLE4;
  let x = 0, y = 0;
  const put = (index: number) => {
    if (x < width) paint(header, data, rowAt(header, y) + x * 3, index);
    x++;
  };
  const indexAt = (at: number, i: number) =>
    isNibbles ? stored[at + (i >> 1)] >> (i & 1 ? 0 : 4) & 15 : stored[at + i];
  let at = 0;
  // Of rows beyond the last one, the pixels fall outside of `data`, which ignores them.
  while (at + 1 < stored.length) {
    const count = stored[at], value = stored[at + 1];
    at += 2;
    if (count > 0) { // a run
      for (let i = 0; i < count; i++) put(isNibbles ? value >> (i & 1 ? 0 : 4) & 15 : value);
    } else if (value === 0) { // end of the row
      x = 0;
      y++;
    } else if (value === 1) { // end of the picture
      return true;
    } else if (value === 2) { // a jump
      x += stored[at] ?? 0;
      y += stored[at + 1] ?? 0;
      at += 2;
    } else { // pixels as they are, in whole 16-bit words
      const size = isNibbles ? value + 1 >> 1 : value;
      if (at + size > stored.length) break;
      for (let i = 0; i < value; i++) put(indexAt(at, i));
      at += size + (size & 1);
    }
  }
  if (at === 0) throw new Error("There is not a single pixel");
  return y >= height;
}
