/**
 * The orientations of EXIF and TIFF.
 *
 * @module
 */
import type { Grid } from "./grid.ts";
import type { Size } from "./raster.ts";
import type { Rectangle } from "./rectangle.ts";

/**
 * The eight orientations of EXIF (tag 0x0112) and TIFF (tag 274): which side of the scene the first
 * stored row and the first stored column are. 1 is upright; from 5 on, rows and columns change
 * places.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATIONS: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];

/** The orientation a number stands for; anything unknown counts as upright, as viewers do. */
export function orientationOf(value: number): Orientation {
  return ORIENTATIONS.find((orientation) => orientation === value) ?? 1;
}

/** Whether the scene's width is the stored height. */
export function swapsAxes(orientation: Orientation): boolean {
  return orientation >= 5;
}

/**
 * Turns and mirrors a grid upright, after averaging, when few values are left to move:
 * averaging and turning may change places because every area keeps its shape.
 */
export function upright(grid: Grid, orientation: Orientation): Grid {
  if (orientation === 1) return grid;
  const { width, height, origin, right, down } = uprightWalk(grid, orientation);
  const data = new Float32Array(grid.data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, from = (origin + y * down) * 3; x < width; x++, from += right * 3) {
      data[to++] = grid.data[from];
      data[to++] = grid.data[from + 1];
      data[to++] = grid.data[from + 2];
    }
  }
  return { width, height, data };
}

/** The way through stored pixels in the order of the upright picture, whose size it has. */
export interface UprightWalk extends Size {
  /** Where the first pixel of the scene is stored. */
  readonly origin: number;
  /** How much further the next pixel to the right is stored. */
  readonly right: number;
  /** How much further the next pixel down is stored. */
  readonly down: number;
}

/** Returns the way through a picture that is stored in an orientation. */
export function uprightWalk({ width, height }: Size, orientation: Orientation): UprightWalk {
  const fromRight = isFromRight(orientation), fromBottom = isFromBottom(orientation);
  const column = fromRight ? -1 : 1, row = fromBottom ? -width : width;
  const origin = (fromRight ? width - 1 : 0) + (fromBottom ? (height - 1) * width : 0);
  return swapsAxes(orientation)
    ? { width: height, height: width, origin, right: row, down: column }
    : { width, height, origin, right: column, down: row };
}

/**
 * Returns where a part of the upright picture is stored.
 *
 * @param stored the size of the picture as stored
 */
export function storedPart(part: Rectangle, orientation: Orientation, stored: Size): Rectangle {
  const { x, y, width, height } = swapsAxes(orientation)
    ? { x: part.y, y: part.x, width: part.height, height: part.width }
    : part;
  return {
    x: isFromRight(orientation) ? stored.width - x - width : x,
    y: isFromBottom(orientation) ? stored.height - y - height : y,
    width,
    height,
  };
}

/** Whether the scene is read from the last stored column on. */
function isFromRight(orientation: Orientation): boolean {
  return orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
}

/** Whether the scene is read from the last stored row on. */
function isFromBottom(orientation: Orientation): boolean {
  return orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
}
