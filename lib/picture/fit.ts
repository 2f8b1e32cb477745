import { blankCells, type Cells } from "./cells.ts";
import type { Grid } from "./grid.ts";
import { freshKernel, place } from "./kernel.ts";
import { maskSum } from "./prefix_sums.ts";
import type { BlockSet } from "./symbols.ts";

/** Bytes of an entry in the kernel's table of prefix sums: a vector of four floats. */
const ENTRY_BYTES = 16;

/**
 * Gives every cell the block character and the two colours with the least squared error, in true colour.
 *
 * @param grid `set.across` × `set.down` values a cell
 */
export function fit(grid: Grid, set: BlockSet): Cells {
  const { across, down } = set;
  const cells = blankCells(grid.width / across, grid.height / down);
  const kernel = freshKernel();
  const { buffer, byteOffset, byteLength } = grid.data;
  const data = place(kernel, new Uint8Array(buffer, byteOffset, byteLength), 4);
  const splits = place(kernel, new Uint8Array(splitTable(set)));
  const { columns, rows } = cells;
  const at = kernel.fit(data, columns, rows, across, down, splits, set.splits.length);
  const found = new Int32Array(kernel.memory.buffer, at, columns * rows * 3);
  for (let cell = 0, from = 0; from < found.length; cell++, from += 3) {
    cells.glyph[cell] = found[from];
    cells.covered[cell] = found[from + 1];
    cells.rest[cell] = found[from + 2];
  }
  return cells;
}

/** The characters as the kernel takes them: integers, with a float for each sign. */
function splitTable({ across, down, splits }: BlockSet): ArrayBuffer {
  const sums = splits.map(({ mask }) => maskSum(mask, across, down));
  const integers = new Int32Array(sums.reduce((size, sum) => size + 2 + 2 * sum.signs.length, 0));
  const floats = new Float32Array(integers.buffer);
  let to = 0;
  for (const { corners, signs, pixels } of sums) {
    integers[to++] = corners.length;
    integers[to++] = pixels;
    for (let i = 0; i < corners.length; i++) {
      integers[to++] = corners[i] / 3 * ENTRY_BYTES;
      floats[to++] = signs[i];
    }
  }
  return integers.buffer;
}
