/**
 * The formats that are drawn, and which of them a file is.
 *
 * @module
 */
import { PictureError } from "../error.ts";
import { MAX_PIXELS, MAX_SIDE } from "../limits.ts";
import { swapsAxes } from "../pixels/orientation.ts";
import { isBmp, readBmpHeader } from "./bmp/header.ts";
import { isGif, readGifHeader } from "./gif/header.ts";
import type { BaseHeader, Decoder } from "./header.ts";
import { isAvif, isHeif, readAvifHeader, readHeifHeader } from "./heif/header.ts";
import { isJpeg, readJpegHeader } from "./jpeg/header.ts";
import { isPng, readPngHeader } from "./png/header.ts";
import { isTiff, readTiffHeader } from "./tiff/header.ts";
import { isWebp, readWebpHeader } from "./webp/header.ts";

/**
 * The formats. A new one is a folder and a line here: `is` tells it by the first bytes,
 * `readHeader` reads what can be known without decoding (null if that is damaged), and `load` gives
 * the `Decoder`, which is loaded only for a file that needs it.
 */
const FORMATS = {
  jpeg: { is: isJpeg, readHeader: readJpegHeader, load: () => import("./jpeg/decoder.ts") },
  png: { is: isPng, readHeader: readPngHeader, load: () => import("./png/decoder.ts") },
  gif: { is: isGif, readHeader: readGifHeader, load: () => import("./gif/decoder.ts") },
  bmp: { is: isBmp, readHeader: readBmpHeader, load: () => import("./bmp/decoder.ts") },
  tiff: { is: isTiff, readHeader: readTiffHeader, load: () => import("./tiff/decoder.ts") },
  webp: { is: isWebp, readHeader: readWebpHeader, load: () => import("./webp/decoder.ts") },
  avif: { is: isAvif, readHeader: readAvifHeader, load: () => import("./heif/decoder.ts") },
  heif: { is: isHeif, readHeader: readHeifHeader, load: () => import("./heif/decoder.ts") },
} satisfies Record<PictureType, unknown>;

/** The header of a picture of any format. */
export type PictureHeader = {
  [Type in PictureType]: NonNullable<ReturnType<typeof FORMATS[Type]["readHeader"]>>;
}[PictureType];

/** The types of picture that are drawn. */
export type PictureType = "jpeg" | "png" | "gif" | "bmp" | "tiff" | "webp" | "avif" | "heif";

/** What the first bytes of a picture say about it. */
export interface PictureInfo {
  /** The format. */
  readonly type: PictureType;
  /** Pixels across, once upright. */
  readonly width: number;
  /** Pixels down, once upright. */
  readonly height: number;
}

/**
 * Reads the type and the size of a picture from its header, without decoding anything.
 *
 * @param bytes the file, or its beginning if the header is in it
 * @returns null if the file is of another type, or too damaged to tell
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

/** Reads the header of a picture; null if the type is unknown or the header damaged. */
export function readHeader(bytes: Uint8Array): PictureHeader | null {
  const type = typeOf(bytes);
  return type === null ? null : FORMATS[type].readHeader(bytes);
}

/**
 * Reads the header of a picture and makes sure that it is safe to decode.
 *
 * @throws {PictureError} if the type is unknown, the size is beyond the limits, or the header is
 * damaged
 */
export function checkedHeader(bytes: Uint8Array): PictureHeader {
  const type = typeOf(bytes);
  if (type === null) {
    throw new PictureError("unknown-type", "The file is not of a type that is drawn.");
  }
  const header = readHeader(bytes);
  if (header === null || header.width === 0 || header.height === 0) {
    throw new PictureError("damaged", `The header of the ${type.toUpperCase()} is damaged.`);
  }
  const { width, height, maxPixels = MAX_PIXELS }: BaseHeader = header;
  if (width * height > maxPixels) {
    throw new PictureError(
      "too-large",
      `The picture has ${width} × ${height} pixels, more than the limit of ${
        maxPixels / 1e6
      } megapixels.`,
    );
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw new PictureError(
      "too-large",
      `The picture has ${width} × ${height} pixels, more than the limit of ${MAX_SIDE} a side.`,
    );
  }
  return header;
}

/**
 * Tells the type of a file by its first bytes.
 *
 * @returns null if it is not a type that is drawn
 */
export function typeOf(bytes: Uint8Array): PictureType | null {
  for (const type of Object.keys(FORMATS) as PictureType[]) {
    if (FORMATS[type].is(bytes)) return type;
  }
  return null;
}

/** Loads the decoder of a format. It takes headers of that format alone. */
export function loadDecoder(type: PictureType): Promise<Decoder<PictureHeader>> {
  return FORMATS[type].load() as Promise<Decoder<PictureHeader>>;
}
