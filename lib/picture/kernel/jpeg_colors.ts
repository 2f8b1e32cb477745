/**
 * From YCbCr to RGB (ITU-T T.871, 7).
 *
 * The standard rounds every pixel. With a whole luma that is the same as rounding what chroma adds to it, which is
 * done here as soon as the chroma is decoded: where a chroma block is smooth, its pixels are all rounded alike.
 */
import { Areas } from "./areas.ts";
import { componentCount, components } from "./jpeg_segments.ts";

/** What chroma adds to the luma to make green; for red and blue, the bands of the chromas are used. */
let greenBand: usize = 0;
let greenAreas!: Areas;

/** Makes room, once the components are planned. */
export function planColors(): void {
  const blue = components[1];
  greenBand = heap.alloc(blue.bandWidth * blue.bandHeight * 4 + 16);
  greenAreas = blue.areas.another();
}

/** Takes the bands of both chromas. */
export function addChroma(): void {
  const blue = components[1], red = components[2];
  const bytes = blue.bandWidth * blue.bandHeight * 4;
  const middle = f32x4.splat(128);
  for (let i = 0; i < bytes; i += 16) {
    const cb = f32x4.sub(v128.load(blue.band + i), middle);
    const cr = f32x4.sub(v128.load(red.band + i), middle);
    const wholeBlue = isWhole(cb), wholeRed = isWhole(cr);
    const green = f32x4.add(times(cb, -0.344136286), times(cr, -0.714136286));
    v128.store(red.band + i, roundedIf(wholeRed, times(cr, 1.402)));
    v128.store(greenBand + i, roundedIf(v128.and(wholeBlue, wholeRed), green));
    v128.store(blue.band + i, roundedIf(wholeBlue, times(cb, 1.772)));
  }
  for (let at = 0; at < bytes; at += blue.bandWidth * 4) greenAreas.addRow(greenBand + at);
  blue.addBand();
  red.addBand();
}

function times(values: v128, factor: f32): v128 {
  return f32x4.mul(values, f32x4.splat(factor));
}

/** Whole numbers, and of two that are as near the larger, as decoders have it. */
export function roundedUp(values: v128): v128 {
  return f32x4.floor(f32x4.add(values, f32x4.splat(0.5)));
}

/** Which values were rounded: no others are whole. */
function isWhole(values: v128): v128 {
  return f32x4.eq(values, f32x4.nearest(values));
}

function roundedIf(condition: v128, values: v128): v128 {
  return v128.bitselect(roundedUp(values), values, condition);
}

/**
 * The averages in RGB, once all rows were decoded.
 *
 * @param count how many areas there are
 * @returns the address of three 32-bit floats for each area, 0-255, row by row
 */
export function jpegAverages(count: i32): usize {
  const rgb = heap.alloc(count * 12 + 48);
  const luma = components[0].areas.averages;
  const grey = componentCount === 1;
  const red = grey ? luma : components[2].areas.averages;
  const green = grey ? luma : greenAreas.averages;
  const blue = grey ? luma : components[1].areas.averages;
  const scale = f32x4.splat(grey ? 0 : 1);
  let to = rgb;
  for (let i = 0; i < count * 4; i += 16, to += 48) {
    const y = v128.load(luma + i);
    const r = byteRange(f32x4.add(y, f32x4.mul(scale, v128.load(red + i))));
    const g = byteRange(f32x4.add(y, f32x4.mul(scale, v128.load(green + i))));
    const b = byteRange(f32x4.add(y, f32x4.mul(scale, v128.load(blue + i))));
    const first = v128.shuffle<f32>(r, g, 0, 4, 1, 5), last = v128.shuffle<f32>(r, g, 2, 6, 3, 7);
    const middle = v128.shuffle<f32>(first, b, 3, 5, 3, 5);
    v128.store(to, v128.shuffle<f32>(first, b, 0, 1, 4, 2));
    v128.store(to, v128.shuffle<f32>(middle, last, 0, 1, 4, 5), 16);
    v128.store(to, v128.shuffle<f32>(b, last, 2, 6, 7, 3), 32);
  }
  return rgb;
}

function byteRange(values: v128): v128 {
  return f32x4.max(f32x4.splat(0), f32x4.min(f32x4.splat(255), values));
}
