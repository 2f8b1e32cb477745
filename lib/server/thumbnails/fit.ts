/** The parameter `fit`: how large an image is wanted. */
import { HttpError } from "../../http/mod.ts";

/** The sides of the boxes that images are scaled to, pixels: few, so that results are shared. */
export const STEPS = [160, 320, 640, 1280, 2560] as const;

/** The largest width or height that may be asked for, pixels. */
export const LARGEST_FIT = 65_535;

/**
 * Reads `WxH` and returns the side of the square box: the larger of both, rounded up to the next
 * step, or the last step if it is beyond that.
 *
 * @throws {HttpError} 400 if it is malformed, or a number is not from 1 to `LARGEST_FIT`
 */
export function parseFit(text: string): number {
  const [, ...sides] = /^(\d{1,5})x(\d{1,5})$/.exec(text) ?? [];
  const [width, height] = sides.map(Number);
  const isSide = (side: number) => side >= 1 && side <= LARGEST_FIT;
  if (!isSide(width) || !isSide(height)) {
    throw new HttpError(
      400,
      `"fit" must be two numbers from 1 to ${LARGEST_FIT} with an x between, such as 320x240`,
    );
  }
  const larger = Math.max(width, height);
  return STEPS.find((step) => step >= larger) ?? STEPS[STEPS.length - 1];
}
