/**
 * Gives every cell the block character and the two colours with the least squared error, in true
 * colour.
 *
 * For a character the best colours are the means of its two parts. With all values taken relative
 * to the cell's mean, and D the sum over the n covered pixels of N, the squared error is then less
 * than that of a cell in one colour by D²/n + D²/(N-n). Colours have whole components, and the
 * choice allows for that: each part adds its pixels times the square of what its mean is rounded
 * by. In a smooth gradient, where all are good, it decides.
 *
 * Means have less contrast than the pixels they stand for, and structural similarity counts the
 * contrast that is lost. So the two colours are moved apart by a small part of the error that the
 * means leave (`CONTRAST`), within the range of the cell's pixels. Around the optimum the squared
 * error grows with the square of the step and the similarity in proportion to it, so that little of
 * the one buys much of the other.
 */
import { FLAT, setCell } from "./cells.ts";
import {
  covered,
  coveredPixels,
  flatError,
  highest,
  lowest,
  mean,
  nextMask,
  pixelCount,
  maskCount,
  startCell,
  total,
} from "./summed_area_table.ts";

/**
 * How far the colours are moved apart, in root mean squares of the error that is left. It costs the
 * square of this, a thousandth of that error, or 0.004 dB.
 */
const CONTRAST: f32 = 0.03;

/** The most that contrast is raised by, for cells whose error exceeds what two colours show. */
const MAX_STRETCH: f32 = 0.1;

/**
 * One cell, with the characters that were opened. A function of its own, which V8 can exchange for
 * its optimised version from one cell to the next.
 *
 * @param from the address of its first pixel
 * @param stride bytes from one row of pixels to the next
 * @param cell the address that the result is written to
 */
export function fitCell(from: usize, stride: usize, cell: usize): void {
  const one: f32 = 1;
  let mask = startCell(from, stride);
  const average = mean, all = pixelCount;
  let best = -roundingError(average, all);
  let chosen = FLAT;
  let front = average, back = average;
  let explained: f32 = 0;
  for (let i = 0; i < maskCount; i++) {
    mask = nextMask(mask);
    const sum = covered, pixels = coveredPixels;
    const others = all - pixels;
    const bound = total(f32x4.mul(f32x4.mul(sum, sum), f32x4.splat(one / pixels + one / others)));
    // Rounding only takes away, so most characters are out already.
    if (bound <= best) continue;
    const frontMean = f32x4.add(average, f32x4.mul(sum, f32x4.splat(one / pixels)));
    const backMean = f32x4.sub(average, f32x4.mul(sum, f32x4.splat(one / others)));
    const score = bound - roundingError(frontMean, pixels) - roundingError(backMean, others);
    if (score <= best) continue;
    best = score;
    chosen = i;
    explained = bound;
    front = frontMean;
    back = backMean;
  }
  if (chosen === FLAT) {
    setCell(cell, FLAT, 0, rounded(average));
    return;
  }
  const left = Mathf.max(0, flatError - explained);
  const stretch = Mathf.min(MAX_STRETCH, CONTRAST * Mathf.sqrt(left / explained));
  front = movedFrom(average, front, stretch);
  back = movedFrom(average, back, stretch);
  setCell(cell, chosen, rounded(front), rounded(back));
}

/** A colour moved away from another by a part of its distance, within the range of the cell. */
function movedFrom(average: v128, color: v128, part: f32): v128 {
  const moved = f32x4.add(color, f32x4.mul(f32x4.sub(color, average), f32x4.splat(part)));
  return f32x4.pmin(highest, f32x4.pmax(lowest, moved));
}

/** The squared error that comes of painting pixels in their mean rounded to whole components. */
function roundingError(color: v128, pixels: f32): f32 {
  const off = f32x4.sub(color, f32x4.nearest(color));
  return total(f32x4.mul(off, off)) * pixels;
}

/** The colour as 0xRRGGBB. */
export function rounded(color: v128): i32 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(color));
  return i32x4.extract_lane(whole, 0) << 16 | i32x4.extract_lane(whole, 1) << 8 |
    i32x4.extract_lane(whole, 2);
}
