/**
 * The sets of block characters, with their exact geometry.
 *
 * @module
 */
import type { Glyph } from "./cells.ts";

/** The sets of characters a picture can be drawn with. */
export type SymbolSet = "half" | "quadrant" | "block" | "sextant" | "mixed" | "ascii";

/** A block character: `glyph` paints the pixels of the mask in the foreground colour. */
export interface MaskGlyph extends Glyph {
  /** One entry a pixel of the cell, row by row: whether the glyph covers it. */
  readonly mask: readonly boolean[];
}

/**
 * A set of block characters: the pixels a cell is thought to consist of, and the ways to divide it.
 */
export interface BlockSet {
  /** Pixels of a cell across. */
  readonly across: number;
  /** Pixels of a cell down. */
  readonly down: number;
  readonly glyphs: readonly MaskGlyph[];
}

/** The block characters of a set, each with its exact geometry. */
export function blockSet(symbols: Exclude<SymbolSet, "ascii">): BlockSet {
  switch (symbols) {
    case "half":
      // Two halves would do, but not for telling how much of the cell they leave out.
      return { across: 4, down: 4, glyphs: halves(4) };
    case "quadrant":
      return { across: 2, down: 2, glyphs: [...halves(2), ...quadrants(2)] };
    case "block":
      return { across: 8, down: 8, glyphs: [...halves(8), ...quadrants(8), ...eighths()] };
    case "sextant":
      return { across: 2, down: 3, glyphs: sextants() };
    case "mixed":
      return { across: 8, down: 24, glyphs: mixed() };
  }
}

function split(
  across: number,
  down: number,
  glyph: string,
  inverse: string | null,
  covers: (x: number, y: number) => boolean,
): MaskGlyph {
  const mask = Array.from(
    { length: across * down },
    (_, i) => covers(i % across, Math.floor(i / across)),
  );
  return { glyph, inverse, mask };
}

function halves(size: number): MaskGlyph[] {
  const middle = size / 2;
  return [
    split(size, size, "▀", "▄", (_, y) => y < middle),
    split(size, size, "▌", "▐", (x) => x < middle),
  ];
}

/** U+2596–259F: one quadrant, three quadrants, the two diagonals. */
function quadrants(size: number): MaskGlyph[] {
  const middle = size / 2;
  return [
    split(size, size, "▘", "▟", (x, y) => x < middle && y < middle),
    split(size, size, "▝", "▙", (x, y) => x >= middle && y < middle),
    split(size, size, "▖", "▜", (x, y) => x < middle && y >= middle),
    split(size, size, "▗", "▛", (x, y) => x >= middle && y >= middle),
    split(size, size, "▚", "▞", (x, y) => (x < middle) === (y < middle)),
  ];
}

/** U+2581–258F without the halves. Only the one-eighth blocks have an inverse: ▔ and ▕. */
function eighths(): MaskGlyph[] {
  const lower = [..."▁▂▃▄▅▆▇"], left = [..."▏▎▍▌▋▊▉"];
  return [1, 2, 3, 5, 6, 7].flatMap((eighth) => [
    split(8, 8, lower[eighth - 1], eighth === 7 ? "▔" : null, (_, y) => y >= 8 - eighth),
    split(8, 8, left[eighth - 1], eighth === 7 ? "▕" : null, (x) => x < eighth),
  ]);
}

/**
 * U+1FB00–1FB3B (Symbols for Legacy Computing), ordered by the six bits of their pattern, row by
 * row from the top left. Empty, full, left half and right half exist elsewhere and are left out of
 * the row.
 */
function sextants(): MaskGlyph[] {
  const left = 0b010101, right = 0b101010, full = 0b111111;
  const inRow = [...Array(full).keys()].filter((pattern) => ![0, left, right].includes(pattern));
  const glyph = (pattern: number) => {
    if (pattern === left) return "▌";
    if (pattern === right) return "▐";
    return String.fromCodePoint(0x1fb00 + inRow.indexOf(pattern));
  };
  // Half of the patterns suffice: each of the others is the inverse of one of these.
  return Array.from({ length: 31 }, (_, i) => i + 1).map((pattern) =>
    split(2, 3, glyph(pattern), glyph(full - pattern), (x, y) => (pattern >> (y * 2 + x) & 1) === 1)
  );
}

/** The block characters and the sextants, in pixels that divide both. */
function mixed(): MaskGlyph[] {
  const enlarged = ({ across, down, glyphs }: BlockSet) =>
    glyphs.map(({ glyph, inverse, mask }) =>
      split(
        8,
        24,
        glyph,
        inverse,
        (x, y) => mask[Math.floor(y * down / 24) * across + Math.floor(x * across / 8)],
      )
    );
  const blocks = enlarged(blockSet("block"));
  const known = new Set(blocks.map(({ glyph }) => glyph));
  return [...blocks, ...enlarged(blockSet("sextant")).filter(({ glyph }) => !known.has(glyph))];
}
