/**
 * What scaling a picture takes, computed from its header before anything is decoded.
 *
 * @module
 */
import { PictureError } from "../error.ts";
import type { GifHeader } from "../formats/gif/header.ts";
import type { BaseHeader } from "../formats/header.ts";
import { checkedHeader, type PictureHeader, type PictureType } from "../formats/identify.ts";
import { TIFF } from "../formats/ifd.ts";
import { MAX_CODEC_BYTES } from "../limits.ts";
import type { Size } from "../pixels/raster.ts";

/** What scaling a picture takes. */
export interface ScalingPlan {
  /**
   * The header of the picture.
   *
   * @internal
   */
  readonly header: PictureHeader;
  /** The size of the result, in the file's own orientation. */
  readonly size: Size;
  /** The pixels to decode at least, in the file's own orientation. */
  readonly minimum: Size;
  /** Whether the picture may be averaged to those without decoding it to pixels. */
  readonly isAveraged: boolean;
  /** Whether a part of the picture may be transparent. */
  readonly mayBeTransparent: boolean;
  /** The most memory that it takes, bytes. */
  readonly memoryBytes: number;
  /** The time that it takes, milliseconds of a processor of today, estimated high. */
  readonly milliseconds: number;
}

/** The most memory that scaling one picture may take, bytes. */
export const MAX_SCALING_BYTES = 1e9;

/** The most time that scaling one picture may take, by estimate, milliseconds. */
export const MAX_SCALING_MS = 6000;

/** A JPEG of more pixels is decoded at half, a quarter or an eighth of its size if that is enough. */
const FULLY_DECODED_PIXELS = 2_000_000;

/** A JPEG is averaged straight to so many pixels at most; more take less memory by decoding. */
const AVERAGED_PIXELS = 4_000_000;

/** Bytes that averaging takes for a pixel: floats in the module, and rounded. */
const AVERAGED_PIXEL_BYTES = 16;

/** The formats that any browser shows: one that fits already is best left as it is. */
const SHOWN_ANYWHERE: readonly string[] = ["jpeg", "png", "webp", "gif"];

/** Nanoseconds that decoding and averaging a pixel takes in each format; slow formats have more. */
const PIXEL_NS: Readonly<Record<PictureType, number>> = {
  jpeg: 40,
  png: 45,
  gif: 50,
  bmp: 45,
  tiff: 90,
  webp: 80,
  avif: 280,
  heif: 150,
};

/** Nanoseconds that each scan of a progressive JPEG takes for a pixel, however little is in it. */
const SCAN_PIXEL_NS = 4;

/**
 * Plans scaling a picture down to fit a square box.
 *
 * @param bytes the whole file
 * @param box the side of the box, pixels
 * @returns `"fits"` if the file is as good as the result would be: upright, small enough and of a type
 * that any browser shows; null if it cannot be decoded within the bounds
 */
export function planScaling(bytes: Uint8Array, box: number): ScalingPlan | "fits" | null {
  let header;
  try {
    header = checkedHeader(bytes);
  } catch (error) {
    if (error instanceof PictureError) return null;
    throw error;
  }
  const { width, height } = header;
  const scale = Math.min(1, box / Math.max(width, height));
  if (scale === 1 && header.orientation === 1 && SHOWN_ANYWHERE.includes(header.type)) {
    return "fits";
  }
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const mayBeTransparent = isPossiblyTransparent(bytes, header);
  const plan = header.type === "jpeg"
    ? jpegPlan(bytes, header, size)
    : otherPlan(bytes, header, mayBeTransparent);
  const outputBytes = size.width * size.height * 16;
  const memoryBytes = plan.memoryBytes + outputBytes;
  if (memoryBytes > MAX_SCALING_BYTES || plan.milliseconds > MAX_SCALING_MS) return null;
  return { ...plan, header, size, mayBeTransparent, memoryBytes };
}

type Cost = Pick<ScalingPlan, "minimum" | "isAveraged" | "memoryBytes" | "milliseconds">;

/**
 * A large JPEG is decoded at an eighth, a quarter or half of its size if that has at least twice the
 * pixels of the result. What that averages, it averages as stored; the rest, to which the eye is
 * sensitive, is averaged as light.
 */
function jpegPlan(
  bytes: Uint8Array,
  header: Extract<PictureHeader, { type: "jpeg" }>,
  size: Size,
): Cost {
  const { width, height, components, isSequential } = header;
  const pixels = width * height;
  const eighths = pixels <= FULLY_DECODED_PIXELS
    ? 8
    : [1, 2, 4, 8].find((n) =>
      Math.ceil(width * n / 8) >= Math.min(width, size.width * 2) &&
      Math.ceil(height * n / 8) >= Math.min(height, size.height * 2)
    ) ?? 8;
  const minimum = {
    width: Math.ceil(width * eighths / 8),
    height: Math.ceil(height * eighths / 8),
  };
  const decoded = minimum.width * minimum.height;
  const isAveraged = isSequential && pixels > FULLY_DECODED_PIXELS && decoded <= AVERAGED_PIXELS;
  // The file twice; the pixels in the codec, twice, and as they are handed over; coefficients.
  const memoryBytes = 2 * bytes.length +
    (isAveraged ? AVERAGED_PIXEL_BYTES : 3 * components) * decoded +
    (isSequential ? 0 : 2 * components * pixels);
  const scans = isSequential ? 1 : countScans(bytes);
  const milliseconds = (pixels * (10 + SCAN_PIXEL_NS * scans) + decoded * PIXEL_NS.jpeg) / 1e6;
  return { minimum, isAveraged, memoryBytes, milliseconds };
}

function otherPlan(bytes: Uint8Array, header: PictureHeader, mayBeTransparent: boolean): Cost {
  const { width, height, maxPixels }: BaseHeader = header;
  const pixels = width * height;
  // On black and on white.
  const passes = mayBeTransparent ? 2 : 1;
  const decoderBytes = maxPixels === undefined ? 4 : MAX_CODEC_BYTES / maxPixels;
  return {
    minimum: { width, height },
    isAveraged: false,
    memoryBytes: 2 * bytes.length + pixels * (3 * passes + decoderBytes),
    milliseconds: pixels * passes * PIXEL_NS[header.type] / 1e6,
  };
}

/** Counts the scans of a JPEG, each of which goes over the whole picture. */
function countScans(bytes: Uint8Array): number {
  let scans = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xda) scans++;
  }
  return scans;
}

function isPossiblyTransparent(bytes: Uint8Array, header: PictureHeader): boolean {
  switch (header.type) {
    case "jpeg":
      return false;
    case "png":
      return header.transparency !== null || (header.colorType & 4) !== 0;
    case "gif":
      return isTransparentGif(header);
    case "tiff":
      return header.fields.has(TIFF.EXTRA_SAMPLES);
    case "webp":
      return isTransparentWebp(bytes);
    case "avif":
    case "heif":
      return hasAlphaItem(bytes);
    default:
      return true;
  }
}

/** Whether the first picture has a transparent colour, or leaves a part of the screen free. */
function isTransparentGif({ images, width, height }: GifHeader): boolean {
  const [first] = images;
  return first === undefined || first.transparentIndex >= 0 || first.width < width ||
    first.height < height;
}

/** Lossy without extensions has no alpha; the extended header has a flag for it (RFC 9649 §2.7.1). */
function isTransparentWebp(bytes: Uint8Array): boolean {
  if (bytes[15] === 0x58) return (bytes[20] & 0x10) !== 0; // VP8X
  return bytes[15] === 0x4c; // VP8L
}

/** The property of an item that is the alpha of another begins so, whichever the codec. */
const ALPHA_PROPERTY = new TextEncoder().encode("auxC\0\0\0\0urn:mpeg:");

/** Where that property stands at the latest: in the box of metadata, near the start. */
const SEARCHED_BYTES = 1_000_000;

function hasAlphaItem(bytes: Uint8Array): boolean {
  const [first] = ALPHA_PROPERTY;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (at > SEARCHED_BYTES) return false;
    if (ALPHA_PROPERTY.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
