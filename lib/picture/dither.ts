import { CarriedErrors } from "./carried_errors.ts";
import { blankCells, type Cells, FLAT } from "./cells.ts";
import type { Grid } from "./grid.ts";
import { nearest, type Palette } from "./palette.ts";
import { fillPrefixTable, maskSum, prefixTable } from "./prefix_sums.ts";
import type { BlockSet } from "./symbols.ts";

/**
 * How much an error of a whole cell's mean weighs against errors within the cell: the eye averages over
 * small areas. Found by trial: more gives coarser patterns, less gives bands.
 */
const MEAN_WEIGHT = 1;

/**
 * Gives every cell a block character and two colours of a palette.
 *
 * Where no colour of the palette is near, two that lie on either side can stand for it, the more finely
 * divided the better; so for each character not only the colours nearest to the means of its two parts
 * are tried, but also those that make up for each other's error. The least squared error decides,
 * with the error of the cell's mean counted on top. What is left of it is handed on to the cells that
 * follow (error diffusion as by Floyd and Steinberg, 1976), so that areas keep their mean colour.
 */
export function fitToPalette(grid: Grid, set: BlockSet, palette: Palette): Cells {
  const { across, down } = set;
  const cells = blankCells(grid.width / across, grid.height / down);
  const sums = set.splits.map((split) => maskSum(split.mask, across, down));
  const all = across * down;
  const table = prefixTable(across, down);
  const last = table.length - 3;
  const carried = new CarriedErrors(cells.columns);
  const trial = new Trial(palette, all);
  for (let row = 0, cell = 0; row < cells.rows; row++) {
    for (let column = 0; column < cells.columns; column++, cell++) {
      fillPrefixTable(table, grid, column * across, row * down, across, down);
      const er = carried.at(column, 0), eg = carried.at(column, 1), eb = carried.at(column, 2);
      trial.start(table[last] + er * all, table[last + 1] + eg * all, table[last + 2] + eb * all);
      for (let i = 0; i < sums.length; i++) {
        const { corners, signs, pixels } = sums[i];
        let r = er * pixels, g = eg * pixels, b = eb * pixels;
        for (let k = 0; k < corners.length; k++) {
          const at = corners[k], sign = signs[k];
          r += sign * table[at];
          g += sign * table[at + 1];
          b += sign * table[at + 2];
        }
        trial.divide(i, pixels, r, g, b);
      }
      cells.glyph[cell] = trial.glyph;
      cells.covered[cell] = trial.front;
      cells.rest[cell] = trial.back;
      for (let c = 0; c < 3; c++) carried.spread(column, c, trial.meanError(c));
    }
    carried.nextRow();
  }
  return cells;
}

/** The search for the best character and colours of one cell. */
class Trial {
  glyph = FLAT;
  front = 0;
  back = 0;
  readonly #palette: Palette;
  readonly #all: number;
  readonly #total = [0, 0, 0];
  #share = 0;
  #best = -Infinity;
  /** The colour nearest to the cell's mean, and those on the other side of the mean, near and far. */
  readonly #around = [0, 0, 0];

  constructor(palette: Palette, all: number) {
    this.#palette = palette;
    this.#all = all;
  }

  /** Begins with a cell in one colour; takes the sums over its pixels. */
  start(red: number, green: number, blue: number): void {
    const all = this.#all, { colors } = this.#palette;
    this.#total[0] = red;
    this.#total[1] = green;
    this.#total[2] = blue;
    this.#best = -Infinity;
    const near = nearest(this.#palette, red / all, green / all, blue / all);
    this.#around[0] = near;
    for (let times = 1; times <= 2; times++) {
      const opposite = (sum: number, c: number) =>
        sum / all + times * (sum / all - colors[near * 3 + c]);
      this.#around[times] = nearest(
        this.#palette,
        opposite(red, 0),
        opposite(green, 1),
        opposite(blue, 2),
      );
    }
    this.#try(FLAT, 0, 0, 0, 0, near, near);
  }

  /** Tries a character that covers `pixels` of the cell, whose sums are given. */
  divide(glyph: number, pixels: number, red: number, green: number, blue: number): void {
    const palette = this.#palette;
    const tr = this.#total[0], tg = this.#total[1], tb = this.#total[2];
    const others = this.#all - pixels;
    // No two colours can do better than the exact means.
    const bound = (red * red + green * green + blue * blue) / pixels +
      ((tr - red) ** 2 + (tg - green) ** 2 + (tb - blue) ** 2) / others;
    if (bound <= this.#best) return;
    const front = nearest(palette, red / pixels, green / pixels, blue / pixels);
    const back = nearest(palette, (tr - red) / others, (tg - green) / others, (tb - blue) / others);
    this.#try(glyph, pixels, red, green, blue, front, back);
    const opposite = this.#makingUp(front, pixels, others);
    if (opposite !== back) this.#try(glyph, pixels, red, green, blue, front, opposite);
    const before = this.#makingUp(back, others, pixels);
    if (before !== front) this.#try(glyph, pixels, red, green, blue, before, back);
    const [near, beyond, far] = this.#around;
    if (beyond !== near) {
      this.#try(glyph, pixels, red, green, blue, near, beyond);
      this.#try(glyph, pixels, red, green, blue, beyond, near);
    }
    if (far !== near && far !== beyond) {
      this.#try(glyph, pixels, red, green, blue, near, far);
      this.#try(glyph, pixels, red, green, blue, far, near);
    }
  }

  /** How far the cell's mean is off, in one component. */
  meanError(c: number): number {
    const { colors } = this.#palette;
    return this.#total[c] / this.#all - colors[this.front * 3 + c] * this.#share -
      colors[this.back * 3 + c] * (1 - this.#share);
  }

  /** The colour for `others` pixels that, beside `pixels` of another, gives the cell its mean. */
  #makingUp(color: number, pixels: number, others: number): number {
    const { colors } = this.#palette;
    const component = (c: number) => (this.#total[c] - colors[color * 3 + c] * pixels) / others;
    return nearest(this.#palette, component(0), component(1), component(2));
  }

  /** By how much the squared error falls against a black cell, less the error of the mean. */
  #component(
    front: number,
    back: number,
    sum: number,
    total: number,
    pixels: number,
    others: number,
  ): number {
    const missing = total - front * pixels - back * others;
    return front * (2 * sum - pixels * front) + back * (2 * (total - sum) - others * back) -
      MEAN_WEIGHT * missing * missing / this.#all;
  }

  #try(
    glyph: number,
    pixels: number,
    red: number,
    green: number,
    blue: number,
    front: number,
    back: number,
  ): void {
    const { colors } = this.#palette, total = this.#total;
    const others = this.#all - pixels;
    const f = front * 3, b = back * 3;
    const score = this.#component(colors[f], colors[b], red, total[0], pixels, others) +
      this.#component(colors[f + 1], colors[b + 1], green, total[1], pixels, others) +
      this.#component(colors[f + 2], colors[b + 2], blue, total[2], pixels, others);
    if (score <= this.#best) return;
    this.#best = score;
    this.glyph = glyph;
    this.front = front;
    this.back = back;
    this.#share = pixels / this.#all;
  }
}
