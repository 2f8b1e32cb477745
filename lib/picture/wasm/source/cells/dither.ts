/**
 * Gives every cell a block character and two colours of a palette.
 *
 * If no colour of the palette is near, two that lie on either side can stand for it, the more
 * finely divided the better; so for each character not only the colours nearest to the means of its
 * two parts are tried, but also those that make up for each other's error. The least squared error
 * decides, with the error of the cell's mean counted on top: the eye averages over small areas.
 * What is left of it is handed on to the cells that follow, so that areas keep their mean colour.
 *
 * All sums are of how pixels differ from the wanted mean, which is the cell's mean and what was
 * handed on to it.
 */
import { carriedTo, spread } from "./error_diffusion.ts";
import { FLAT, setCell } from "./cells.ts";
import { colorOf, nearest } from "./palette.ts";
import {
  covered,
  coveredPixels,
  mean,
  nextMask,
  pixelCount,
  maskCount,
  startCell,
  total,
} from "./summed_area_table.ts";

/** The mean that the cell at hand should show. */
let wanted: v128 = f32x4.splat(0);

/**
 * Of the character at hand: its number, the pixels it covers and their sum, and the pixels of the
 * rest.
 */
let glyph: i32 = FLAT;
let pixels: f32 = 0;
let sum: v128 = f32x4.splat(0);
let others: f32 = 0;

/** The best found so far. */
let best: f32 = 0;
let bestGlyph: i32 = FLAT;
let bestFront: i32 = 0;
let bestBack: i32 = 0;
let bestShare: f32 = 0;

/**
 * One cell, with the characters and the palette that were opened.
 *
 * @param from the address of its first pixel
 * @param stride bytes from one row of pixels to the next
 * @param cell the address that the result is written to
 */
export function ditherCell(from: usize, stride: usize, cell: usize, column: i32): void {
  let mask = startCell(from, stride);
  wanted = f32x4.add(mean, carriedTo(column));
  best = -Infinity;
  const near = nearest(wanted);
  // On the other side of the mean, near and far.
  const opposite = f32x4.sub(wanted, colorOf(near));
  const beyond = nearest(f32x4.add(wanted, opposite));
  const far = nearest(f32x4.add(wanted, f32x4.add(opposite, opposite)));
  glyph = FLAT;
  pixels = 0;
  others = pixelCount;
  sum = f32x4.splat(0);
  tryColors(near, near);
  for (let i = 0; i < maskCount; i++) {
    mask = nextMask(mask);
    glyph = i;
    pixels = coveredPixels;
    others = pixelCount - pixels;
    sum = covered;
    const shares: f32 = 1 / pixels + 1 / others;
    // No two colours can do better than the exact means.
    if (total(f32x4.mul(sum, sum)) * shares <= best) continue;
    tryGlyph();
    if (beyond !== near) tryBoth(near, beyond);
    if (far !== near && far !== beyond) tryBoth(near, far);
  }
  setCell(cell, bestGlyph, bestFront, bestBack);
  const shown = f32x4.add(
    f32x4.mul(colorOf(bestFront), f32x4.splat(bestShare)),
    f32x4.mul(colorOf(bestBack), f32x4.splat(1 - bestShare)),
  );
  spread(column, f32x4.sub(wanted, shown));
}

/**
 * Tries the colours nearest to the means of both parts, each also with the one that makes up for
 * its error.
 */
function tryGlyph(): void {
  const front = nearest(f32x4.add(wanted, f32x4.div(sum, f32x4.splat(pixels))));
  const back = nearest(f32x4.sub(wanted, f32x4.div(sum, f32x4.splat(others))));
  tryColors(front, back);
  const opposite = complementOf(front, pixels / others);
  if (opposite !== back) tryColors(front, opposite);
  const before = complementOf(back, others / pixels);
  if (before !== front) tryColors(before, back);
}

/** The colour that, beside another that is seen `times` as much, gives the cell its mean. */
function complementOf(color: i32, times: f32): i32 {
  const off = f32x4.sub(wanted, colorOf(color));
  return nearest(f32x4.add(wanted, f32x4.mul(off, f32x4.splat(times))));
}

function tryBoth(a: i32, b: i32): void {
  tryColors(a, b);
  tryColors(b, a);
}

/** Tries two colours, by how much the squared error falls against a cell all in the mean. */
function tryColors(front: i32, back: i32): void {
  const f = f32x4.sub(colorOf(front), wanted), b = f32x4.sub(colorOf(back), wanted);
  const allFront = f32x4.mul(f, f32x4.splat(pixels)), allBack = f32x4.mul(b, f32x4.splat(others));
  const surplus = f32x4.add(allFront, allBack);
  const twice = f32x4.add(sum, sum);
  const gain = f32x4.sub(
    f32x4.mul(f, f32x4.sub(twice, allFront)),
    f32x4.mul(b, f32x4.add(twice, allBack)),
  );
  const score = total(
    f32x4.sub(gain, f32x4.div(f32x4.mul(surplus, surplus), f32x4.splat(pixelCount))),
  );
  if (score <= best) return;
  best = score;
  bestGlyph = glyph;
  bestFront = front;
  bestBack = back;
  bestShare = pixels / pixelCount;
}
