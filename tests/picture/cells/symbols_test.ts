import { assertEquals } from "@std/assert";
import { blockSet } from "../../../lib/picture/cells/symbols.ts";

Deno.test("the sextants are the characters of Unicode 13's chart", () => {
  const { glyphs } = blockSet("sextant");
  const patterns = new Map<string, number>();
  for (const { glyph, inverse, mask } of glyphs) {
    const pattern = mask.reduce((bits, covered, i) => covered ? bits | 1 << i : bits, 0);
    patterns.set(glyph, pattern);
    patterns.set(inverse!, 63 - pattern);
  }
  assertEquals(patterns.size, 62);
  // BLOCK SEXTANT-1, -12, -135 (a left half, at its old place), -2346, -23456 by their names.
  assertEquals(patterns.get("\u{1fb00}"), 0b000001);
  assertEquals(patterns.get("\u{1fb02}"), 0b000011);
  assertEquals(patterns.get("▌"), 0b010101);
  assertEquals(patterns.get("\u{1fb2b}"), 0b101110);
  assertEquals(patterns.get("\u{1fb3b}"), 0b111110);
});
