import type { Grid } from "./grid.ts";

/**
 * How to sum the pixels under a mask from a table of prefix sums: entry (x, y) of the table is the sum over
 * the x × y pixels at the cell's top left. A rectangle is four entries whatever its size.
 */
export interface MaskSum {
  /** Offsets of the entries that are needed, three values each. */
  readonly corners: Int32Array;
  /** The sign of each. */
  readonly signs: Float32Array;
  /** Pixels under the mask. */
  readonly pixels: number;
}

/**
 * The entries that make up the sum over a mask. The weight of corner (x, y) is how the mask differs
 * around it; it is zero but for the corners of the mask's outline, so there are few.
 *
 * @param mask one entry a pixel, row by row
 */
export function maskSum(mask: readonly boolean[], across: number, down: number): MaskSum {
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < across && y < down && mask[y * across + x] ? 1 : 0;
  const corners: number[] = [], signs: number[] = [];
  for (let y = 1; y <= down; y++) {
    for (let x = 1; x <= across; x++) {
      const sign = inside(x - 1, y - 1) - inside(x, y - 1) - inside(x - 1, y) + inside(x, y);
      if (sign === 0) continue;
      corners.push((y * (across + 1) + x) * 3);
      signs.push(sign);
    }
  }
  return {
    corners: Int32Array.from(corners),
    signs: Float32Array.from(signs),
    pixels: mask.filter(Boolean).length,
  };
}

/** An empty table for cells of a size; three components an entry, the last entry for the whole cell. */
export function prefixTable(across: number, down: number): Float32Array {
  return new Float32Array((across + 1) * (down + 1) * 3);
}

/** Fills the table for the cell whose top left pixel is (left, top). */
export function fillPrefixTable(
  table: Float32Array,
  grid: Grid,
  left: number,
  top: number,
  across: number,
  down: number,
): void {
  const stride = (across + 1) * 3;
  const { data, width } = grid;
  for (let y = 0; y < down; y++) {
    let from = ((top + y) * width + left) * 3;
    let to = (y + 1) * stride + 3;
    let r = 0, g = 0, b = 0;
    for (let x = 0; x < across; x++, from += 3, to += 3) {
      r += data[from];
      g += data[from + 1];
      b += data[from + 2];
      table[to] = table[to - stride] + r;
      table[to + 1] = table[to - stride + 1] + g;
      table[to + 2] = table[to - stride + 2] + b;
    }
  }
}
