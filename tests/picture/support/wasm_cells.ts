import type { Cells } from "../../../lib/picture/cells/cells.ts";
import { freshWasm, place } from "../../../lib/picture/wasm/wasm.ts";

/** In place of a glyph: the whole cell has the colour of `rest`. */
export const FLAT = -1;

/** What to paint in a cell. A colour is 0xRRGGBB, or a number of the palette in use. */
export interface CellPaint {
  /** Which glyph of the set, or `FLAT`. */
  readonly glyph: number;
  /** The colour of the covered part. */
  readonly covered: number;
  /** The colour of the rest. */
  readonly rest: number;
}

/** What the module's cells hold, row by row. */
export function paintOf({ wasm, columns, rows, at }: Cells): CellPaint[] {
  const numbers = new Int32Array(wasm.memory.buffer, at, columns * rows * 3);
  return Array.from({ length: columns * rows }, (_, i) => {
    const [glyph, covered, rest] = numbers.subarray(i * 3);
    return { glyph, covered, rest };
  });
}

/** Cells in the module, from rows of equal length. */
export function cellsOf(
  rows: readonly (readonly [glyph: number, covered: number, rest: number])[][],
): Cells {
  const wasm = freshWasm();
  const at = place(wasm, Int32Array.from(rows.flat(2)));
  return { wasm, columns: rows[0].length, rows: rows.length, at };
}
