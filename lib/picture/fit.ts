import { blankCells, type Cells } from "./cells.ts";
import type { Grid } from "./grid.ts";
import { freshKernel, place } from "./kernel.ts";
import { maskSum } from "./prefix_sums.ts";
import type { BlockSet } from "./symbols.ts";

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

/** The characters as the kernel takes them. */
function splitTable({ across, down, splits }: BlockSet): ArrayBuffer {
  const numbers: number[] = [], signs: number[] = [];
  for (const { mask } of splits) {
    const sum = maskSum(mask, across, down);
    numbers.push(sum.corners.length, sum.pixels);
    signs[numbers.length] = 0;
    for (let i = 0; i < sum.corners.length; i++) {
      signs[numbers.length + 1] = sum.signs[i];
      // Four floats an entry.
      numbers.push(sum.corners[i] / 3 * 16, 0);
    }
  }
  const table = Int32Array.from(numbers);
  const floats = new Float32Array(table.buffer);
  signs.forEach((sign, i) => {
    if (sign) floats[i] = sign;
  });
  return table.buffer;
}
