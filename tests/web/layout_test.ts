/** The page's layout of tiles: arithmetic without a page. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { layOut, rowAt } from "../../web/layout.ts";

const OPTIONS = { gap: 6, rowHeight: 200, folderWidth: 200, folderHeight: 56 };

const folders = fc.integer({ min: 0, max: 50 });
const shapes = fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { maxLength: 200 });
const widths = fc.integer({ min: 300, max: 4000 });

Deno.test("every tile is placed once, in order", () => {
  fc.assert(fc.property(folders, shapes, widths, (count, shapes, width) => {
    const { rows } = layOut(count, shapes, { ...OPTIONS, width });
    let next = 0;
    for (const { first, tiles } of rows) {
      assertEquals(first, next);
      assert(tiles.length > 0);
      next += tiles.length;
    }
    assertEquals(next, count + shapes.length);
  }));
});

Deno.test("no tile overlaps another or leaves the page", () => {
  fc.assert(fc.property(folders, shapes, widths, (count, shapes, width) => {
    const { rows, height } = layOut(count, shapes, { ...OPTIONS, width });
    let bottom = 0;
    for (const row of rows) {
      assert(row.top >= bottom - 0.001);
      let right = 0;
      for (const { left, width: tileWidth } of row.tiles) {
        assert(left >= right - 0.001);
        right = left + tileWidth;
      }
      assert(right <= width + 0.001, `${right} of ${width}`);
      bottom = row.top + row.height;
    }
    assert(height >= bottom - 0.001);
  }));
});

Deno.test("every row of pictures but the last is exactly as wide as the page", () => {
  const { rows } = layOut(0, Array(20).fill(1.5), { ...OPTIONS, width: 1000 });
  for (const { tiles } of rows.slice(0, -1)) {
    const { left, width } = tiles[tiles.length - 1];
    assert(Math.abs(left + width - 1000) < 0.001);
  }
});

Deno.test("the last row is not stretched above the preferred height", () => {
  const { rows } = layOut(0, [1], { ...OPTIONS, width: 1000 });
  assertEquals(rows[0].height, 200);
});

Deno.test("the row at a place is the first that ends below it", () => {
  const { rows } = layOut(40, Array(40).fill(1), { ...OPTIONS, width: 900 });
  for (const y of [-5, 0, 55, 56, 61, 62, 300, 1e6]) {
    const expected = rows.findIndex(({ top, height }) => top + height > y);
    assertEquals(rowAt(rows, y), expected < 0 ? rows.length : expected);
  }
});
