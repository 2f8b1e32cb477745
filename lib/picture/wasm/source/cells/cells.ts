/**
 * Cells with what to paint in them: three 32-bit integers each, one after the other, row by row.
 * They are the number of a glyph, or `FLAT`; the colour of what the glyph covers; the colour of the
 * rest. A colour is 0xRRGGBB, or a number of the palette in use.
 */

/** In place of a glyph: the whole cell has the colour of the rest. */
export const FLAT: i32 = -1;

/** Bytes of a cell. */
export const CELL: i32 = 12;

/** Writes a cell. */
export function setCell(cell: usize, glyph: i32, covered: i32, rest: i32): void {
  store<i32>(cell, glyph);
  store<i32>(cell, covered, 4);
  store<i32>(cell, rest, 8);
}
