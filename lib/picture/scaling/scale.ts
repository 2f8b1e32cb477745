/**
 * Scales pictures down to files of their own: upright, in sRGB, without metadata.
 *
 * @module
 */
import { conversionFor, decode, framesOf, storedAverages } from "../formats/decode.ts";
import type { BaseHeader } from "../formats/header.ts";
import { encodePng } from "../formats/png/writer.ts";
import { toRaster } from "../pixels/grid.ts";
import { type Orientation, uprightWalk } from "../pixels/orientation.ts";
import type { Raster, Rgb, RgbaPixels, Size } from "../pixels/raster.ts";
import { encodeJpeg } from "./jpeg_encoder.ts";
import { averageLight } from "./linear_average.ts";
import type { ScalingPlan } from "./plan.ts";

/**
 * The version of what is done here: it goes up with any change that changes the results, so that older
 * ones, wherever they are kept, are no longer used.
 */
export const SCALER_VERSION = 3;

/** The quality of the JPEGs, 1–100. */
const JPEG_QUALITY = 80;

const BLACK: Rgb = [0, 0, 0], WHITE: Rgb = [255, 255, 255];

/** A picture that was scaled. */
export interface ScaledPicture {
  /** The media type of the bytes: JPEG, or PNG if a part of the picture is transparent. */
  readonly mediaType: "image/jpeg" | "image/png";
  /** The whole file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Scales a picture as planned, of a moving one the first frame. It is averaged in linear light with
 * premultiplied alpha, turned upright and converted to sRGB.
 *
 * @param bytes the whole file
 * @param plan what `planScaling` made of it
 * @throws {PictureError} if nothing of the picture can be decoded
 */
export async function scalePicture(bytes: Uint8Array, plan: ScalingPlan): Promise<ScaledPicture> {
  const { header } = plan;
  const onBlack = await rasterOf(bytes, plan, BLACK);
  const onWhite = plan.mayBeTransparent ? await rasterOf(bytes, plan, WHITE) : null;
  const size = {
    width: Math.min(plan.size.width, onBlack.width),
    height: Math.min(plan.size.height, onBlack.height),
  };
  const stored = await averageLight(onBlack, onWhite, size, await conversionFor(header));
  const pixels = turned(stored, header.orientation);
  return isOpaque(pixels)
    ? { mediaType: "image/jpeg", bytes: await encodeJpeg(pixels, JPEG_QUALITY) }
    : { mediaType: "image/png", bytes: await encodePng(pixels) };
}

/** Decodes a picture; of an animation, its first frame as it is composed. */
async function rasterOf(bytes: Uint8Array, plan: ScalingPlan, background: Rgb): Promise<Raster> {
  const { frames = 1 }: BaseHeader = plan.header;
  const grid = plan.isAveraged
    ? await storedAverages(bytes, plan.header, {
      areas: plan.minimum,
      minimum: forExactly(plan.minimum),
      background,
    })
    : null;
  if (grid !== null) return toRaster(grid);
  if (frames < 2) return await decode(bytes, plan.header, plan.minimum, background);
  // Left after the first frame, which ends the decoding.
  for await (const { raster } of framesOf(bytes, plan.header, background)) return raster;
  throw new Error("An animation has a first frame, or framesOf throws");
}

/**
 * What to ask for in order to get as many values as there are pixels at an eighth, a quarter or
 * half the size: averaging provides up to a quarter more than the minimum.
 */
function forExactly({ width, height }: Size): Size {
  return { width: Math.floor(width / 1.25), height: Math.floor(height / 1.25) };
}

function isOpaque({ rgba }: RgbaPixels): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] < 255) return false;
  return true;
}

/** Turns and mirrors pixels upright. */
function turned(pixels: RgbaPixels, orientation: Orientation): RgbaPixels {
  if (orientation === 1) return pixels;
  const { width, height, origin, right, down } = uprightWalk(pixels, orientation);
  const rgba = new Uint8Array(pixels.rgba.length);
  const from = new Uint32Array(pixels.rgba.buffer), to = new Uint32Array(rgba.buffer);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) to[at++] = from[origin + y * down + x * right];
  }
  return { width, height, rgba };
}
