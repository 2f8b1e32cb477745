import { PictureError } from "./error.ts";
import { pauses } from "./pauses.ts";
import type { Raster, Rgb } from "./raster.ts";
import { readTiffDirectory, TIFF, type TiffFields } from "./tiff_directory.ts";
import { COMPRESSIONS, JPEG, segmentRows, segmentsOf, type TiffLayout } from "./tiff_segments.ts";

/** Values of PhotometricInterpretation: what the samples mean. */
const WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, PALETTE = 3, CMYK = 5, YCBCR = 6;

/**
 * Reads the first picture of a TIFF: strips or tiles; grey, RGB, palette or CMYK, with alpha or without;
 * 1, 2, 4, 8 or 16 bits a sample; uncompressed, PackBits, LZW, deflate, or JPEG. (imagescript's codec for TIFF
 * traps on every file, with whatever runtime.)
 * No more is held than the finished pixels and a row, or of JPEG a strip or tile.
 *
 * @throws {PictureError} where the picture is of another kind
 * @throws {Error} where it is damaged
 */
export async function readTiff(bytes: Uint8Array, background: Rgb): Promise<Raster> {
  const fields = readTiffDirectory(bytes, Object.values(TIFF));
  if (fields === null) throw new Error("No TIFF structure");
  const layout = readLayout(fields, bytes[0] === 0x49);
  const { width, height } = layout;
  const data = new Uint8Array(width * height * 3);
  const write = pixelWriter(layout, background);
  const pause = pauses();
  for (const segment of segmentsOf(fields, layout, bytes)) {
    const across = Math.min(segment.width, width - segment.left);
    const down = Math.min(segment.height, height - segment.top);
    await segmentRows(segment, layout, down, (row, y) => {
      write(row, across, data, ((segment.top + y) * width + segment.left) * 3);
      return pause();
    });
  }
  return { width, height, channels: 3, data };
}

function readLayout(fields: TiffFields, little: boolean): TiffLayout {
  const one = (tag: number, otherwise: number) => fields.get(tag)?.[0] ?? otherwise;
  const compression = one(TIFF.COMPRESSION, 1);
  const stored = one(TIFF.PHOTOMETRIC, BLACK_IS_ZERO);
  // The JPEG codec gives RGB.
  const photometric = compression === JPEG && stored === YCBCR ? RGB : stored;
  const colors = photometric === RGB ? 3 : photometric === CMYK ? 4 : 1;
  const samples = one(TIFF.SAMPLES_PER_PIXEL, colors);
  const allBits = fields.get(TIFF.BITS_PER_SAMPLE) ?? [1];
  const bits = allBits[0];
  const predictor = one(TIFF.PREDICTOR, 1);
  const planes = one(TIFF.PLANAR_CONFIGURATION, 1) === 2 && samples > 1;
  const drawn = [WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK].includes(photometric) &&
    [1, 2, 4, 8, 16].includes(bits) && allBits.every((each) => each === bits) &&
    samples >= colors && samples <= 8 && COMPRESSIONS.includes(compression) &&
    (compression !== JPEG || (bits === 8 && predictor === 1)) &&
    (predictor === 1 || (predictor === 2 && bits >= 8)) &&
    (!planes || bits >= 8) &&
    one(TIFF.SAMPLE_FORMAT, 1) === 1;
  if (!drawn) throw new PictureError("unknown-type", "This kind of TIFF is not drawn.");
  const extra = one(TIFF.EXTRA_SAMPLES, 0);
  return {
    width: one(TIFF.WIDTH, 0),
    height: one(TIFF.HEIGHT, 0),
    bits,
    samples,
    photometric,
    compression,
    differences: predictor === 2,
    little,
    alpha: samples === colors || extra < 1 || extra > 2
      ? "none"
      : extra === 1
      ? "associated"
      : "unassociated",
    planes,
    tables: Uint8Array.from(fields.get(TIFF.JPEG_TABLES) ?? []),
    storesRgb: stored === RGB,
    lowestFirst: one(TIFF.FILL_ORDER, 1) === 2 && compression !== JPEG,
    palette: fields.get(TIFF.COLOR_MAP) ?? [],
  };
}

/** Turns a row of stored samples into RGB: `pixels` of them, from byte `at` of `data` on. */
type PixelWriter = (row: Uint8Array, pixels: number, data: Uint8Array, at: number) => void;

function pixelWriter(layout: TiffLayout, background: Rgb): PixelWriter {
  const { bits, samples, photometric, palette, alpha } = layout;
  // Of 16 bits the upper eight are kept, fewer than eight are spread over the whole range.
  const most = (1 << Math.min(bits, 8)) - 1;
  const upper = layout.little ? 1 : 0;
  const stored = (row: Uint8Array, index: number): number => {
    if (bits === 8) return row[index];
    if (bits === 16) return row[index * 2 + upper];
    const bit = index * bits;
    return row[bit >> 3] >> (8 - bits - (bit & 7)) & most;
  };
  const level = (row: Uint8Array, index: number) => stored(row, index) * 255 / most;
  const colors = palette.length / 3;
  const color: [number, number, number] = [0, 0, 0];
  const read = (row: Uint8Array, first: number): void => {
    if (photometric === PALETTE) {
      // All reds come first, then all greens; 16 bits each. Sixteen-bit indexes are not in use.
      const index = stored(row, first);
      for (let c = 0; c < 3; c++) color[c] = (palette[index + c * colors] ?? 0) >> 8;
    } else if (photometric === RGB) {
      for (let c = 0; c < 3; c++) color[c] = level(row, first + c);
    } else if (photometric === CMYK) {
      const white = 255 - level(row, first + 3);
      for (let c = 0; c < 3; c++) color[c] = (255 - level(row, first + c)) * white / 255;
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
