import type { Cells } from "./cells.ts";
import { ACROSS, DOWN, inkOf, type InkShape } from "./characters.ts";
import type { Grid } from "./grid.ts";
import { type Kernel, kernelWith, place } from "./kernel.ts";
import { type Colors, paletteOf } from "./palette.ts";
import type { BlockSet, Split } from "./symbols.ts";

/**
 * Gives every cell the block character and the two colours that come nearest to it: with the least squared error, in
 * true colour; with a palette, so that the colours of neighbouring cells make up for each other's error.
 *
 * @param grid `set.across` × `set.down` values a cell
 */
export function chooseBlocks(
  grid: Grid,
  set: BlockSet,
  colors: Exclude<Colors, "none">,
): Cells {
  const { across, down, splits } = set;
  const columns = grid.width / across, rows = grid.height / down;
  const { kernel, at: data } = kernelWith(grid.data);
  const dithers = openPalette(kernel, colors);
  const masks = place(kernel, bitMasks(splits));
  const at = kernel.chooseBlocks(data, columns, rows, across, down, masks, splits.length, dithers);
  return { kernel, columns, rows, at };
}

/**
 * Gives every cell the character and the two colours that come nearest to it, by how much ink the characters put
 * where.
 *
 * @param grid `ACROSS` × `DOWN` values a cell
 */
export function chooseCharacters(
  grid: Grid,
  shapes: readonly InkShape[],
  colors: Exclude<Colors, "none">,
): Cells {
  const columns = grid.width / ACROSS, rows = grid.height / DOWN;
  const { kernel, at: data } = kernelWith(grid.data);
  const dithers = openPalette(kernel, colors);
  const ink = place(kernel, inkOf(shapes));
  const at = kernel.chooseCharacters(data, columns, rows, ink, shapes.length, dithers);
  return { kernel, columns, rows, at };
}

/** Hands over the palette, if there is one. @returns whether there is */
function openPalette(kernel: Kernel, colors: Exclude<Colors, "none">): boolean {
  if (colors === "truecolor") return false;
  kernel.openPalette(place(kernel, paletteOf(colors)), Number(colors));
  return true;
}

/** The masks, 64 bits each. */
function bitMasks(splits: readonly Split[]): Uint8Array {
  const bits = new Uint8Array(splits.length * 8);
  splits.forEach(({ mask }, i) => {
    mask.forEach((covered, pixel) => {
      if (covered) bits[i * 8 + (pixel >> 3)] |= 1 << (pixel & 7);
    });
  });
  return bits;
}
