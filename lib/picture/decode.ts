import type { PictureHeader } from "./identify.ts";
import { flatten, type Raster, type Rgb } from "./raster.ts";
import { PictureError } from "./error.ts";
import { gifMoments } from "./gif.ts";

/** Pixels across and down. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes a still picture, or the first frame of a moving one. Only the codec that is needed is loaded.
 *
 * @param least the pixels that are needed at least; a JPEG is decoded at an eighth, a quarter or half its
 * size where that suffices
 * @throws {PictureError} where the codec cannot make sense of the bytes
 */
export async function decode(
  bytes: Uint8Array,
  header: PictureHeader,
  least: Size,
  background: Rgb,
): Promise<Raster> {
  try {
    switch (header.type) {
      case "jpeg":
        return await decodeJpeg(bytes, header, least);
      case "png": {
        const { default: codec } = await import("imagescript/png");
        const image = (await codec.init()).decode(bytes);
        return rasterOf(image.width, image.height, image.framebuffer, background);
      }
      case "tiff": {
        const { default: codec } = await import("imagescript/tiff");
        const image = (await codec.init()).decode(bytes);
        return rasterOf(image.width, image.height, image.buffer, background);
      }
      case "gif":
        for await (const { raster } of gifMoments(bytes, background)) return raster;
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

/** Pixels that are left of a length at a scale. */
function scaled(length: number, eighths: number): number {
  return Math.ceil(length * eighths / 8);
}

async function decodeJpeg(bytes: Uint8Array, header: PictureHeader, least: Size): Promise<Raster> {
  const { default: codec } = await import("imagescript/jpeg");
  const eighths =
    JPEG_SCALES.find((scale) =>
      scaled(header.width, scale) >= least.width && scaled(header.height, scale) >= least.height
    ) ?? 8;
  // The codec takes the first scale that covers the width or the height; these are both, exactly.
  const frame = (await codec.init()).decode(
    bytes,
    scaled(header.width, eighths),
    scaled(header.height, eighths),
  );
  switch (frame.format) {
    case 0:
      return { width: frame.width, height: frame.height, channels: 1, data: frame.buffer };
    case 1:
      return { width: frame.width, height: frame.height, channels: 3, data: frame.buffer };
    case 2:
      return {
        width: frame.width,
        height: frame.height,
        channels: 3,
        data: fromCmyk(frame.buffer),
      };
  }
}

/** Inverted CMYK, as Adobe writes it, to RGB in the same memory: 255 is no ink. */
function fromCmyk(cmyk: Uint8Array): Uint8Array {
  let to = 0;
  for (let from = 0; from < cmyk.length; from += 4) {
    const black = cmyk[from + 3];
    cmyk[to++] = (cmyk[from] * black + 127) / 255;
    cmyk[to++] = (cmyk[from + 1] * black + 127) / 255;
    cmyk[to++] = (cmyk[from + 2] * black + 127) / 255;
  }
  return cmyk.subarray(0, to);
}

function rasterOf(width: number, height: number, rgba: Uint8Array, background: Rgb): Raster {
  return { width, height, channels: 3, data: flatten(rgba, background) };
}
