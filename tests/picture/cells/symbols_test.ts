/**
 * The geometry of block characters, and the colours of palettes.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { asciiShapes, blockShapes } from "../../../lib/picture/cells/characters.ts";
import { paletteOf } from "../../../lib/picture/cells/palette.ts";
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

/** The quarters that each character covers, row by row, as Unicode's chart of U+2580 shows them. */
const QUARTERS: Record<string, string> = {
  ...{ "▘": "#...", "▝": ".#..", "▀": "##..", "▖": "..#.", "▌": "#.#.", "▞": ".##.", "▛": "###." },
  ...{ "▗": "...#", "▚": "#..#", "▐": ".#.#", "▜": "##.#", "▄": "..##", "▙": "#.##", "▟": ".###" },
};

const inverse = (quarters: string) =>
  [...quarters].map((quarter) => quarter === "#" ? "." : "#").join("");

Deno.test("halves and quadrants cover the quarters that they show", () => {
  for (const [symbols, count] of [["half", 2], ["quadrant", 7]] as const) {
    const { across, down, glyphs } = blockSet(symbols);
    assertEquals(glyphs.length, count);
    for (const { glyph, inverse: other, mask } of glyphs) {
      const quarters = mask.map((covered, i) => ({
        quarter: Math.floor(i * 2 / (across * down)) * 2 + Math.floor(i % across * 2 / across),
        covered: covered ? "#" : ".",
      }));
      const each = [0, 1, 2, 3].map((quarter) =>
        new Set(quarters.filter((pixel) => pixel.quarter === quarter).map((p) => p.covered))
      );
      const covered = each.map((kinds) => [...kinds].join("")).join("");
      assertEquals([glyph, covered], [glyph, QUARTERS[glyph]]);
      assertEquals([other, inverse(covered)], [other, QUARTERS[other!]]);
    }
  }
});

Deno.test("blocks of eighths cover so many rows from below, or columns from the left", () => {
  const { across, glyphs } = blockSet("block");
  const drawn = new Map(
    glyphs.map(({ glyph, inverse, mask }) => [
      glyph,
      [inverse, mask.map((covered) => covered ? "#" : ".").join("")],
    ]),
  );
  const picture = (covers: (x: number, y: number) => boolean) =>
    Array.from({ length: 64 }, (_, i) => covers(i % across, i >> 3) ? "#" : ".").join("");
  assertEquals(drawn.size, 7 + 12);
  for (const eighths of [1, 2, 3, 5, 6, 7]) {
    assertEquals(drawn.get(String.fromCodePoint(0x2580 + eighths)), [
      eighths === 7 ? "▔" : null,
      picture((_, y) => y >= 8 - eighths),
    ]);
    assertEquals(drawn.get(String.fromCodePoint(0x2590 - eighths)), [
      eighths === 7 ? "▕" : null,
      picture((x) => x < eighths),
    ]);
  }
  for (const [glyph, quarters] of Object.entries(QUARTERS)) {
    const found = drawn.get(glyph);
    const expected = picture((x, y) => quarters[(y >> 2) * 2 + (x >> 2)] === "#");
    if (found !== undefined) assertEquals(found[1], expected);
  }
});

Deno.test("the mixed set has the blocks and the sextants, enlarged", () => {
  const { across, down, glyphs } = blockSet("mixed");
  assertEquals([across, down], [8, 24]);
  const [blocks, sextants] = [blockSet("block"), blockSet("sextant")];
  const known = new Set<string>();
  for (
    const { set, wide, high } of [
      { set: blocks, wide: 1, high: 3 },
      { set: sextants, wide: 4, high: 8 },
    ]
  ) {
    for (const { glyph, inverse, mask } of set.glyphs) {
      known.add(glyph);
      const found = glyphs.find((each) => each.glyph === glyph)!;
      assertEquals(found.inverse, inverse);
      found.mask.forEach((covered, i) => {
        const x = Math.floor(i % 8 / wide), y = Math.floor(Math.floor(i / 8) / high);
        assertEquals(covered, mask[y * set.across + x]);
      });
    }
  }
  assertEquals(glyphs.length, known.size);
});

Deno.test("without colours, blocks and shades have the ink that they show", () => {
  const ink = new Map(blockShapes().map(({ glyph, ink }) => [glyph, ink]));
  const covered = (glyph: string) => ink.get(glyph)!.reduce((sum, part) => sum + part) / 32;
  [..."▁▂▃▄▅▆▇█"].forEach((glyph, i) => {
    assertEquals(covered(glyph), (i + 1) / 8);
    // From below.
    assertEquals(ink.get(glyph)!.slice(28), [1, 1, 1, 1]);
  });
  [..."░▒▓"].forEach((glyph, i) => assertEquals(covered(glyph), (i + 1) / 4));
  for (const [glyph, quarters] of Object.entries(QUARTERS)) {
    const places = [0, 2, 16, 18].map((at) => ink.get(glyph)![at] === 1 ? "#" : ".");
    assertEquals([glyph, places.join("")], [glyph, quarters]);
    assertEquals(covered(glyph), quarters.split("#").length / 4 - 1 / 4);
  }
  const letters = asciiShapes();
  assertEquals(letters.map(({ glyph }) => glyph).join("").slice(0, 3), '!"#');
  assertEquals([letters.length, letters.at(-1)!.glyph], [94, "~"]);
  for (const { ink } of letters) assertEquals(ink.length, 32);
  // The lower right of "_" has 4 of 15 parts of ink.
  assertAlmostEquals(letters["_".charCodeAt(0) - 0x21].ink[31], 4 / 15);
});

Deno.test("the palettes are those of xterm: sixteen, a cube of six levels, and greys", () => {
  assertEquals(paletteOf("16").length, 16 * 3);
  const palette = paletteOf("256");
  assertEquals(palette.length, 256 * 3);
  const color = (n: number) => [...palette.subarray(n * 3, n * 3 + 3)];
  assertEquals([color(9), color(16), color(16 + 36 + 2 * 6 + 3)], [
    [255, 0, 0],
    [0, 0, 0],
    [95, 135, 175],
  ]);
  assertEquals([color(231), color(232), color(255)], [
    [255, 255, 255],
    [8, 8, 8],
    [238, 238, 238],
  ]);
});
