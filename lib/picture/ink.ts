import { CarriedErrors } from "./carried_errors.ts";
import { ACROSS, DOWN, type InkShape, inkShape } from "./characters.ts";
import type { Grid } from "./grid.ts";

/** How much the form of a character weighs against its weight of ink. */
const FORM = 1.5;

/** Blocks and shades, for terminals that have them but no colours. */
export function blockShapes(): InkShape[] {
  const covers = (test: (x: number, y: number) => boolean) =>
    Array.from({ length: ACROSS * DOWN }, (_, i) => {
      return test((i % ACROSS + 0.5) / ACROSS, (Math.floor(i / ACROSS) + 0.5) / DOWN) ? 1 : 0;
    });
  const lower = [..."▁▂▃▄▅▆▇█"].map((glyph, i) =>
    inkShape(glyph, covers((_, y) => y > 1 - (i + 1) / 8))
  );
  // Bits: upper left, upper right, lower left, lower right; from 1 on.
  const quadrants = [..."▘▝▀▖▌▞▛▗▚▐▜▄▙▟"].map((glyph, i) =>
    inkShape(
      glyph,
      covers((x, y) => ((i + 1) >> (Number(x > 0.5) + 2 * Number(y > 0.5)) & 1) === 1),
    )
  );
  const shades = [..."░▒▓"].map((glyph, i) => {
    return inkShape(glyph, Array<number>(ACROSS * DOWN).fill((i + 1) / 4));
  });
  return [...shades, ...lower, ...quadrants];
}

/**
 * Draws a grid of `ACROSS` × `DOWN` parts a cell as text without any colour, light ink on dark ground: for
 * every cell the character whose ink is nearest to its lightness, in weight and in form. What the weight
 * lacks is handed on to the cells that follow, so that greys come out between the characters'.
 */
export function drawInk(grid: Grid, shapes: readonly InkShape[]): string {
  const columns = grid.width / ACROSS, rows = grid.height / DOWN;
  // The heaviest letter covers a quarter of a cell; it has to stand for white.
  const heaviest = Math.max(...shapes.map((shape) => shape.mean));
  const all = [inkShape(" ", Array<number>(ACROSS * DOWN).fill(0)), ...shapes];
  const carried = new CarriedErrors(columns);
  const light = new Float32Array(ACROSS * DOWN);
  let text = "";
  for (let row = 0; row < rows; row++) {
    let line = "";
    for (let column = 0; column < columns; column++) {
      const mean = lightnessOf(grid, column, row, light);
      const wanted = mean + carried.at(column, 0) / 255;
      const { glyph, weight } = nearestShape(light, mean, wanted, all, heaviest);
      carried.spread(column, 0, (wanted - weight) * 255);
      line += glyph;
    }
    carried.nextRow();
    text += line.trimEnd() + "\n";
  }
  return text;
}

/** Fills in the lightness of the parts of a cell, 0–1, and returns its mean. */
function lightnessOf(grid: Grid, column: number, row: number, light: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < light.length; i++) {
    const x = column * ACROSS + i % ACROSS, y = row * DOWN + Math.floor(i / ACROSS);
    const at = (y * grid.width + x) * 3;
    light[i] = (0.3 * grid.data[at] + 0.59 * grid.data[at + 1] + 0.11 * grid.data[at + 2]) / 255;
    sum += light[i];
  }
  return sum / light.length;
}

function nearestShape(
  light: Float32Array,
  mean: number,
  wanted: number,
  shapes: readonly InkShape[],
  heaviest: number,
): { glyph: string; weight: number } {
  let best = Infinity;
  let chosen = { glyph: " ", weight: 0 };
  for (const { glyph, mean: ink, detail } of shapes) {
    const weight = ink / heaviest;
    let form = 0;
    for (let i = 0; i < light.length; i++) form += (light[i] - mean - detail[i]) ** 2;
    const error = (wanted - weight) ** 2 + FORM * form / light.length;
    if (error >= best) continue;
    best = error;
    chosen = { glyph, weight };
  }
  return chosen;
}
