import type { PictureHeader, PictureType } from "./header.ts";
import { MAX_GIF_PIXELS, MAX_PIXELS, MAX_SIDE } from "../limits.ts";
import { readJpegHeader } from "./jpeg/header.ts";
import { orientationOf, swapsAxes } from "../pixels/orientation.ts";
import { PictureError } from "../error.ts";
import { readGifStructure } from "./gif/structure.ts";
import { readTiffDirectory, TIFF } from "./ifd.ts";

/** What a picture's first bytes say about it. */
export interface PictureInfo {
  readonly type: PictureType;
  /** Pixels across, once upright. */
  readonly width: number;
  /** Pixels down, once upright. */
  readonly height: number;
}

/**
 * Tells a picture's type and size from its first bytes, nothing being decoded. Null where it is none of
 * the types that are drawn, or too damaged to tell.
 */
export function identify(bytes: Uint8Array): PictureInfo | null {
  const header = readHeader(bytes);
  if (header === null || header.width === 0 || header.height === 0) return null;
  const swapped = swapsAxes(header.orientation);
  return {
    type: header.type,
    width: swapped ? header.height : header.width,
    height: swapped ? header.width : header.height,
  };
}

/**
 * The header of a picture that is safe to decode.
 *
 * @throws {PictureError} where the type is unknown, the size absurd, or the header damaged
 */
export function checkedHeader(bytes: Uint8Array): PictureHeader {
  const type = typeOf(bytes);
  if (type === null) {
    throw new PictureError("unknown-type", "This is not a JPEG, PNG, GIF or TIFF.");
  }
  const header = readHeader(bytes);
  if (header === null || header.width === 0 || header.height === 0) {
    throw new PictureError("damaged", `The ${type.toUpperCase()} picture is damaged.`);
  }
  const { width, height } = header;
  const most = type === "gif" ? MAX_GIF_PIXELS : MAX_PIXELS;
  if (Math.max(width * height, header.largestFrame) > most || Math.max(width, height) > MAX_SIDE) {
    throw new PictureError(
      "too-large",
      `The picture has ${width} x ${height} pixels; more than ${
        most / 1e6
      } megapixels are not decoded.`,
    );
  }
  if (bytes.length < header.minBytes) {
    throw new PictureError(
      "damaged",
      `The ${type.toUpperCase()} picture is damaged: ${bytes.length} bytes cannot hold ${width} x ${height} pixels.`,
    );
  }
  return header;
}

/** The type by the first bytes, as every format defines them; null where it is none that is drawn. */
export function typeOf(bytes: Uint8Array): PictureType | null {
  const starts = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0xff, 0xd8, 0xff)) return "jpeg";
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "png";
  if (starts(0x47, 0x49, 0x46, 0x38) && (bytes[4] === 0x37 || bytes[4] === 0x39)) return "gif";
  if (starts(0x49, 0x49, 42, 0) || starts(0x4d, 0x4d, 0, 42)) return "tiff";
  return null;
}

function readHeader(bytes: Uint8Array): PictureHeader | null {
  const type = typeOf(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case "jpeg": {
      const header = readJpegHeader(bytes);
      if (header === null) return null;
      const { width, height, orientation } = header;
      // Each block of 8 × 8 pixels takes a bit at least; half of that is allowed for.
      return {
        type,
        width,
        height,
        orientation,
        minBytes: width * height / 1024,
        largestFrame: 0,
      };
    }
    case "png": {
      // IHDR comes first (PNG, 5.6): length, type, width, height, depth, colour type.
      if (bytes.length < 29 || view.getUint32(12) !== 0x49484452) return null;
      const width = view.getUint32(16), height = view.getUint32(20), depth = view.getUint8(24);
      const samples = { 2: 3, 4: 2, 6: 4 }[view.getUint8(25)] ?? 1;
      // Deflate shrinks 1032 times at the best.
      const minBytes = width * height * depth * samples / 8 / 1032;
      return { type, width, height, orientation: 1, minBytes, largestFrame: 0 };
    }
    case "gif": {
      const structure = readGifStructure(bytes);
      if (structure === null) return null;
      const { width, height, largestFrame } = structure;
      // A code of 12 bits stands for 4096 pixels at the most. The screen may be larger than that.
      const minBytes = largestFrame / 4096;
      return { type, width, height, orientation: 1, minBytes, largestFrame };
    }
    case "tiff": {
      const fields = readTiffDirectory(bytes, [TIFF.WIDTH, TIFF.HEIGHT, TIFF.ORIENTATION]);
      const width = fields?.get(TIFF.WIDTH)?.[0], height = fields?.get(TIFF.HEIGHT)?.[0];
      if (width === undefined || height === undefined) return null;
      return {
        type,
        width,
        height,
        orientation: orientationOf(fields?.get(TIFF.ORIENTATION)?.[0] ?? 1),
        // LZW makes at most 3640 bytes of one, and a byte holds eight pixels at the most.
        minBytes: width * height / 8 / 3640,
        largestFrame: 0,
      };
    }
    case null:
      return null;
  }
}
