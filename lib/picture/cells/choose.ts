/**
 * The choice of a character and two colours for each cell.
 *
 * @module
 */
import type { Cells } from "./cells.ts";
import { ACROSS, type CoverageGlyph, DOWN, inkOf } from "./characters.ts";
import type { Grid } from "../pixels/grid.ts";
import { place, type Wasm, wasmWith } from "../wasm/wasm.ts";
import { type Colors, paletteOf } from "./palette.ts";
import type { BlockSet } from "./symbols.ts";

/**
 * Gives every cell the block character and the two colours that come nearest to it: with the least
 * squared error, in true colour; with a palette, so that the colours of neighbouring cells make up
 * for each other's error.
 *
 * @param grid `set.across` × `set.down` values a cell
 */
export function chooseBlocks(
  grid: Grid,
  set: BlockSet,
  colors: Exclude<Colors, "none">,
): Cells {
  const { across, down, glyphs } = set;
  const columns = grid.width / across, rows = grid.height / down;
  const { wasm, at: data } = wasmWith(grid.data);
  const dithers = openPalette(wasm, colors);
  const masks = place(wasm, bitMasks(set));
  const at = wasm.chooseBlocks(data, columns, rows, across, down, masks, glyphs.length, dithers);
  return { wasm, columns, rows, at };
}

/**
 * Gives every cell the character and the two colours that come nearest to it, by how much ink the
 * characters put where.
 *
 * @param grid `ACROSS` × `DOWN` values a cell
 */
export function chooseCharacters(
  grid: Grid,
  shapes: readonly CoverageGlyph[],
  colors: Exclude<Colors, "none">,
): Cells {
  const columns = grid.width / ACROSS, rows = grid.height / DOWN;
  const { wasm, at: data } = wasmWith(grid.data);
  const dithers = openPalette(wasm, colors);
  const ink = place(wasm, inkOf(shapes));
  const at = wasm.chooseCharacters(data, columns, rows, ink, shapes.length, dithers);
  return { wasm, columns, rows, at };
}

/** Hands over the palette, if there is one. @returns whether there is */
function openPalette(wasm: Wasm, colors: Exclude<Colors, "none">): boolean {
  if (colors === "truecolor") return false;
  wasm.openPalette(place(wasm, paletteOf(colors)), Number(colors));
  return true;
}

/** The masks: a byte for each row of a cell. */
function bitMasks({ across, down, glyphs }: BlockSet): Uint8Array {
  const bits = new Uint8Array(glyphs.length * down);
  glyphs.forEach(({ mask }, i) => {
    mask.forEach((covered, pixel) => {
      if (covered) bits[i * down + Math.floor(pixel / across)] |= 1 << (pixel % across);
    });
  });
  return bits;
}
