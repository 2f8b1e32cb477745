/**
 * How the samples of a TIFF are stored, as its directory says.
 *
 * @module
 */
import { PictureError } from "../../error.ts";
import { TIFF } from "../ifd.ts";
import type { TiffHeader } from "./header.ts";

/** Values of Compression. */
export const NONE = 1,
  LZW = 5,
  DEFLATE = 8,
  PACK_BITS = 32773,
  OLD_DEFLATE = 32946;

/** JPEG, which says more itself about what the samples mean. */
export const JPEG = 7;

/** The values that are unpacked. */
const COMPRESSIONS: readonly number[] = [
  NONE,
  LZW,
  JPEG,
  DEFLATE,
  PACK_BITS,
  OLD_DEFLATE,
];
/** Values of PhotometricInterpretation: what the samples mean. */
export const WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, PALETTE = 3, CMYK = 5, YCBCR = 6;

/** How pixels are stored. */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly samples: number;
  readonly photometric: number;
  readonly compression: number;
  /** Whether each sample is stored as the difference from its left neighbour. */
  readonly hasPredictor: boolean;
  /** Whether the lowest byte of a number comes first. */
  readonly isLittleEndian: boolean;
  /**
   * Whether the sample after the colours is how opaque a pixel is, and whether the colours have been
   * multiplied by it already.
   */
  readonly alpha: "none" | "associated" | "unassociated";
  /** Whether each sample is stored in a plane of its own. */
  readonly planes: boolean;
  /** The tables that all parts have in common, where they are JPEGs. */
  readonly tables: Uint8Array;
  /** Whether parts that are JPEGs hold RGB; else YCbCr, as usual. */
  readonly storesRgb: boolean;
  /** Whether a byte's lowest bit comes first. */
  readonly isLsbFirst: boolean;
  readonly palette: ArrayLike<number>;
}

/**
 * Reads the layout.
 *
 * @throws {PictureError} if the picture is of a kind that is not drawn
 */
export function readLayout({ fields, width, height, isLittleEndian }: TiffHeader): TiffLayout {
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
  if (!drawn) throw PictureError.undrawn("TIFF of another kind");
  const extra = one(TIFF.EXTRA_SAMPLES, 0);
  return {
    width,
    height,
    bits,
    samples,
    photometric,
    compression,
    hasPredictor: predictor === 2,
    isLittleEndian,
    alpha: samples === colors || extra < 1 || extra > 2
      ? "none"
      : extra === 1
      ? "associated"
      : "unassociated",
    planes,
    tables: Uint8Array.from(fields.get(TIFF.JPEG_TABLES) ?? []),
    storesRgb: stored === RGB,
    isLsbFirst: one(TIFF.FILL_ORDER, 1) === 2 && compression !== JPEG,
    palette: fields.get(TIFF.COLOR_MAP) ?? [],
  };
}
