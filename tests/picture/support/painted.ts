import type { RgbaPixels } from "../../../lib/picture/pixels/raster.ts";

/**
 * Pixels, each computed from its place.
 *
 * @param color red, green, blue and alpha of a pixel, each 0–255
 */
export function paint(
  width: number,
  height: number,
  color: (x: number, y: number) => readonly number[],
): RgbaPixels {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rgba.set(color(x, y), (y * width + x) * 4);
  }
  return { width, height, rgba };
}
