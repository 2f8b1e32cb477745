/**
 * Characters by how much ink they put on each part of a cell.
 */

/** Parts of a cell, across and down. */
export const ACROSS: i32 = 4, DOWN: i32 = 8;
/** Parts of a cell in all. */
export const PARTS: i32 = 32;

/** Bytes of the ink or the light of a cell: a 32-bit float for each part, row by row. */
const INK: i32 = PARTS * 4;

/** A character. */
@unmanaged
class Shape {
  /** The mean of its ink. */
  mean: f32;
  /** The sum of the squares of `detail`. */
  energy: f32;
  /** The address of its ink less the mean. */
  detail: usize;
}

/** How many characters there are. */
export let shapeCount: i32 = 0;
let shapes: usize = 0;

/** The light of the cell at hand less its mean. */
const light: usize = memory.data(INK, 16);
/** That mean, 0-255. */
export let lightMean: f32 = 0;
/** The sum of the squares of the light less its mean. */
export let lightEnergy: f32 = 0;

/**
 * Takes a set of characters.
 *
 * @param ink for each character `PARTS` bytes: how much of the part is covered, 255 for all of it
 */
export function openShapes(ink: usize, count: i32): void {
  shapeCount = count;
  shapes = heap.alloc(count * offsetof<Shape>());
  for (let i = 0; i < count; i++, ink += PARTS) {
    const shape = shapeOf(i);
    shape.detail = heap.alloc(INK);
    let sum: f32 = 0;
    for (let k = 0; k < PARTS; k++) {
      const covered = <f32> load<u8>(ink + k) / 255;
      store<f32>(shape.detail + k * 4, covered);
      sum += covered;
    }
    shape.mean = sum / <f32> PARTS;
    shape.energy = center(shape.detail, shape.mean);
  }
}

/** A character by its number. */
export function shapeOf(number: i32): Shape {
  return changetype<Shape>(shapes + number * offsetof<Shape>());
}

/** Subtracts a mean from each value. @returns the sum of the squares of what is left */
function center(values: usize, mean: f32): f32 {
  let squares = f32x4.splat(0);
  for (let at = values; at < values + INK; at += 16) {
    const off = f32x4.sub(v128.load(at), f32x4.splat(mean));
    v128.store(at, off);
    squares = f32x4.add(squares, f32x4.mul(off, off));
  }
  return total4(squares);
}

/**
 * Begins with a cell.
 *
 * @param from the address of its first pixel: three 32-bit floats, and one more that may be read
 * @param stride bytes from one row of pixels to the next
 */
export function startLight(from: usize, stride: usize): void {
  const weights = f32x4(0.3, 0.59, 0.11, 0);
  let to = light;
  let sum: f32 = 0;
  for (let y = 0; y < DOWN; y++, from += stride) {
    for (let x = 0, at = from; x < ACROSS; x++, at += 12, to += 4) {
      const value = f32x4.mul(v128.load(at), weights);
      const part = f32x4.extract_lane(value, 0) + f32x4.extract_lane(value, 1) +
        f32x4.extract_lane(value, 2);
      store<f32>(to, part);
      sum += part;
    }
  }
  lightMean = sum / <f32> PARTS;
  lightEnergy = center(light, lightMean);
}

/**
 * How well a character goes with the light of the cell: the sum of their products, both less their
 * means.
 */
export function agreement(shape: Shape): f32 {
  let sum = f32x4.splat(0);
  for (let at = 0; at < INK; at += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(light + at), v128.load(shape.detail + at)));
  }
  return total4(sum);
}

function total4(vector: v128): f32 {
  return f32x4.extract_lane(vector, 0) + f32x4.extract_lane(vector, 1) +
    f32x4.extract_lane(vector, 2) + f32x4.extract_lane(vector, 3);
}
