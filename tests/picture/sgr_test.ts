import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Cells, FLAT } from "../../lib/picture/cells.ts";
import { encode } from "../../lib/picture/sgr.ts";
import { blockSet } from "../../lib/picture/symbols.ts";
import { type Cell, type CellColor, screenOf } from "../../tools/terminal_screen.ts";

const { splits } = blockSet("quadrant");

function cellsOf(
  rows: readonly (readonly [glyph: number, covered: number, rest: number])[][],
): Cells {
  const all = rows.flat();
  return {
    columns: rows[0].length,
    rows: rows.length,
    glyph: Int16Array.from(all, ([glyph]) => glyph),
    covered: Int32Array.from(all, ([, covered]) => covered),
    rest: Int32Array.from(all, ([, , rest]) => rest),
  };
}

/** The two parts of a cell as the terminal shows them: by glyph, whichever way it was written. */
function partsOf({ text, foreground, background }: Cell): unknown[] {
  const index = splits.findIndex(({ glyph, inverse }) => glyph === text || inverse === text);
  if (index >= 0) {
    return splits[index].glyph === text
      ? [index, foreground, background]
      : [index, background, foreground];
  }
  return [FLAT, text === "█" ? foreground : background];
}

const cell = fc.tuple(fc.integer({ min: FLAT, max: splits.length - 1 }), fc.nat(3), fc.nat(3));
const rows = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
    minLength: 1,
    maxLength: 3,
  })
);

for (const colors of ["truecolor", "256", "16"] as const) {
  Deno.test(`in ${colors}, the terminal shows the cells that were written`, () => {
    const shown = (color: number): CellColor => {
      if (colors !== "truecolor") return color * 4;
      return [color * 40, color * 50, color * 60];
    };
    const written = (color: number) =>
      colors === "truecolor" ? color * 40 << 16 | color * 50 << 8 | color * 60 : color * 4;
    fc.assert(fc.property(rows, (drawn) => {
      const text = encode(
        cellsOf(drawn.map((row) => row.map(([g, c, r]) => [g, written(c), written(r)]))),
        splits,
        colors,
      );
      const expected = drawn.map((row) =>
        row.map(([g, c, r]) => g === FLAT || c === r ? [FLAT, shown(r)] : [g, shown(c), shown(r)])
      );
      assertEquals(screenOf(text).map((row) => row.map(partsOf)), expected);
    }));
  });
}

Deno.test("every row ends in the terminal's own colours and a line feed", () => {
  const text = encode(cellsOf([[[0, 1, 2]], [[FLAT, 0, 3]]]), splits, "16");
  // deno-lint-ignore no-control-regex -- SGR
  assert(/^(\x1b\[[0-9;]+m[^\x1b]+\x1b\[m\n){2}$/.test(text), JSON.stringify(text));
});

Deno.test("colours are not repeated, and runs of one colour are spaces", () => {
  const text = encode(cellsOf([[[FLAT, 0, 4], [FLAT, 0, 4], [0, 2, 4], [0, 2, 4]]]), splits, "16");
  assertEquals(text, "\x1b[44m  \x1b[32m▀▀\x1b[m\n");
});

Deno.test("a glyph's inverse is taken where it saves a colour", () => {
  // Foreground 2 over 4, then 4 over 2: the other half with the colours as they are.
  const text = encode(cellsOf([[[0, 2, 4], [0, 4, 2]]]), splits, "16");
  const short = ["\x1b[32;44m▀▄\x1b[m\n", "\x1b[34;42m▄▀\x1b[m\n"];
  assert(short.includes(text), JSON.stringify(text));
});

Deno.test("no other way to write a row is shorter", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const sgr = (...parts: string[]) => parts.length === 0 ? "" : `\x1b[${parts.join(";")}m`;
  /** The shortest text for what is left of a row, by trying everything. */
  const shortest = (row: [number, number, number][], fg: number, bg: number): number => {
    if (row.length === 0) return 0;
    const [[glyph, covered, rest], ...others] = row;
    const flat = glyph === FLAT || covered === rest;
    const ways: [string, number | null, number | null][] = flat
      ? [[" ", null, rest], ["█", rest, null]]
      : [[splits[glyph].glyph, covered, rest], [splits[glyph].inverse!, rest, covered]];
    return Math.min(...ways.map(([text, front, back]) => {
      const parts: string[] = [];
      if (front !== null && front !== fg) parts.push(`${30 + front}`);
      if (back !== null && back !== bg) parts.push(`${40 + back}`);
      return bytes(sgr(...parts) + text) + shortest(others, front ?? fg, back ?? bg);
    }));
  };
  fc.assert(fc.property(rows, (drawn) => {
    const length = bytes(encode(cellsOf([drawn[0]]), splits, "16")) - bytes("\x1b[m\n");
    assertEquals(length, shortest(drawn[0], -1, -1));
  }));
});
