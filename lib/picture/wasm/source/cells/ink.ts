/**
 * Text without any colour, light ink on dark ground: for every cell the character whose ink is
 * nearest to its lightness, in weight and in form. What the weight lacks is handed on to the cells
 * that follow, so that greys come out between the characters'.
 */
import { carriedTo, nextRow, openErrors, spread } from "./error_diffusion.ts";
import {
  ACROSS,
  agreement,
  DOWN,
  lightEnergy,
  lightMean,
  openShapes,
  PARTS,
  shapeCount,
  shapeOf,
  startLight,
} from "./shapes.ts";
import { endText, moveTo, position, put, putCharacter, startText } from "../text/text.ts";

/** How much the form of a character weighs against its weight of ink. */
const FORM: f32 = 1.5;

/**
 * The mean ink of the heaviest character. The heaviest foreground covers a quarter of a cell; it
 * has to stand for white.
 */
let heaviest: f32 = 0;

/**
 * Draws a picture with characters.
 *
 * @param grid `ACROSS` × `DOWN` values a cell: three 32-bit floats, and four bytes more that may be
 * read
 * @param ink the characters, as `openShapes` takes them; the first is the space
 * @param codePoints the code point of each, a 32-bit integer
 * @returns the address of the text's length, a 32-bit integer, behind which the text stands
 */
export function drawInk(
  grid: usize,
  columns: i32,
  rows: i32,
  ink: usize,
  codePoints: usize,
  count: i32,
): usize {
  openShapes(ink, count);
  openErrors(columns);
  heaviest = 0;
  for (let i = 0; i < count; i++) heaviest = max(heaviest, shapeOf(i).mean);
  startText(rows * (columns * 4 + 1));
  const stride = columns * ACROSS * 12;
  for (let row = 0; row < rows; row++) {
    let from = grid + row * DOWN * stride;
    let end = position();
    for (let column = 0; column < columns; column++, from += ACROSS * 12) {
      const chosen = inkOfCell(from, stride, column);
      putCharacter(load<i32>(codePoints + chosen * 4));
      if (chosen !== 0) end = position();
    }
    moveTo(end); // no spaces at the end of a line
    put(0x0a);
    nextRow();
  }
  return endText();
}

/**
 * Chooses the character of a cell: a function of its own, which V8 can exchange for its optimised
 * version.
 */
export function inkOfCell(from: usize, stride: usize, column: i32): i32 {
  startLight(from, stride);
  const wanted = (lightMean + f32x4.extract_lane(carriedTo(column), 0)) / 255;
  let best: f32 = Infinity;
  let chosen = 0;
  for (let i = 0; i < shapeCount; i++) {
    const shape = shapeOf(i);
    const missing = wanted - shape.mean / heaviest;
    const form = lightEnergy / (255 * 255) - 2 * agreement(shape) / 255 + shape.energy;
    const error = missing * missing + FORM * form / <f32> PARTS;
    if (error >= best) continue;
    best = error;
    chosen = i;
  }
  spread(column, f32x4.splat((wanted - shapeOf(chosen).mean / heaviest) * 255));
  return chosen;
}
