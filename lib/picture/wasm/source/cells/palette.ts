/**
 * The colours of a terminal that has a palette.
 */
import { total } from "./summed_area_table.ts";

/** The number of the first colour in use, and of all colours. */
let first: i32 = 0;
let count: i32 = 0;
/** The colours, each a vector of floats. */
let colors: usize = 0;

/**
 * Takes a palette: the sixteen colours of a terminal, or the 256 of xterm, of which only the fixed
 * ones from 16 on are used: a cube of 6 × 6 × 6 colours and a row of greys.
 *
 * @param from three bytes a colour
 * @param colorCount 16 or 256
 */
export function openPalette(from: usize, colorCount: i32): void {
  count = colorCount;
  first = colorCount === 256 ? 16 : 0;
  colors = heap.alloc(colorCount * 16);
  for (let i = 0; i < colorCount; i++, from += 3) {
    const red = load<u8>(from), green = load<u8>(from, 1), blue = load<u8>(from, 2);
    v128.store(colors + i * 16, f32x4(<f32> red, <f32> green, <f32> blue, 0));
  }
}

/** A colour by its number. */
export function colorOf(number: i32): v128 {
  return v128.load(colors + number * 16);
}

/** The number of the colour nearest to a colour, by squared distance; the lowest of several. */
export function nearest(color: v128): i32 {
  if (first === 0) return nearestOf(color, 0, count);
  // In the cube each component can be chosen by itself; of the greys, the one nearest to the mean.
  const red = level(f32x4.extract_lane(color, 0));
  const green = level(f32x4.extract_lane(color, 1));
  const blue = level(f32x4.extract_lane(color, 2));
  const inCube = 16 + red * 36 + green * 6 + blue;
  const step = Mathf.ceil((total(color) / 3 - 8) / 10 - 0.5);
  const grey = 232 + <i32> Mathf.max(0, Mathf.min(23, step));
  return distance(color, grey) < distance(color, inCube) ? grey : inCube;
}

/** The nearest of the colours from one number to another. */
function nearestOf(color: v128, from: i32, end: i32): i32 {
  let best = from;
  let minimum = distance(color, from);
  for (let number = from + 1; number < end; number++) {
    const off = distance(color, number);
    if (off >= minimum) continue;
    minimum = off;
    best = number;
  }
  return best;
}

function distance(color: v128, number: i32): f32 {
  const off = f32x4.sub(color, colorOf(number));
  return total(f32x4.mul(off, off));
}

/** The nearest of the levels 0, 95, 135, 175, 215 and 255. */
function level(component: f32): i32 {
  if (component <= 47.5) return 0;
  if (component <= 115) return 1;
  return min(5, <i32> Mathf.ceil((component - 115) / 40) + 1);
}
