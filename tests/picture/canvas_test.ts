import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { fitInto } from "../../lib/picture/canvas.ts";
import { capabilities, draw } from "../../lib/picture/mod.ts";
import { screenOf } from "../../tools/screens/terminal_screen.ts";
import { canvas, fixture } from "./support/pictures.ts";

Deno.test("a picture fills the width or the height and keeps its proportions", () => {
  assertEquals(fitInto({ columns: 80, rows: 40 }, 1280, 800), { columns: 80, rows: 25 });
  assertEquals(fitInto({ columns: 80, rows: 10 }, 1280, 800), { columns: 32, rows: 10 });
  assertEquals(fitInto({ columns: 80, rows: 40 }, 800, 1280), { columns: 50, rows: 40 });
  assertEquals(fitInto({ columns: 80, rows: 40, cellAspect: 1 }, 800, 800), {
    columns: 40,
    rows: 40,
  });
});

Deno.test("a small picture is enlarged to a cell a pixel, not further", () => {
  assertEquals(fitInto({ columns: 80, rows: 40 }, 16, 16), { columns: 16, rows: 8 });
  assertEquals(fitInto({ columns: 80, rows: 40 }, 1, 1), { columns: 1, rows: 1 });
});

Deno.test("a picture never leaves its canvas and never vanishes", () => {
  const length = fc.integer({ min: 1, max: 100_000 }), cells = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(length, length, cells, cells, (width, height, columns, rows) => {
      const box = fitInto({ columns, rows }, width, height);
      assert(box.columns >= 1 && box.columns <= columns);
      assert(box.rows >= 1 && box.rows <= rows);
    }),
  );
});

for (const symbols of ["half", "quadrant", "block", "sextant", "ascii"] as const) {
  for (const colors of ["truecolor", "256", "16", "none"] as const) {
    Deno.test(`${symbols} in ${colors}: as many rows and columns as fit`, async () => {
      const text = await draw(await fixture("baseline.jpg"), canvas(20, 20, { symbols, colors }));
      const rows = screenOf(text);
      assert(text.endsWith("\n"));
      assertEquals(text.split("\n").length - 1, 8);
      assert(rows.every((row) => row.length <= 20));
      if (colors !== "none") assert(rows.every((row) => row.length === 20));
      if (colors === "none") assert(!text.includes("\x1b"), "no colours, no sequences");
      // deno-lint-ignore no-control-regex -- without sequences
      const characters = text.replace(/\x1b\[[0-9;]*m/g, "");
      if (symbols === "ascii") assert(/^[\x20-\x7e\n]*$/.test(characters), characters);
    });
  }
}

Deno.test("without colours, brighter areas get more ink", async () => {
  const text = await draw(
    await fixture("grey8.png"),
    canvas(20, 20, { symbols: "ascii", colors: "none" }),
  );
  // The quarters of the picture, from dark to bright: lower left, upper left, upper right, lower
  // right.
  const lines = text.split("\n");
  assertMatch(lines[6], /^[!:;'.,]{10}[@gMWBNQ]{10}$/);
  assertMatch(lines[1], /^[!:;'.,|]{10}[a-zA-Z]{10}$/);
});

Deno.test("NO_COLOR, COLORTERM and TERM determine the colours of a terminal", () => {
  const on = (variables: Record<string, string>, isTerminal = true) =>
    capabilities({ get: (name) => variables[name] }, isTerminal);
  assertEquals(on({ TERM: "xterm-256color", COLORTERM: "truecolor" }), "truecolor");
  assertEquals(on({ TERM: "screen", COLORTERM: "24bit" }), "truecolor");
  assertEquals(on({ TERM: "xterm-direct" }), "truecolor");
  assertEquals(on({ TERM: "xterm-256color" }), "256");
  assertEquals(on({ TERM: "xterm" }), "16");
  assertEquals(on({ TERM: "linux" }), "16");
  assertEquals(on({ TERM: "dumb" }), "none");
  assertEquals(on({ TERM: "dumb" }, false), "none");
  assertEquals(on({}), "none");
  assertEquals(on({}, false), "truecolor");
  assertEquals(on({ TERM: "xterm-256color" }, false), "256");
  assertEquals(on({ NO_COLOR: "1", COLORTERM: "truecolor" }), "none");
  // https://no-color.org: set and not empty.
  assertEquals(on({ NO_COLOR: "", COLORTERM: "truecolor" }), "truecolor");
  assertEquals(on({ NO_COLOR: "1" }, false), "none");
});
