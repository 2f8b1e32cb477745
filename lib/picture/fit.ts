import type { Grid } from "./grid.ts";
import type { BlockSet } from "./symbols.ts";

/** The cells of a drawing: what to paint in each. */
export interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** Which split of the set each cell takes; `FLAT` for one colour all over. */
  readonly split: Int16Array;
  /** The colour of the covered part, three components a cell. */
  readonly covered: Float32Array;
  /** The colour of the rest. */
  readonly rest: Float32Array;
}

/** In place of a split: the whole cell has the colour of `rest`. */
export const FLAT = -1;

/** A split made ready for summing: where to look in a table of prefix sums, and with which sign. */
interface Plan {
  readonly corners: Int32Array;
  readonly signs: Float32Array;
  readonly covered: number;
}

/**
 * Gives every cell the split and the two colours with the least squared error.
 *
 * For a split the best colours are the means of its two parts, and the squared error is then the
 * cell's total sum of squares less `|S|²/n + |T-S|²/(N-n)`, where S is the sum over the n covered
 * pixels and T the sum over all N. The total is the same for all splits, so the best one has the largest
 * such score. S comes from a table of prefix sums: a rectangle is four look-ups whatever its size. Colours have whole
 * components, and the choice allows for that: near the end of a smooth gradient it decides.
 */
export function fit(grid: Grid, set: BlockSet): Cells {
  const { across, down } = set;
  const columns = grid.width / across, rows = grid.height / down;
  const plans = set.splits.map((split) => planOf(split.mask, across, down));
  const all = across * down;
  const cells: Cells = {
    columns,
    rows,
    split: new Int16Array(columns * rows).fill(FLAT),
    covered: new Float32Array(columns * rows * 3),
    rest: new Float32Array(columns * rows * 3),
  };
  const prefix = new Float32Array((across + 1) * (down + 1) * 3);
  const last = prefix.length - 3;
  for (let row = 0, cell = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, cell++) {
      sumPrefixes(grid, column * across, row * down, across, down, prefix);
      const tr = prefix[last], tg = prefix[last + 1], tb = prefix[last + 2];
      let best = gain(tr, all) + gain(tg, all) + gain(tb, all);
      let chosen = FLAT;
      let br = 0, bg = 0, bb = 0;
      for (let p = 0; p < plans.length; p++) {
        const { corners, signs, covered } = plans[p];
        let r = 0, g = 0, b = 0;
        for (let i = 0; i < corners.length; i++) {
          const at = corners[i], sign = signs[i];
          r += sign * prefix[at];
          g += sign * prefix[at + 1];
          b += sign * prefix[at + 2];
        }
        const uncovered = all - covered;
        // What exact means would give: rounding only takes away, so most splits are out already.
        const bound = (r * r + g * g + b * b) / covered +
          ((tr - r) * (tr - r) + (tg - g) * (tg - g) + (tb - b) * (tb - b)) / uncovered;
        if (bound <= best) continue;
        const score = gain(r, covered) + gain(g, covered) + gain(b, covered) +
          gain(tr - r, uncovered) + gain(tg - g, uncovered) + gain(tb - b, uncovered);
        if (score > best) {
          best = score;
          chosen = p;
          br = r;
          bg = g;
          bb = b;
        }
      }
      cells.split[cell] = chosen;
      const covered = chosen === FLAT ? 0 : plans[chosen].covered;
      const at = cell * 3;
      if (covered > 0) {
        cells.covered[at] = br / covered;
        cells.covered[at + 1] = bg / covered;
        cells.covered[at + 2] = bb / covered;
      }
      cells.rest[at] = (tr - br) / (all - covered);
      cells.rest[at + 1] = (tg - bg) / (all - covered);
      cells.rest[at + 2] = (tb - bb) / (all - covered);
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

/** Fills the table: entry (x, y) is the sum over the x × y pixels at the cell's top left. */
function sumPrefixes(
  grid: Grid,
  left: number,
  top: number,
  across: number,
  down: number,
  prefix: Float32Array,
): void {
  const stride = (across + 1) * 3;
  for (let y = 0; y < down; y++) {
    let from = ((top + y) * grid.width + left) * 3;
    let to = (y + 1) * stride + 3;
    let r = 0, g = 0, b = 0;
    for (let x = 0; x < across; x++, from += 3, to += 3) {
      r += grid.data[from];
      g += grid.data[from + 1];
      b += grid.data[from + 2];
      prefix[to] = prefix[to - stride] + r;
      prefix[to + 1] = prefix[to - stride + 1] + g;
      prefix[to + 2] = prefix[to - stride + 2] + b;
    }
  }
}

/**
 * The prefix sums that make up the sum over a mask. The weight of corner (x, y) is how the mask differs
 * around it; it is zero but for the corners of the mask's outline, so a plan is short.
 */
function planOf(mask: readonly boolean[], across: number, down: number): Plan {
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
    covered: mask.filter(Boolean).length,
  };
}
