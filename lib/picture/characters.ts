import { ASCII_SHAPES } from "./ascii_shapes.ts";
import { CarriedErrors } from "./carried_errors.ts";
import { blankCells, type Cells, FLAT, type Glyph } from "./cells.ts";
import type { Grid } from "./grid.ts";
import { nearest, type Palette } from "./palette.ts";

/** Parts of a cell whose ink is known, across and down. */
export const ACROSS = 4, DOWN = 8;
const PARTS = ACROSS * DOWN;

/** A character by how much of each part of a cell it covers, 0–1. */
export interface InkShape extends Glyph {
  readonly ink: Float32Array;
  /** The mean of `ink`. */
  readonly mean: number;
  /** `ink` less its mean. */
  readonly detail: Float32Array;
  /** The sum of the squares of `detail`. */
  readonly energy: number;
}

/** A shape from the coverage of each part, 0–1. */
export function inkShape(glyph: string, coverage: readonly number[]): InkShape {
  const ink = Float32Array.from(coverage);
  const mean = ink.reduce((a, b) => a + b) / PARTS;
  const detail = ink.map((value) => value - mean);
  const energy = detail.reduce((sum, value) => sum + value * value, 0);
  return { glyph, inverse: null, ink, mean, detail, energy };
}

/** The printable ASCII characters but the space. */
export function asciiShapes(): InkShape[] {
  return ASCII_SHAPES.map((digits, i) =>
    inkShape(String.fromCharCode(0x21 + i), [...digits].map((digit) => parseInt(digit, 16) / 15))
  );
}

/**
 * Gives every cell of a grid of `ACROSS` × `DOWN` parts a cell the ASCII character and the two colours that
 * come nearest to it. The character is the one whose ink goes best with the cell's lightness, light
 * on dark or dark on light (the greatest part of its variance explained); the colours follow
 * by linear regression, as far as they exist.
 *
 * @param palette the colours there are; null for true colour
 */
export function fitCharacters(
  grid: Grid,
  shapes: readonly InkShape[],
  palette: Palette | null,
): Cells {
  const cells = blankCells(grid.width / ACROSS, grid.height / DOWN);
  const carried = new CarriedErrors(cells.columns);
  const light = new Float32Array(PARTS);
  const paper = [0, 0, 0], letter = [0, 0, 0], wanted = [0, 0, 0];
  const { data, width } = grid;
  for (let row = 0, cell = 0; row < cells.rows; row++) {
    for (let column = 0; column < cells.columns; column++, cell++) {
      const origin = (row * DOWN * width + column * ACROSS) * 3;
      for (let i = 0; i < PARTS; i++) {
        const at = origin + ((i >> 2) * width + (i & 3)) * 3;
        light[i] = 0.3 * data[at] + 0.59 * data[at + 1] + 0.11 * data[at + 2];
      }
      const chosen = bestCharacter(light, shapes);
      const shape = chosen === FLAT ? null : shapes[chosen];
      for (let c = 0; c < 3; c++) {
        let sum = 0, product = 0;
        for (let i = 0; i < PARTS; i++) {
          const value = data[origin + ((i >> 2) * width + (i & 3)) * 3 + c];
          sum += value;
          if (shape !== null) product += value * shape.detail[i];
        }
        wanted[c] = sum / PARTS + (palette === null ? 0 : carried.at(column, c));
        const slope = shape === null ? 0 : product / shape.energy;
        const ink = shape === null ? 0 : shape.mean;
        // The paper is most of the cell: where the letter's colour does not exist, it keeps the mean.
        letter[c] = limit(wanted[c] + slope * (1 - ink));
        paper[c] = limit((wanted[c] - letter[c] * ink) / (1 - ink));
      }
      const back = colorOf(paper, palette);
      const front = shape === null ? back : colorOf(letter, palette);
      cells.glyph[cell] = chosen;
      cells.covered[cell] = front;
      cells.rest[cell] = back;
      if (palette === null) continue;
      for (let c = 0; c < 3; c++) {
        const ink = shape === null ? 0 : shape.mean;
        const shown = palette.colors[front * 3 + c] * ink +
          palette.colors[back * 3 + c] * (1 - ink);
        carried.spread(column, c, wanted[c] - shown);
      }
    }
    carried.nextRow();
  }
  return cells;
}

/** Below this variance of lightness, a cell is plain: letters in it would be noise. */
const LEAST_VARIANCE = 4;

function bestCharacter(light: Float32Array, shapes: readonly InkShape[]): number {
  let mean = 0, squares = 0;
  for (let i = 0; i < PARTS; i++) {
    mean += light[i] / PARTS;
    squares += light[i] * light[i];
  }
  if (squares / PARTS - mean * mean < LEAST_VARIANCE) return FLAT;
  let chosen = FLAT, best = 0;
  for (let s = 0; s < shapes.length; s++) {
    const { detail, energy } = shapes[s];
    let product = 0;
    for (let i = 0; i < PARTS; i++) product += light[i] * detail[i];
    const explained = product * product / energy;
    if (explained <= best) continue;
    best = explained;
    chosen = s;
  }
  return chosen;
}

function limit(component: number): number {
  return Math.max(0, Math.min(255, component));
}

function colorOf([red, green, blue]: readonly number[], palette: Palette | null): number {
  if (palette !== null) return nearest(palette, red, green, blue);
  return Math.round(red) << 16 | Math.round(green) << 8 | Math.round(blue);
}
