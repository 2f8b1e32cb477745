/** The parts of the contact sheet: layout, tiles, order and filter. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import stringWidth from "string-width";
import { type Entry, FolderContents } from "../../../lib/client/browser/folder_contents.ts";
import { scrolled, sheetLayout } from "../../../lib/client/browser/layout.ts";
import { fitted, mostColumns, tileRows } from "../../../lib/client/browser/tile.ts";
import type { Thumbnail } from "../../../lib/client/browser/thumbnails.ts";
import { scalarValue } from "../../support/text.ts";

const image = (url: string, bytes = 1, modified = 0) => ({
  url,
  type: "image/jpeg",
  bytes,
  modified,
  width: 640,
  height: 480,
});
const entry = (label: string): Entry => ({
  name: label,
  label,
  image: image(label),
  count: null,
});

Deno.test("a sheet fits any terminal and leaves the lines around it free", () => {
  fc.assert(fc.property(
    fc.integer({ min: 10, max: 400 }),
    fc.integer({ min: 6, max: 200 }),
    (columns, rows) => {
      const { across, down, width, height, step, left, top } = sheetLayout({ columns, rows });
      assert(across >= 1 && down >= 1);
      assert(left + (across - 1) * step + width <= columns);
      assert(top + down * height <= rows - 2);
    },
  ));
  const { across, down } = sheetLayout({ columns: 80, rows: 24 });
  assertEquals([across, down], [4, 3]);
});

Deno.test("tiles grow with the terminal and share the remaining columns", () => {
  const shape = (columns: number, rows: number) => {
    const { across, down, width, height, step, left, top } = sheetLayout({ columns, rows });
    return [across, down, width, height, step, left, top];
  };
  assertEquals(shape(80, 24), [4, 3, 19, 7, 20, 0, 0]);
  assertEquals(shape(200, 50), [8, 4, 24, 12, 25, 0, 0]);
  assertEquals(shape(120, 30), [6, 3, 19, 9, 20, 0, 0]);
  assertEquals(shape(160, 45), [7, 4, 22, 10, 23, 0, 1]);
  assertEquals(shape(32, 20), [2, 3, 15, 6, 16, 0, 0]);
  assertEquals(shape(8, 6), [1, 1, 8, 4, 9, 0, 0]);
  assertEquals(shape(4, 2), [1, 1, 8, 4, 9, 0, 0]);
});

Deno.test("a few images have larger tiles, and all of them are on the sheet", () => {
  const shape = (columns: number, rows: number, count: number) => {
    const { across, down, width, height } = sheetLayout({ columns, rows }, count);
    return [across, down, width, height];
  };
  assertEquals(shape(80, 24, 1), [1, 1, 80, 22]);
  assertEquals(shape(80, 24, 3), [3, 2, 26, 11]);
  assertEquals(shape(200, 50, 3), [3, 2, 66, 24]);
  assertEquals(shape(200, 50, 12), [5, 3, 39, 16]);
  assertEquals(shape(80, 24, 0), [1, 1, 80, 22]);
  assertEquals(shape(80, 24, 300), [4, 3, 19, 7]);
});

Deno.test("the sheet moves by whole rows, and no further than the selected entry needs", () => {
  const count = 100_000;
  const from = (first: number, selected: number) => scrolled({ first, selected, count }, 4, 3);
  assertEquals(from(0, 11), 0);
  assertEquals(from(0, 12), 4);
  assertEquals(from(4, 3), 0);
  assertEquals(from(0, 99_999), 99_988);
  assertEquals(from(4, 15), 4);
  assertEquals(from(4, 4), 4);
  assertEquals(from(5, 16), 8);
});

Deno.test("no row stays empty while entries before could stand there", () => {
  assertEquals(scrolled({ first: 99_996, selected: 99_999, count: 100_000 }, 4, 3), 99_988);
  assertEquals(scrolled({ first: 12, selected: 13, count: 14 }, 4, 3), 4);
  assertEquals(scrolled({ first: 8, selected: 9, count: 10 }, 4, 3), 0);
  assertEquals(scrolled({ first: 8, selected: 0, count: 0 }, 4, 3), 0);
});

/** The columns of a row that begins in the first one and may move the cursor to the right. */
function columnsOf(row: string): number {
  // deno-lint-ignore no-control-regex -- CHA
  const [start, column, rest] = row.split(/\x1b\[(\d+)G/);
  if (column === undefined) return stringWidth(row);
  assert(stringWidth(start) < Number(column), row);
  return Number(column) - 1 + stringWidth(rest);
}

Deno.test("a name takes no more columns than it has, however a terminal draws it", () => {
  const family = "👩‍👩‍👧‍👦";
  assertEquals([mostColumns(family), mostColumns("한글"), mostColumns("a.jpg")], [8, 4, 5]);
  assertEquals(fitted(`${family} 가족.jpg`, 12), "….jpg");
  assertEquals(fitted("한라산.jpg".normalize("NFD"), 10), "한라산.jpg");
});

Deno.test("no name breaks the frame of a tile, whatever characters it has", () => {
  const layout = sheetLayout({ columns: 80, rows: 24 });
  const thumbnails: Thumbnail[] = [
    null,
    "failed",
    { rows: ["\x1b[31m▀▀▀\x1b[0m"], columns: 3 },
  ];
  const names = fc.oneof(
    fc.string({ unit: scalarValue, maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.constantFrom("가나다라마바사아자차카타파하.jpg", "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧.png", "\u202egpj.exe"),
  );
  fc.assert(
    fc.property(
      names,
      fc.constantFrom(...thumbnails),
      fc.boolean(),
      (name, thumbnail, isSelected) => {
        const rows = tileRows({ entry: entry(name), thumbnail, isSelected, layout, column: 1 });
        assertEquals(rows.length, layout.height);
        for (const row of rows) {
          assertEquals(columnsOf(row), layout.width, row);
          // deno-lint-ignore no-control-regex
          assert(!/[\p{Cc}\u202a-\u202e]/u.test(row.replace(/\x1b\[[0-9;]*[mG]/g, "")), row);
        }
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("a long name keeps its extension, and unsafe characters are shown escaped", () => {
  assertEquals(fitted("abc.jpg", 10), "abc.jpg");
  assertEquals(fitted("abcdefghijkl.jpg", 10), "abcde….jpg");
  assertEquals(fitted("a\x1bb", 10), "a\\x1bb");
});

Deno.test("folders stay first, images are sorted and filtered by what is typed", () => {
  const contents = new FolderContents("trip");
  contents.add({
    folder: "trip",
    folders: [{ name: "jeju", images: 3 }],
    images: [image("trip/Sea.jpg", 5, 100), image("trip/wall.jpg", 9, 50)],
    next: "x",
  });
  contents.add({ folder: "trip", folders: [], images: [image("trip/a.gif", 1, 200)], next: null });
  const labels = () => contents.entries.map(({ label }) => label);
  assertEquals(labels(), ["jeju", "Sea.jpg", "wall.jpg", "a.gif"]);
  assert(contents.entries === contents.entries, "they are put in order once");
  assertEquals([contents.images, contents.bytes], [3, 15]);
  assertEquals(contents.entries[0].name, "trip/jeju");
  contents.sortNext();
  assertEquals([contents.sort, ...labels()], ["date", "jeju", "a.gif", "Sea.jpg", "wall.jpg"]);
  contents.sortNext();
  assertEquals([contents.sort, ...labels()], ["size", "jeju", "wall.jpg", "Sea.jpg", "a.gif"]);
  contents.setFilter("SE");
  assertEquals(labels(), ["Sea.jpg"]);
  contents.setFilter("");
  assertEquals(labels().length, 4);
  contents.sortNext();
  assertEquals(contents.sort, "name");
  const equal = new FolderContents("");
  equal.add({
    folder: "",
    folders: ["b", "a"].map((name) => ({ name, images: null })),
    images: ["d.jpg", "c.jpg", "e.jpg"].map((url) => ({ ...image(url), modified: null })),
    next: null,
  });
  equal.sortNext();
  assertEquals(equal.entries.map(({ label }) => label), ["b", "a", "d.jpg", "c.jpg", "e.jpg"]);
});

Deno.test("entries that arrive while a filter or an order is set are placed by it", () => {
  const contents = new FolderContents("");
  const page = (...images: ReturnType<typeof image>[]) =>
    contents.add({ folder: "", folders: [], images, next: null });
  const labels = () => contents.entries.map(({ label }) => label);
  page(image("a1.jpg", 1, 5), image("b.jpg", 2, 9));
  contents.setFilter("A");
  assertEquals(labels(), ["a1.jpg"]);
  page(image("c.jpg", 3, 7), image("a2.jpg", 4, 8));
  assertEquals(labels(), ["a1.jpg", "a2.jpg"]);
  contents.sortNext();
  page(image("a3.jpg", 1, 6));
  assertEquals(labels(), ["a2.jpg", "a3.jpg", "a1.jpg"]);
  page(image("a4.jpg", 1, 9), image("a5.jpg", 1, 6), image("d.jpg", 1, 9), image("a6.jpg", 1, 1));
  assertEquals(labels(), ["a4.jpg", "a2.jpg", "a3.jpg", "a5.jpg", "a1.jpg", "a6.jpg"]);
  contents.setFilter("");
  assertEquals(
    labels(),
    ["b.jpg", "a4.jpg", "d.jpg", "a2.jpg", "c.jpg", "a3.jpg", "a5.jpg", "a1.jpg", "a6.jpg"],
  );
});

Deno.test("a folder shows how many images are in it", () => {
  const layout = sheetLayout({ columns: 80, rows: 40 });
  const folder = { name: "trip", label: "trip", image: null, count: 12 };
  const rows = tileRows({ entry: folder, thumbnail: null, isSelected: false, layout, column: 1 });
  assertStringIncludes(rows.join("\n"), "12");
  assertStringIncludes(rows.join("\n"), "▝▀▀▀▀▀▀▀▀▘");
  assertStringIncludes(rows.at(-1)!, "trip/");
});

Deno.test("a folder fits a tile of any height, with its number of images or without", () => {
  for (let rows = 4; rows < 12; rows++) {
    for (const count of [null, 0, 7, 100_000, 1_000_000_000]) {
      const layout = { ...sheetLayout({ columns: 80, rows: 24 }), height: rows };
      const folder = { name: "trip", label: "trip", image: null, count };
      const tile = { entry: folder, thumbnail: null, isSelected: true, layout, column: 1 };
      const shown = tileRows(tile);
      assertEquals(shown.length, rows);
      for (const row of shown) assertEquals(stringWidth(row), layout.width, row);
    }
  }
});

Deno.test("what is selected is seen without colours, too", () => {
  const layout = sheetLayout({ columns: 80, rows: 24 });
  const tile = { entry: entry("sea.jpg"), thumbnail: null, layout, column: 1 };
  // deno-lint-ignore no-control-regex
  const plain = (text: string) => text.replace(/\x1b\[[0-9;]*[mG]/g, "");
  assertEquals(
    plain(tileRows({ ...tile, isSelected: true }).at(-1)!),
    "┗━━━━[sea.jpg]━━━━┛",
  );
  assertEquals(
    plain(tileRows({ ...tile, isSelected: false }).at(-1)!),
    "└──── sea.jpg ────┘",
  );
});
