/**
 * Characters by how much ink they put on each part of a cell.
 *
 * @module
 */
import { ASCII_SHAPES } from "./ascii_shapes.ts";
import type { Glyph } from "./cells.ts";

/** Parts of a cell whose ink is known, across and down. */
export const ACROSS = 4, DOWN = 8;
const PARTS = ACROSS * DOWN;

/** A character by how much of each part of a cell it covers. */
export interface CoverageGlyph extends Glyph {
  /** For each part, row by row, 0–1. */
  readonly ink: readonly number[];
}

/** The printable ASCII characters but the space. */
export function asciiShapes(): CoverageGlyph[] {
  return ASCII_SHAPES.map((digits, i) => ({
    glyph: String.fromCharCode(0x21 + i),
    inverse: null,
    ink: [...digits].map((digit) => parseInt(digit, 16) / 15),
  }));
}

/** Blocks and shades, for terminals that have them but no colours. */
export function blockShapes(): CoverageGlyph[] {
  const covers = (test: (x: number, y: number) => boolean) =>
    Array.from({ length: PARTS }, (_, i) => {
      return test((i % ACROSS + 0.5) / ACROSS, (Math.floor(i / ACROSS) + 0.5) / DOWN) ? 1 : 0;
    });
  const shape = (glyph: string, ink: number[]): CoverageGlyph => ({ glyph, inverse: null, ink });
  const lower = [..."▁▂▃▄▅▆▇█"].map((glyph, i) =>
    shape(glyph, covers((_, y) => y > 1 - (i + 1) / 8))
  );
  // Bits: upper left, upper right, lower left, lower right; from 1 on.
  const quadrants = [..."▘▝▀▖▌▞▛▗▚▐▜▄▙▟"].map((glyph, i) =>
    shape(glyph, covers((x, y) => ((i + 1) >> (Math.round(x) + 2 * Math.round(y)) & 1) === 1))
  );
  const shades = [..."░▒▓"].map((glyph, i) => {
    return shape(glyph, Array<number>(PARTS).fill((i + 1) / 4));
  });
  return [...shades, ...lower, ...quadrants];
}

/** The space. */
export const BLANK: CoverageGlyph = {
  glyph: " ",
  inverse: null,
  ink: Array<number>(PARTS).fill(0),
};

/** The ink of characters as the module takes it: a byte for each part. */
export function inkOf(shapes: readonly CoverageGlyph[]): Uint8Array {
  return Uint8Array.from(shapes.flatMap(({ ink }) => ink), (covered) => Math.round(covered * 255));
}
