import { withAdobeSegment } from "./jpeg/adobe_segment.ts";
import type { PictureHeader } from "./header.ts";
import type { Raster, Rgb, Size } from "../pixels/raster.ts";
import { PictureError } from "../error.ts";
import { type JpegHeader, readJpegHeader } from "./jpeg/header.ts";
import { gifMoments, loadGifCodec } from "./gif/decoder.ts";

/**
 * Decodes a still picture, or the first frame of a moving one. Only the codec that is needed is loaded.
 *
 * @param minimum the pixels that are needed; a JPEG is decoded at an eighth, a quarter or half its
 * size where that suffices
 * @throws {PictureError} where the codec cannot make sense of the bytes
 */
export async function decode(
  bytes: Uint8Array,
  header: PictureHeader,
  minimum: Size,
  background: Rgb,
): Promise<Raster> {
  try {
    switch (header.type) {
      case "jpeg":
        return await decodeJpeg(bytes, header, minimum);
      case "png": {
        const { readPng } = await import("./png/reader.ts");
        return await readPng(bytes, background);
      }
      case "tiff": {
        const { readTiff } = await import("./tiff/reader.ts");
        return await readTiff(bytes, background);
      }
      case "gif":
        for (const { raster } of gifMoments(await loadGifCodec(), bytes, background)) {
          return raster;
        }
        throw new PictureError("damaged", "The GIF picture holds no image.");
    }
  } catch (error) {
    if (error instanceof PictureError) throw error;
    // Whatever a codec throws, a trap of its WebAssembly included, the bytes are at fault.
    throw new PictureError("damaged", `The ${header.type.toUpperCase()} picture is damaged.`);
  }
}

/** The sizes a JPEG can be decoded at, in eighths: each block then gives that many pixels squared. */
const JPEG_SCALES = [1, 2, 4, 8];

/** The most pixels that a JPEG is decoded to, by scaling it if need be. */
const MAX_DECODED_PIXELS = 40_000_000;

/** What a JPEG's codec may hold, bytes: the pixels twice, and beside them the coefficients of a progressive one. */
const CODEC_BYTES = 700e6;

/** Whether the codec can hold a JPEG at so many pixels. */
function isHeld({ width, height, components, sequential }: JpegHeader, pixels: number): boolean {
  const coefficients = sequential ? 0 : 2 * components * width * height;
  return pixels <= Math.min(MAX_DECODED_PIXELS, (CODEC_BYTES - coefficients) / (2 * components));
}

/** Pixels that are left of a length at a scale. */
function scaled(length: number, eighths: number): number {
  return Math.ceil(length * eighths / 8);
}

async function decodeJpeg(
  bytes: Uint8Array,
  header: PictureHeader,
  minimum: Size,
): Promise<Raster> {
  const jpeg = readJpegHeader(bytes)!;
  const { components, drawn, namedRgb, adobe } = jpeg;
  if (!drawn) throw new PictureError("unknown-type", "This kind of JPEG is not drawn.");
  const { default: codec } = await import("imagescript/jpeg");
  // The codec refuses CMYK without Adobe's segment. With it, it takes the values as inverted.
  const unmarked = components === 4 && !adobe;
  const scales = JPEG_SCALES.filter((scale) =>
    scale === 1 || isHeld(jpeg, scaled(header.width, scale) * scaled(header.height, scale))
  );
  const eighths =
    scales.find((scale) =>
      scaled(header.width, scale) >= minimum.width && scaled(header.height, scale) >= minimum.height
    ) ?? scales.at(-1)!;
  // The codec takes the first scale that covers the width or the height; these are both, exactly.
  const { width, height, format, buffer } = (await codec.init()).decode(
    unmarked || namedRgb ? withAdobeSegment(bytes) : bytes,
    scaled(header.width, eighths),
    scaled(header.height, eighths),
  );
  if (format === 0) return { width, height, channels: 1, data: buffer };
  const data = format === 1 ? buffer : fromCmyk(buffer, unmarked);
  return { width, height, channels: 3, data };
}

/**
 * CMYK to RGB, packed into the front of the same memory.
 *
 * @param inverted whether 255 is no ink; else 0 is
 */
function fromCmyk(cmyk: Uint8Array, inverted: boolean): Uint8Array {
  const flip = inverted ? 0 : 255;
  let to = 0;
  for (let from = 0; from < cmyk.length; from += 4) {
    const white = cmyk[from + 3] ^ flip;
    cmyk[to++] = ((cmyk[from] ^ flip) * white + 127) / 255;
    cmyk[to++] = ((cmyk[from + 1] ^ flip) * white + 127) / 255;
    cmyk[to++] = ((cmyk[from + 2] ^ flip) * white + 127) / 255;
  }
  return cmyk.subarray(0, to);
}
