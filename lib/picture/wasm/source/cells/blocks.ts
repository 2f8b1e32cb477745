/**
 * Block characters for a whole picture.
 */
import { nextRow, openErrors } from "./error_diffusion.ts";
import { CELL } from "./cells.ts";
import { ditherCell } from "./dither.ts";
import { fitCell } from "./fit.ts";
import { openMasks } from "./summed_area_table.ts";

/**
 * Gives every cell the block character and the two colours that come nearest to it.
 *
 * @param grid the values: three 32-bit floats a pixel, and four bytes more that may be read
 * @param across pixels of a cell, across, 8 at most
 * @param down pixels of a cell, down
 * @param masks for each character `down` bytes, of which bit x says whether it covers that pixel
 * @param count how many characters there are
 * @param dithers whether the colours are those of the palette that was opened; else they are true
 * colours
 * @returns the address of the cells
 */
export function chooseBlocks(
  grid: usize,
  columns: i32,
  rows: i32,
  across: i32,
  down: i32,
  masks: usize,
  count: i32,
  dithers: bool,
): usize {
  openMasks(across, down, masks, count);
  if (dithers) openErrors(columns);
  const cells = heap.alloc(columns * rows * CELL);
  const stride = columns * across * 12;
  let cell = cells;
  for (let row = 0; row < rows; row++) {
    let from = grid + row * down * stride;
    for (let column = 0; column < columns; column++, cell += CELL, from += across * 12) {
      if (dithers) ditherCell(from, stride, cell, column);
      else fitCell(from, stride, cell);
    }
    if (dithers) nextRow();
  }
  return cells;
}
