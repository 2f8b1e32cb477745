import type { Canvas } from "./canvas.ts";
import { ACROSS, asciiShapes, DOWN, fitCharacters } from "./characters.ts";
import { fitToPalette } from "./dither.ts";
import { fit } from "./fit.ts";
import type { Grid } from "./grid.ts";
import { blockShapes, drawInk } from "./ink.ts";
import { paletteOf } from "./palette.ts";
import { encode } from "./sgr.ts";
import { blockSet } from "./symbols.ts";

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
  const palette = colors === "truecolor" ? null : paletteOf(colors);
  if (symbols === "ascii") {
    const shapes = asciiShapes();
    return {
      across: ACROSS,
      down: DOWN,
      paint: (grid) => encode(fitCharacters(grid, shapes, palette), shapes, colors, null),
    };
  }
  const set = blockSet(symbols);
  return {
    across: set.across,
    down: set.down,
    paint: (grid) => {
      const cells = palette === null ? fit(grid, set) : fitToPalette(grid, set, palette);
      return encode(cells, set.splits, colors);
    },
  };
}
