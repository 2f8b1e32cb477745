import { ACROSS, BLANK, DOWN, inkOf, type InkShape } from "./characters.ts";
import type { Grid } from "./grid.ts";
import { codePoints, kernelWith, place, textAt } from "./kernel.ts";

/**
 * Draws a grid of `ACROSS` × `DOWN` parts a cell as text without any colour, light ink on dark ground: for
 * every cell the character whose ink is nearest to its lightness, in weight and in form.
 */
export function drawInk(grid: Grid, shapes: readonly InkShape[]): string {
  const all = [BLANK, ...shapes];
  const { kernel, at: data } = kernelWith(grid.data);
  const ink = place(kernel, inkOf(all));
  const characters = place(kernel, codePoints(all.map(({ glyph }) => glyph)));
  const [columns, rows] = [grid.width / ACROSS, grid.height / DOWN];
  return textAt(kernel, kernel.drawInk(data, columns, rows, ink, characters, all.length));
}
