/**
 * The ways to make text of a picture.
 *
 * @module
 */
import type { Canvas } from "./canvas.ts";
import { ACROSS, asciiShapes, blockShapes, DOWN } from "./cells/characters.ts";
import { chooseBlocks, chooseCharacters } from "./cells/choose.ts";
import type { Grid } from "./pixels/grid.ts";
import { drawInk } from "./cells/monochrome.ts";
import { encode } from "./cells/sgr.ts";
import { blockSet } from "./cells/symbols.ts";

/** A way to make text of a picture. */
export interface Painter {
  /** Parts of a cell across that it looks at. */
  readonly across: number;
  /** Parts of a cell down. */
  readonly down: number;
  /** Makes text of a grid of that many parts a cell: a line for each row of cells. */
  paint(grid: Grid): string;
}

/** The painter for the characters and colours of a canvas. */
export function painterFor({ symbols, colors }: Pick<Canvas, "symbols" | "colors">): Painter {
  if (colors === "none") {
    const shapes = symbols === "ascii" ? asciiShapes() : blockShapes();
    return { across: ACROSS, down: DOWN, paint: (grid) => drawInk(grid, shapes) };
  }
  if (symbols === "ascii") {
    const shapes = asciiShapes();
    return {
      across: ACROSS,
      down: DOWN,
      paint: (grid) => encode(chooseCharacters(grid, shapes, colors), shapes, colors, null),
    };
  }
  const set = blockSet(symbols);
  return {
    across: set.across,
    down: set.down,
    paint: (grid) => encode(chooseBlocks(grid, set, colors), set.glyphs, colors),
  };
}
