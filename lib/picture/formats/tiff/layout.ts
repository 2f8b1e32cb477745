/**
 * How the samples of a TIFF are stored, as its directory says.
 *
 * @module
 */
import { PictureError } from "../../error.ts";
import { TIFF } from "../ifd.ts";
import type { TiffHeader } from "./header.ts";

/** Values of Compression that are unpacked; a JPEG says more itself about what the samples mean. */
export const NONE = 1, LZW = 5, JPEG = 7, DEFLATE = 8, PACK_BITS = 32773, OLD_DEFLATE = 32946;

/** The value for a JPEG of before 1995, in one of several ways. */
export const OLD_JPEG = 6;

/** Values of PhotometricInterpretation that are drawn: what the samples mean. */
export const WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, PALETTE = 3, CMYK = 5, YCBCR = 6;

/** The compressions that are not unpacked, by their names. */
const OTHER_COMPRESSIONS: Readonly<Record<number, string>> = {
  2: "a fax",
  3: "a fax",
  4: "a fax",
  [OLD_JPEG]: "an old-style JPEG in parts",
  34661: "JBIG",
  34676: "LogLuv colours",
  34677: "LogLuv colours",
  34712: "a JPEG 2000",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "a WebP",
  50002: "a JPEG XL",
};

/** The colours that are not drawn, by their names. */
const OTHER_COLORS: Readonly<Record<number, string>> = {
  4: "a mask",
  8: "Lab colours",
  9: "Lab colours",
  10: "Lab colours",
  32803: "raw sensor data",
  32844: "LogLuv colours",
  32845: "LogLuv colours",
  34892: "raw sensor data",
};

/** How pixels are stored. */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. */
  readonly bits: number;
  /** Whether samples are floating-point numbers from 0 to 1; else they are integers. */
  readonly isFloat: boolean;
  /** Samples a pixel. */
  readonly samples: number;
  /** What the samples mean once a segment is unpacked: YCbCr is RGB by then. */
  readonly photometric: number;
  readonly compression: number;
  /**
   * What each sample is stored as: itself, the difference from its left neighbour (section 14), or
   * the same for floating-point numbers, byte by byte (TIFF Technical Note 3).
   */
  readonly predictor: "none" | "horizontal" | "floating-point";
  /** Whether the lowest byte of a number comes first. */
  readonly isLittleEndian: boolean;
  /**
   * Whether the sample after the colours is how opaque a pixel is, and whether the colours have
   * been multiplied by it already.
   */
  readonly alpha: "none" | "associated" | "unassociated";
  /** Whether each sample is stored in a plane of its own. */
  readonly planes: boolean;
  /** The tables that all parts share if they are JPEGs. */
  readonly tables: Uint8Array;
  /** Whether parts that are JPEGs hold RGB; else YCbCr, as usual. */
  readonly storesRgb: boolean;
  /**
   * Pixels that share their chroma, across and down, if the picture is stored as YCbCr; else null.
   */
  readonly subsampling: readonly [across: number, down: number] | null;
  /** Whether a byte's lowest bit comes first. */
  readonly isLsbFirst: boolean;
  /** All reds, then all greens, then all blues, 16 bits each. */
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
  // The JPEG codec gives RGB, and so does what unpacks YCbCr.
  const photometric = stored === YCBCR ? RGB : stored;
  const colors = photometric === RGB ? 3 : photometric === CMYK ? 4 : 1;
  const samples = one(TIFF.SAMPLES_PER_PIXEL, colors);
  // Some writers list more samples than there are.
  const allBits = fields.get(TIFF.BITS_PER_SAMPLE)?.subarray(0, Math.max(1, samples)) ?? [1];
  const bits = allBits[0];
  const format = one(TIFF.SAMPLE_FORMAT, 1);
  const predictor = one(TIFF.PREDICTOR, 1);
  const planes = one(TIFF.PLANAR_CONFIGURATION, 1) === 2 && samples > 1;
  const [across = 2, down = 2] = fields.get(TIFF.YCBCR_SUBSAMPLING) ?? [];
  const isYcbcr = stored === YCBCR && compression !== JPEG;
  const refuse = (kind: string | boolean | undefined) => {
    if (kind) throw PictureError.undrawn(`TIFF with ${kind}`);
  };
  refuse(OTHER_COMPRESSIONS[compression]);
  refuse(OTHER_COLORS[stored]);
  const isUnpacked = [NONE, LZW, JPEG, DEFLATE, PACK_BITS, OLD_DEFLATE].includes(compression);
  refuse(!isUnpacked && `compression ${compression}`);
  const isDrawn = [WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK].includes(photometric);
  refuse(!isDrawn && `colours of kind ${stored}`);
  refuse(Array.from(allBits).some((each) => each !== bits) && "samples of different sizes");
  refuse((samples < colors || samples > 8) && `${samples} samples a pixel`);
  refuse(format !== 1 && format !== 3 && "signed or complex samples");
  const depths = format === 3 ? [32, 64] : [1, 2, 4, 8, 10, 12, 14, 16, 32];
  refuse(!depths.includes(bits) && `${bits} bits a sample`);
  refuse(photometric === PALETTE && bits > 8 && `a palette of ${bits} bits`);
  refuse(compression === JPEG && bits !== 8 && `JPEG of ${bits} bits a sample`);
  refuse(planes && bits % 8 !== 0 && `planes of ${bits} bits a sample`);
  refuse(
    predictor !== 1 &&
      !(predictor === 2 && [8, 16, 32, 64].includes(bits) && compression !== JPEG) &&
      !(predictor === 3 && format === 3) &&
      `predictor ${predictor} for this kind of samples`,
  );
  const isSubsampled = [across, down].every((by) => by === 1 || by === 2 || by === 4);
  refuse(
    isYcbcr && (!isSubsampled || bits !== 8 || samples !== 3 || planes || predictor !== 1) &&
      "an unusual kind of YCbCr",
  );
  const extra = one(TIFF.EXTRA_SAMPLES, 0);
  return {
    width,
    height,
    bits,
    isFloat: format === 3,
    samples,
    photometric,
    compression,
    predictor: predictor === 2 ? "horizontal" : predictor === 3 ? "floating-point" : "none",
    isLittleEndian,
    alpha: samples === colors || extra < 1 || extra > 2
      ? "none"
      : extra === 1
      ? "associated"
      : "unassociated",
    planes,
    tables: Uint8Array.from(fields.get(TIFF.JPEG_TABLES) ?? []),
    storesRgb: stored === RGB,
    subsampling: isYcbcr ? [across, down] : null,
    isLsbFirst: one(TIFF.FILL_ORDER, 1) === 2 && compression !== JPEG,
    palette: fields.get(TIFF.COLOR_MAP) ?? [],
  };
}
