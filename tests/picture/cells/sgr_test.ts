import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Colors } from "../../../lib/picture/cells/palette.ts";
import { encode } from "../../../lib/picture/cells/sgr.ts";
import { blockSet } from "../../../lib/picture/cells/symbols.ts";
import { type Cell, screenOf } from "../../../tools/screens/terminal_screen.ts";
import { cellsOf, FLAT } from "../support/wasm_cells.ts";

const { glyphs } = blockSet("quadrant");

type Row = (readonly [glyph: number, covered: number, rest: number])[];

function written(rows: Row[], colors: Exclude<Colors, "none">): string {
  return encode(cellsOf(rows), glyphs, colors);
}

/** The two parts of a cell as the terminal shows them: by glyph, whichever way it was written. */
function partsOf({ text, foreground, background }: Cell): unknown[] {
  const index = glyphs.findIndex(({ glyph, inverse }) => glyph === text || inverse === text);
  if (index >= 0) {
    return glyphs[index].glyph === text
      ? [index, foreground, background]
      : [index, background, foreground];
  }
  return [FLAT, text === "█" ? foreground : background];
}

const cell = fc.tuple(fc.integer({ min: FLAT, max: glyphs.length - 1 }), fc.nat(3), fc.nat(3));
const rows = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
    minLength: 1,
    maxLength: 3,
  })
);

/**
 * Four colours of each kind, and the parameters that set them as a foreground and as a background.
 */
const COLORS = {
  truecolor: {
    numbers: [0, 0x0963ff, 0x0a64c8, 0xffffff],
    shown: [[0, 0, 0], [9, 99, 255], [10, 100, 200], [255, 255, 255]],
    foreground: ["38;2;0;0;0", "38;2;9;99;255", "38;2;10;100;200", "38;2;255;255;255"],
    background: ["48;2;0;0;0", "48;2;9;99;255", "48;2;10;100;200", "48;2;255;255;255"],
  },
  "256": {
    numbers: [1, 16, 99, 255],
    shown: [1, 16, 99, 255],
    foreground: ["38;5;1", "38;5;16", "38;5;99", "38;5;255"],
    background: ["48;5;1", "48;5;16", "48;5;99", "48;5;255"],
  },
  "16": {
    numbers: [0, 7, 8, 15],
    shown: [0, 7, 8, 15],
    foreground: ["30", "37", "90", "97"],
    background: ["40", "47", "100", "107"],
  },
} satisfies Record<string, Record<string, unknown[]>>;

/** A row with its colours, which are places in `COLORS`, as the module has them. */
function inColors(row: Row, colors: keyof typeof COLORS): Row {
  const { numbers } = COLORS[colors];
  return row.map(([glyph, covered, rest]) => [glyph, numbers[covered], numbers[rest]]);
}

for (const colors of ["truecolor", "256", "16"] as const) {
  const { shown, foreground, background } = COLORS[colors];

  Deno.test(`in ${colors}, the terminal shows the cells that were written`, () => {
    fc.assert(fc.property(rows, (drawn) => {
      const text = written(drawn.map((row) => inColors(row, colors)), colors);
      const expected = drawn.map((row) =>
        row.map(([g, c, r]) => g === FLAT || c === r ? [FLAT, shown[r]] : [g, shown[c], shown[r]])
      );
      assertEquals(screenOf(text).map((row) => row.map(partsOf)), expected);
    }));
  });

  Deno.test(`in ${colors}, no other way to write a row is shorter`, () => {
    const bytes = (text: string) => new TextEncoder().encode(text).length;
    const sgr = (...parts: string[]) => parts.length === 0 ? "" : `\x1b[${parts.join(";")}m`;
    /** The shortest text for what is left of a row, by trying everything. */
    const shortest = (row: Row, front: number | null, back: number | null): number => {
      if (row.length === 0) return 0;
      const [[glyph, covered, rest], ...others] = row;
      const flat = glyph === FLAT || covered === rest;
      const ways: [string, number | null, number | null][] = flat
        ? [[" ", null, rest], ["█", rest, null]]
        : [[glyphs[glyph].glyph, covered, rest], [glyphs[glyph].inverse!, rest, covered]];
      return Math.min(...ways.map(([text, newFront, newBack]) => {
        const parts: string[] = [];
        if (newFront !== null && newFront !== front) parts.push(foreground[newFront]);
        if (newBack !== null && newBack !== back) parts.push(background[newBack]);
        return bytes(sgr(...parts) + text) + shortest(others, newFront ?? front, newBack ?? back);
      }));
    };
    fc.assert(fc.property(rows, ([row]) => {
      const length = bytes(written([inColors(row, colors)], colors)) - bytes("\x1b[m\n");
      assertEquals(length, shortest(row, null, null));
    }));
  });
}

Deno.test("every row ends in the terminal's own colours and a line feed", () => {
  const text = written([[[0, 1, 2]], [[FLAT, 0, 3]]], "16");
  // deno-lint-ignore no-control-regex -- SGR
  assert(/^(\x1b\[[0-9;]+m[^\x1b]+\x1b\[m\n){2}$/.test(text), JSON.stringify(text));
});

Deno.test("colours are not repeated, and runs of one colour are spaces", () => {
  const text = written([[[FLAT, 0, 4], [FLAT, 0, 4], [0, 2, 4], [0, 2, 4]]], "16");
  assertEquals(text, "\x1b[44m  \x1b[32m▀▀\x1b[m\n");
});

Deno.test("a glyph's inverse is taken where it saves a colour", () => {
  // Foreground 2 over 4, then 4 over 2: the other half with the colours as they are.
  const text = written([[[0, 2, 4], [0, 4, 2]]], "16");
  const short = ["\x1b[32;44m▀▄\x1b[m\n", "\x1b[34;42m▄▀\x1b[m\n"];
  assert(short.includes(text), JSON.stringify(text));
});
