/**
 * Drawing without any colour.
 *
 * @module
 */
import { ACROSS, BLANK, type CoverageGlyph, DOWN, inkOf } from "./characters.ts";
import type { Grid } from "../pixels/grid.ts";
import { codePoints, place, textAt, wasmWith } from "../wasm/wasm.ts";

/**
 * Draws a grid of `ACROSS` × `DOWN` parts a cell as text without any colour, light ink on dark
 * ground: for every cell the character whose ink is nearest to its lightness, in weight and in
 * form.
 */
export function drawInk(grid: Grid, shapes: readonly CoverageGlyph[]): string {
  const all = [BLANK, ...shapes];
  const { wasm, at: data } = wasmWith(grid.data);
  const ink = place(wasm, inkOf(all));
  const characters = place(wasm, codePoints(all.map(({ glyph }) => glyph)));
  const [columns, rows] = [grid.width / ACROSS, grid.height / DOWN];
  return textAt(wasm, wasm.drawInk(data, columns, rows, ink, characters, all.length));
}
