/**
 * Rectangles of an RGB raster: filled, cut out and pasted.
 *
 * @module
 */
import type { Raster, Rgb } from "./raster.ts";

/** A rectangle, which has to lie within the raster. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Fills a rectangle with a colour. */
export function fill(raster: Raster, area: Rectangle, [red, green, blue]: Rgb): void {
  const { data } = raster;
  for (let row = 0; row < area.height; row++) {
    let to = ((area.y + row) * raster.width + area.x) * 3;
    for (let column = 0; column < area.width; column++) {
      data[to++] = red;
      data[to++] = green;
      data[to++] = blue;
    }
  }
}

/** Copies a rectangle, row by row. */
export function cut(raster: Raster, area: Rectangle): Uint8Array {
  const piece = new Uint8Array(area.width * area.height * 3);
  for (let row = 0; row < area.height; row++) {
    const from = ((area.y + row) * raster.width + area.x) * 3;
    piece.set(raster.data.subarray(from, from + area.width * 3), row * area.width * 3);
  }
  return piece;
}

/** Puts back what `cut` gave. */
export function paste(raster: Raster, area: Rectangle, piece: Uint8Array): void {
  for (let row = 0; row < area.height; row++) {
    const from = row * area.width * 3;
    raster.data.set(
      piece.subarray(from, from + area.width * 3),
      ((area.y + row) * raster.width + area.x) * 3,
    );
  }
}
