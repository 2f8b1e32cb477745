/**
 * Decodes the first picture of a TIFF: strips or tiles; grey, RGB, palette or CMYK, with alpha or
 * without; 1 to 16 bits a sample, or 32, also as floating-point numbers; uncompressed, PackBits,
 * LZW, deflate or JPEG. Nothing more is held than the finished pixels and a row, or of JPEG a strip
 * or tile. (imagescript's codec for TIFF traps on every file.)
 *
 * @module
 */
import { PictureError } from "../../error.ts";
import type { Raster, Rgb, Size } from "../../pixels/raster.ts";
import { fill } from "../../pixels/rectangle.ts";
import { pauses } from "../yielding.ts";
import type { TiffHeader } from "./header.ts";
import { CMYK, PALETTE, readLayout, RGB, type TiffLayout, WHITE_IS_ZERO } from "./layout.ts";
import { segmentRows, segmentsOf } from "./segments.ts";

/**
 * Decodes a TIFF. Of one that is cut short or damaged, the strips and tiles that are whole, and of
 * the others the rows before the damage.
 *
 * @throws {PictureError} if the picture is of a kind that is not drawn
 * @throws {Error} if there is not a single row
 */
export async function decode(
  bytes: Uint8Array,
  header: TiffHeader,
  _minimum: Size,
  background: Rgb,
): Promise<Raster> {
  const layout = readLayout(header);
  const { width, height } = layout;
  const data = new Uint8Array(width * height * 3);
  const raster: Raster = { width, height, channels: 3, data };
  const write = pixelWriter(layout, background);
  const pause = pauses();
  let hasRows = false, isWhole = true;
  for (const segment of segmentsOf(header.fields, layout, bytes)) {
    const { left, top } = segment;
    const across = Math.min(segment.width, width - left);
    const down = Math.min(segment.height, height - top);
    let done = 0;
    try {
      await segmentRows(segment, layout, down, (row, y) => {
        write(row, across, data, ((top + y) * width + left) * 3);
        done = y + 1;
        return pause();
      });
    } catch (error) {
      if (error instanceof PictureError) throw error;
      fill(raster, { x: left, y: top + done, width: across, height: down - done }, background);
      isWhole = false;
    }
    hasRows ||= done > 0;
  }
  if (!hasRows) throw new Error("There is not a single row");
  return isWhole ? raster : { ...raster, isPartial: true };
}

/**
 * Makes what reads a sample of a row: as it is up to 8 bits, of more the upper 8, of a
 * floating-point number from 0 to 1 its 255 parts.
 */
function sampleReader(
  { bits, isFloat, isLittleEndian }: TiffLayout,
): (row: Uint8Array, index: number) => number {
  if (isFloat) {
    return (row, index) => {
      const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
      const value = bits === 64
        ? view.getFloat64(index * 8, isLittleEndian)
        : view.getFloat32(index * 4, isLittleEndian);
      // What is not a number is 0, too.
      return Math.min(1, Math.max(0, value) || 0) * 255;
    };
  }
  if (bits === 8) return (row, index) => row[index];
  if (bits === 16 || bits === 32) {
    const size = bits / 8, upper = isLittleEndian ? size - 1 : 0;
    return (row, index) => row[index * size + upper];
  }
  // Those of 10, 12 or 14 bits may lie in two bytes.
  const kept = Math.min(bits, 8), most = (1 << kept) - 1;
  return (row, index) => {
    const bit = index * bits, at = bit >> 3;
    return (row[at] << 8 | row[at + 1]) >> (16 - kept - (bit & 7)) & most;
  };
}

/** Turns a row of stored samples into RGB: `pixels` of them, from byte `at` of `data` on. */
type PixelWriter = (row: Uint8Array, pixels: number, data: Uint8Array, at: number) => void;

function pixelWriter(layout: TiffLayout, background: Rgb): PixelWriter {
  const { bits, samples, photometric, palette, alpha } = layout;
  const stored = sampleReader(layout);
  // Of 16 bits the upper eight are kept, fewer than eight are spread over the whole range.
  const scale = 255 / ((1 << Math.min(bits, 8)) - 1);
  const level = (row: Uint8Array, index: number) => stored(row, index) * scale;
  const colors = palette.length / 3;
  const color: [number, number, number] = [0, 0, 0];
  const read = (row: Uint8Array, first: number): void => {
    if (photometric === PALETTE) {
      // All reds come first, then all greens; 16 bits each. Longer indices are not in use.
      const index = stored(row, first);
      color[0] = (palette[index] ?? 0) >> 8;
      color[1] = (palette[index + colors] ?? 0) >> 8;
      color[2] = (palette[index + 2 * colors] ?? 0) >> 8;
    } else if (photometric === RGB) {
      color[0] = level(row, first);
      color[1] = level(row, first + 1);
      color[2] = level(row, first + 2);
    } else if (photometric === CMYK) {
      const white = 255 - level(row, first + 3);
      color[0] = (255 - level(row, first)) * white / 255;
      color[1] = (255 - level(row, first + 1)) * white / 255;
      color[2] = (255 - level(row, first + 2)) * white / 255;
    } else {
      const grey = level(row, first);
      color.fill(photometric === WHITE_IS_ZERO ? 255 - grey : grey);
    }
  };
  const alphaAt = photometric === RGB ? 3 : photometric === CMYK ? 4 : 1;
  return (row, pixels, data, at) => {
    for (let i = 0, first = 0; i < pixels; i++, first += samples) {
      read(row, first);
      const opaque = alpha === "none" ? 1 : level(row, first + alphaAt) / 255;
      const seen = alpha === "associated" ? 1 : opaque;
      for (let c = 0; c < 3; c++) {
        data[at++] = Math.min(255, Math.round(color[c] * seen + background[c] * (1 - opaque)));
      }
    }
  };
}
