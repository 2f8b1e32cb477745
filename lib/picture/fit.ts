import { blankCells, type Cells, FLAT } from "./cells.ts";
import type { Grid } from "./grid.ts";
import { fillPrefixTable, maskSum, prefixTable } from "./prefix_sums.ts";
import type { BlockSet } from "./symbols.ts";

/**
 * Gives every cell the block character and the two colours with the least squared error, in true colour.
 *
 * For a character the best colours are the means of its two parts, and the squared error is then the
 * cell's total sum of squares less `|S|²/n + |T-S|²/(N-n)`, where S is the sum over the n covered
 * pixels and T the sum over all N. The total is the same for all characters, so the best one has the
 * largest such score. Colours have whole components, and the choice allows for that: in a smooth
 * gradient, where all are good, it decides.
 */
export function fit(grid: Grid, set: BlockSet): Cells {
  const { across, down } = set;
  const cells = blankCells(grid.width / across, grid.height / down);
  const sums = set.splits.map((split) => maskSum(split.mask, across, down));
  const all = across * down;
  const table = prefixTable(across, down);
  const last = table.length - 3;
  for (let row = 0, cell = 0; row < cells.rows; row++) {
    for (let column = 0; column < cells.columns; column++, cell++) {
      fillPrefixTable(table, grid, column * across, row * down, across, down);
      const tr = table[last], tg = table[last + 1], tb = table[last + 2];
      let best = gain(tr, all) + gain(tg, all) + gain(tb, all);
      let chosen = FLAT;
      let cr = 0, cg = 0, cb = 0;
      for (let i = 0; i < sums.length; i++) {
        const { corners, signs, pixels } = sums[i];
        let r = 0, g = 0, b = 0;
        for (let k = 0; k < corners.length; k++) {
          const at = corners[k], sign = signs[k];
          r += sign * table[at];
          g += sign * table[at + 1];
          b += sign * table[at + 2];
        }
        const others = all - pixels;
        const ur = tr - r, ug = tg - g, ub = tb - b;
        // The score of exact means. Rounding only takes away, so most characters are out already.
        const bound = (r * r + g * g + b * b) / pixels + (ur * ur + ug * ug + ub * ub) / others;
        if (bound <= best) continue;
        const score = gain(r, pixels) + gain(g, pixels) + gain(b, pixels) +
          gain(ur, others) + gain(ug, others) + gain(ub, others);
        if (score <= best) continue;
        best = score;
        chosen = i;
        cr = r;
        cg = g;
        cb = b;
      }
      const pixels = chosen === FLAT ? 0 : sums[chosen].pixels;
      cells.glyph[cell] = chosen;
      cells.covered[cell] = pixels === 0 ? 0 : mean(cr, cg, cb, pixels);
      cells.rest[cell] = mean(tr - cr, tg - cg, tb - cb, all - pixels);
    }
  }
  return cells;
}

/**
 * By how much a part's squared error falls when it is painted in its mean, rounded to a whole number, and
 * not left black: `2mS - nm²` for the mean m, the sum S and the n pixels.
 */
function gain(sum: number, pixels: number): number {
  const mean = Math.round(sum / pixels);
  return mean * (2 * sum - pixels * mean);
}

/** The mean colour as 0xRRGGBB. */
function mean(red: number, green: number, blue: number, pixels: number): number {
  return Math.round(red / pixels) << 16 | Math.round(green / pixels) << 8 |
    Math.round(blue / pixels);
}
