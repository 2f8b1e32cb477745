/**
 * From YCbCr to RGB (ITU-T T.871, 7).
 *
 * The standard rounds every pixel. With a whole luma that is the same as rounding what chroma adds
 * to it, which is done here as soon as the chroma is decoded: where a chroma block is smooth, its
 * pixels are all rounded alike.
 */
import { AreaAverager } from "../areas.ts";
import { componentCount, components } from "./segments.ts";

/**
 * What chroma adds to the luma to make green; for red and blue, the bands of the chromas are used.
 */
let greenBand: usize = 0;
let greenAreas!: AreaAverager;

/**
 * The averages in RGB, three 32-bit floats for each area, 0-255, row by row; and where the next
 * goes.
 */
export let rgb: usize = 0;
let to: usize = 0;

/** Areas in a row. */
let across: i32 = 0;

/** Makes room, once the components are planned. */
export function planColors(columns: i32, rows: i32): void {
  across = columns;
  rgb = heap.alloc(columns * rows * 12 + 48);
  to = rgb;
  if (componentCount === 1) return;
  const blue = components[1];
  greenBand = heap.alloc(blue.bandWidth * blue.bandHeight * 4 + 16);
  greenAreas = blue.areas.another();
}

/** Takes the bands of all components. */
export function addBands(): void {
  components[0].addBand();
  if (componentCount > 1) addChroma();
  convert();
}

/** Skips the bands of a row of MCUs outside of what is averaged. */
export function skipBands(): void {
  for (let i = 0; i < componentCount; i++) components[i].areas.skipRows(components[i].bandHeight);
  if (componentCount > 1) greenAreas.skipRows(components[1].bandHeight);
}

function addChroma(): void {
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

/** Converts the rows of areas that all components have finished. */
export function convert(): void {
  const grey = componentCount === 1;
  const luma = components[0].areas;
  const red = grey ? luma : components[2].areas;
  const green = grey ? luma : greenAreas;
  const blue = grey ? luma : components[1].areas;
  const rows = min(min(luma.ready, red.ready), min(green.ready, blue.ready));
  const scale = f32x4.splat(grey ? 0 : 1);
  const bytes = rows * across * 4;
  for (let i = 0; i < bytes; i += 16, to += 48) {
    const y = v128.load(luma.averages + i);
    const r = byteRange(f32x4.add(y, f32x4.mul(scale, v128.load(red.averages + i))));
    const g = byteRange(f32x4.add(y, f32x4.mul(scale, v128.load(green.averages + i))));
    const b = byteRange(f32x4.add(y, f32x4.mul(scale, v128.load(blue.averages + i))));
    const first = v128.shuffle<f32>(r, g, 0, 4, 1, 5), last = v128.shuffle<f32>(r, g, 2, 6, 3, 7);
    const middle = v128.shuffle<f32>(first, b, 3, 5, 3, 5);
    v128.store(to, v128.shuffle<f32>(first, b, 0, 1, 4, 2));
    v128.store(to, v128.shuffle<f32>(middle, last, 0, 1, 4, 5), 16);
    v128.store(to, v128.shuffle<f32>(b, last, 2, 6, 7, 3), 32);
  }
  to -= (bytes + 15 & ~15) * 3 - bytes * 3; // the last vectors may have reached over the end
  luma.drop(rows);
  if (grey) return;
  red.drop(rows);
  green.drop(rows);
  blue.drop(rows);
}

function byteRange(values: v128): v128 {
  return f32x4.max(f32x4.splat(0), f32x4.min(f32x4.splat(255), values));
}
