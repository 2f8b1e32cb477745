/**
 * Decodes a JPEG: the usual kind straight to averages, any other with imagescript's codec.
 *
 * @module
 */
import { PictureError } from "../../error.ts";
import { toRaster } from "../../pixels/grid.ts";
import type { Raster, Rgb, Size } from "../../pixels/raster.ts";
import { averageJpeg } from "./averages.ts";
import { COM, findDnl, type JpegHeader, jpegSegments, SOS } from "./header.ts";

export { averageJpeg as average };

/**
 * The sizes a JPEG can be decoded at, in eighths: each block then gives that many pixels squared.
 */
const JPEG_SCALES = [1, 2, 4, 8];

/** The most pixels that a JPEG is decoded to, by scaling it if need be. */
const MAX_DECODED_PIXELS = 40_000_000;

/** What the codec may hold, bytes: the pixels twice, and the coefficients of a progressive JPEG. */
const CODEC_BYTES = 700e6;

/**
 * Decodes a JPEG at an eighth, a quarter or half its size if that gives the pixels that are needed.
 * Of one that is cut short, what the codec can make of it.
 *
 * @throws {PictureError} if it is of a kind that is not drawn
 * @throws {Error} if the codec cannot decode it
 */
export async function decode(
  bytes: Uint8Array,
  header: JpegHeader,
  minimum: Size,
  background: Rgb,
): Promise<Raster> {
  if (header.undrawnKind !== null) throw PictureError.undrawn(header.undrawnKind);
  if (!header.isSequential) {
    // Of one that is cut in its first scan, the codec would make up the rest, and not say where.
    const eighth = { width: scaled(header.width, 1), height: scaled(header.height, 1) };
    const grid = averageJpeg(bytes, header, { areas: eighth, minimum: eighth, background });
    if (grid !== null) return toRaster(grid);
  }
  const file = withKnownHeight(bytes, header);
  try {
    return await decodeWhole(file, header, minimum);
  } catch (error) {
    for (const mended of withoutEnd(file)) {
      try {
        return { ...await decodeWhole(mended, header, minimum), isPartial: true };
      } catch {
        // Less of it may do.
      }
    }
    throw error;
  }
}

async function decodeWhole(
  bytes: Uint8Array,
  header: JpegHeader,
  minimum: Size,
): Promise<Raster> {
  const { components, isNamedRgb, hasAdobeSegment } = header;
  const { default: codec } = await import("imagescript/jpeg");
  // The codec refuses CMYK without Adobe's segment. With it, it takes the values as inverted.
  const isUnmarked = components === 4 && !hasAdobeSegment;
  const scales = JPEG_SCALES.filter((scale) =>
    scale === 1 || isHeld(header, scaled(header.width, scale) * scaled(header.height, scale))
  );
  const eighths =
    scales.find((scale) =>
      scaled(header.width, scale) >= minimum.width && scaled(header.height, scale) >= minimum.height
    ) ?? scales.at(-1)!;
  const size = decodedSize(header, eighths);
  const { width, height, format, buffer } = (await codec.init()).decode(
    isUnmarked || isNamedRgb ? withAdobeSegment(bytes) : bytes,
    size.width,
    size.height,
  );
  if (format === 0) return { width, height, channels: 1, data: buffer };
  const data = format === 1 ? buffer : fromCmyk(buffer, isUnmarked);
  return { width, height, channels: 3, data };
}

/** Whether the codec can hold a JPEG at so many pixels. */
function isHeld({ width, height, components, isSequential }: JpegHeader, pixels: number): boolean {
  const coefficients = isSequential ? 0 : 2 * components * width * height;
  return pixels <= Math.min(MAX_DECODED_PIXELS, (CODEC_BYTES - coefficients) / (2 * components));
}

/**
 * The size to ask the codec for: it takes the first scale that covers the width or the height. One
 * that is as small at the scale before says nothing, and is left to the other.
 */
function decodedSize({ width, height }: Size, eighths: number): Size {
  const side = (length: number) =>
    eighths > 1 && scaled(length, eighths / 2) === scaled(length, eighths)
      ? 65_535
      : scaled(length, eighths);
  return { width: side(width), height: side(height) };
}

/** Pixels that are left of a length at a scale. */
function scaled(length: number, eighths: number): number {
  return Math.ceil(length * eighths / 8);
}

/**
 * Converts CMYK to RGB, packed into the front of the same memory.
 *
 * @param isInverted whether 255 is no ink; else 0 is
 */
function fromCmyk(cmyk: Uint8Array, isInverted: boolean): Uint8Array {
  const flip = isInverted ? 0 : 255;
  let to = 0;
  for (let from = 0; from < cmyk.length; from += 4) {
    const white = cmyk[from + 3] ^ flip;
    cmyk[to++] = ((cmyk[from] ^ flip) * white + 127) / 255;
    cmyk[to++] = ((cmyk[from + 1] ^ flip) * white + 127) / 255;
    cmyk[to++] = ((cmyk[from + 2] ^ flip) * white + 127) / 255;
  }
  return cmyk.subarray(0, to);
}

/**
 * The file with the height in its frame header, if a DNL segment gives it, which becomes a comment:
 * the codec does not know it.
 */
function withKnownHeight(bytes: Uint8Array, { missingHeightAt, height }: JpegHeader): Uint8Array {
  if (missingHeightAt === 0) return bytes;
  const copy = bytes.slice();
  copy[missingHeightAt] = height >> 8;
  copy[missingHeightAt + 1] = height & 255;
  const dnl = findDnl(bytes);
  if (dnl !== -1) copy[dnl + 1] = COM;
  return copy;
}

/**
 * What may be decoded of a JPEG that ends early: all scans that are whole, or, of the first, what
 * is there. The codec makes up the rest of a scan that a marker ends.
 */
function* withoutEnd(bytes: Uint8Array): Generator<Uint8Array> {
  let first = bytes.length, last = 0;
  for (const { marker, end } of jpegSegments(bytes)) if (marker === SOS) first = end;
  // The last marker of a further scan or its tables: what is before it is whole.
  for (let at = bytes.length - 2; at >= first && last === 0; at--) {
    const marker = bytes[at + 1];
    if (bytes[at] === 0xff && (marker === SOS || marker === 0xc4)) last = at;
  }
  yield ended(bytes.subarray(0, last));
  yield ended(bytes);
}

function ended(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 2);
  whole.set(bytes);
  whole.set([0xff, 0xd9], bytes.length);
  return whole;
}

/**
 * A copy of a JPEG with a segment as Adobe writes it, which says: no transform. Three components
 * are then RGB and not YCbCr, four are CMYK, inverted.
 */
export function withAdobeSegment(bytes: Uint8Array): Uint8Array {
  const segment = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];
  const marked = new Uint8Array(bytes.length + segment.length);
  marked.set(bytes.subarray(0, 2));
  marked.set(segment, 2);
  marked.set(bytes.subarray(2), 2 + segment.length);
  return marked;
}
