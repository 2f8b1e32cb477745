/**
 * Decoding, whatever the format.
 *
 * @module
 */
import type { Conversion } from "../colors/srgb.ts";
import { PictureError } from "../error.ts";
import { average, type Grid } from "../pixels/grid.ts";
import type { Raster, Rgb, Size } from "../pixels/raster.ts";
import type { BaseHeader, Frame, Sampling } from "./header.ts";
import { loadDecoder, type PictureHeader } from "./identify.ts";

/**
 * Decodes a still picture, or the first of a moving one, as far as it is whole.
 *
 * @param minimum the pixels that are needed; some formats then decode to fewer than there are
 * @throws {PictureError} if nothing of the picture can be decoded
 */
export function decode(
  bytes: Uint8Array,
  header: PictureHeader,
  minimum: Size,
  background: Rgb,
): Promise<Raster> {
  return orPictureError(header, async () => {
    const decoder = await loadDecoder(header.type);
    return await decoder.decode(bytes, header, minimum, background);
  });
}

/**
 * Averages a still picture over a grid of equal areas, in its own colours, without decoding it to pixels
 * first; null if that is not possible.
 *
 * @throws {PictureError} if nothing of the picture can be decoded
 */
export function storedAverages(
  bytes: Uint8Array,
  header: PictureHeader,
  sampling: Sampling,
): Promise<Grid | null> {
  return orPictureError(header, async () => {
    const decoder = await loadDecoder(header.type);
    return decoder.average?.(bytes, header, sampling) ?? null;
  });
}

/**
 * Averages a still picture, or the first of a moving one, over a grid of equal areas, in sRGB.
 *
 * @throws {PictureError} if nothing of the picture can be decoded
 */
export async function averagesOf(
  bytes: Uint8Array,
  header: PictureHeader,
  sampling: Omit<Sampling, "part">,
): Promise<Grid> {
  const { areas, minimum, background } = sampling;
  const convert = await conversionFor(header);
  const grid = await storedAverages(bytes, header, sampling) ??
    average(await decode(bytes, header, minimum, background), areas.width, areas.height);
  convert?.(grid.data);
  return grid;
}

/**
 * Makes what converts averages of a picture to sRGB.
 *
 * @returns null if that is what they are
 */
export async function conversionFor({ color }: BaseHeader): Promise<Conversion | null> {
  if (!color) return null;
  const { conversionFrom } = await import("../colors/srgb.ts");
  return await conversionFrom(color);
}

/**
 * Decodes an animation of two frames or more as often as it is to be played.
 *
 * @throws {PictureError} if nothing of the picture can be decoded
 */
export async function* framesOf(
  bytes: Uint8Array,
  header: PictureHeader,
  background: Rgb,
): AsyncGenerator<Frame> {
  const { plays = 1 }: BaseHeader = header;
  const decoder = await loadDecoder(header.type);
  for (let play = 0; play < plays; play++) {
    let count = 0;
    const iterator = await orPictureError(header, () => {
      const moments = decoder.frames!(bytes, header, background);
      return Symbol.asyncIterator in moments
        ? moments[Symbol.asyncIterator]()
        : moments[Symbol.iterator]();
    });
    try {
      while (true) {
        const { done, value } = await orPictureError(header, () => iterator.next());
        if (done) break;
        count++;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
    if (count < 2) return;
  }
}

/** Whatever a decoder throws, a trap of its WebAssembly included, the bytes are at fault. */
async function orPictureError<T>(
  header: PictureHeader,
  decodes: () => T | Promise<T>,
): Promise<T> {
  try {
    return await decodes();
  } catch (error) {
    if (error instanceof PictureError) throw error;
    throw new PictureError("damaged", `The ${header.type.toUpperCase()} picture is damaged.`);
  }
}
