/**
 * Characters and two colours for every cell. The character is the one whose ink goes best with the
 * cell's lightness, light on dark or dark on light (the greatest part of its variance explained);
 * the colours follow by linear regression, as far as they exist.
 */
import { carriedTo, nextRow, openErrors, spread } from "./error_diffusion.ts";
import { CELL, FLAT, setCell } from "./cells.ts";
import { rounded } from "./fit.ts";
import { colorOf, nearest } from "./palette.ts";
import {
  ACROSS,
  agreement,
  DOWN,
  lightEnergy,
  openShapes,
  PARTS,
  shapeCount,
  shapeOf,
  startLight,
} from "./shapes.ts";

/** Below this variance of lightness, a cell is plain: letters in it would be noise. */
const LEAST_VARIANCE: f32 = 4;

/**
 * Gives every cell the character and the two colours that come nearest to it.
 *
 * @param grid `ACROSS` × `DOWN` values a cell: three 32-bit floats, and four bytes more that may be
 * read
 * @param ink the characters, as `openShapes` takes them
 * @param dithers whether the colours are those of the palette that was opened; else they are true
 * colours
 * @returns the address of the cells
 */
export function chooseCharacters(
  grid: usize,
  columns: i32,
  rows: i32,
  ink: usize,
  count: i32,
  dithers: bool,
): usize {
  openShapes(ink, count);
  openErrors(columns);
  const cells = heap.alloc(columns * rows * CELL);
  const stride = columns * ACROSS * 12;
  let cell = cells;
  for (let row = 0; row < rows; row++) {
    let from = grid + row * DOWN * stride;
    for (let column = 0; column < columns; column++, cell += CELL, from += ACROSS * 12) {
      chooseCharacter(from, stride, cell, column, dithers);
    }
    nextRow();
  }
  return cells;
}

/** One cell: a function of its own, which V8 can exchange for its optimised version. */
export function chooseCharacter(
  from: usize,
  stride: usize,
  cell: usize,
  column: i32,
  dithers: bool,
): void {
  startLight(from, stride);
  const chosen = bestCharacter();
  let ink: f32 = 0;
  let detail: usize = 0;
  if (chosen !== FLAT) {
    ink = shapeOf(chosen).mean;
    detail = shapeOf(chosen).detail;
  }
  let sum = f32x4.splat(0), product = f32x4.splat(0);
  for (let y = 0; y < DOWN; y++, from += stride) {
    for (let x = 0, at = from; x < ACROSS; x++, at += 12) {
      const color = f32x4.replace_lane(v128.load(at), 3, 0);
      sum = f32x4.add(sum, color);
      if (detail === 0) continue;
      product = f32x4.add(product, f32x4.mul(color, v128.load32_splat(detail)));
      detail += 4;
    }
  }
  const wanted = f32x4.add(f32x4.div(sum, f32x4.splat(<f32> PARTS)), carriedTo(column));
  // The background is most of the cell: it keeps the mean if the colour for the foreground does not
  // exist.
  let foreground = wanted;
  if (chosen !== FLAT) {
    const slope = f32x4.div(product, f32x4.splat(shapeOf(chosen).energy));
    foreground = f32x4.add(wanted, f32x4.mul(slope, f32x4.splat(1 - ink)));
  }
  foreground = limited(foreground);
  const background = limited(
    f32x4.div(f32x4.sub(wanted, f32x4.mul(foreground, f32x4.splat(ink))), f32x4.splat(1 - ink)),
  );
  if (!dithers) {
    setCell(cell, chosen, rounded(foreground), rounded(background));
    return;
  }
  const back = nearest(background);
  const front = chosen === FLAT ? back : nearest(foreground);
  setCell(cell, chosen, front, back);
  const shown = f32x4.add(
    f32x4.mul(colorOf(front), f32x4.splat(ink)),
    f32x4.mul(colorOf(back), f32x4.splat(1 - ink)),
  );
  spread(column, f32x4.sub(wanted, shown));
}

function bestCharacter(): i32 {
  if (lightEnergy / <f32> PARTS < LEAST_VARIANCE) return FLAT;
  let chosen = FLAT;
  let best: f32 = 0;
  for (let i = 0; i < shapeCount; i++) {
    const shape = shapeOf(i), product = agreement(shape);
    const explained = product * product / shape.energy;
    if (explained <= best) continue;
    best = explained;
    chosen = i;
  }
  return chosen;
}

/** A colour with its components cut to what there is. */
function limited(color: v128): v128 {
  return f32x4.max(f32x4.splat(0), f32x4.min(f32x4.splat(255), color));
}
