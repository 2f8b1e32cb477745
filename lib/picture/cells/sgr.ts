/**
 * Cells as text with SGR sequences.
 *
 * @module
 */
import type { Cells, Glyph } from "./cells.ts";
import { codePoints, place, textAt } from "../wasm/wasm.ts";
import type { Colors } from "./palette.ts";

/** How many colours there are; 24 bits in true colour. */
const COLOR_COUNTS = { truecolor: 1 << 24, "256": 256, "16": 16 };

/**
 * Writes cells as text with Select Graphic Rendition sequences (ECMA-48, 8.3.117), in the fewest
 * bytes. Each row starts and ends in the terminal's own colours.
 *
 * @param solid the character that is all foreground; null if the set has none
 */
export function encode(
  { wasm, columns, rows, at }: Cells,
  glyphs: readonly Glyph[],
  colors: Exclude<Colors, "none">,
  solid: string | null = "█",
): string {
  const both = glyphs.flatMap(({ glyph, inverse }) => [glyph, inverse]);
  const characters = place(wasm, codePoints(both));
  const [full] = codePoints([solid]);
  const count = COLOR_COUNTS[colors];
  return textAt(wasm, wasm.encode(at, columns, rows, characters, full, count));
}
