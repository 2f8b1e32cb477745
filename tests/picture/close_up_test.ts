/** Parts of pictures, as they are drawn when one zooms in. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CloseUp, draw, drawPixels, PictureError } from "../../lib/picture/mod.ts";
import { encodePng } from "../../lib/picture/formats/png/writer.ts";
import { average, type Grid } from "../../lib/picture/pixels/grid.ts";
import { type Orientation, storedPart, upright } from "../../lib/picture/pixels/orientation.ts";
import type { Rectangle } from "../../lib/picture/pixels/rectangle.ts";
import { paint } from "./support/painted.ts";
import { screenOf } from "../../tools/screens/terminal_screen.ts";
import { canvas, colorOf, decoded, fixture, jpegAverages, oriented } from "./support/pictures.ts";

const SAMPLE = await Deno.readFile(new URL("../../images/image.jpg", import.meta.url));

/** Any part of a picture. */
function partsOf(width: number, height: number): fc.Arbitrary<Rectangle> {
  const along = (length: number) =>
    fc.tuple(fc.nat({ max: length - 1 }), fc.nat({ max: length - 1 }))
      .map(([a, b]) => [Math.min(a, b), Math.abs(a - b) + 1] as const);
  return fc.tuple(along(width), along(height))
    .map(([[x, columns], [y, rows]]) => ({ x, y, width: columns, height: rows }));
}

Deno.test("a part is drawn as a picture of that part alone would be", async () => {
  const color = (x: number, y: number) => [x * 6, y * 8, (x * y) % 256, 255];
  const closeUp = new CloseUp(await encodePng(paint(40, 30, color)));
  assertEquals(closeUp.size, { width: 40, height: 30 });
  await fc.assert(
    fc.asyncProperty(partsOf(40, 30), async (part) => {
      const { x, y, width, height } = part;
      // So many rows that the picture alone takes all of the canvas, too.
      const on = canvas(width, Math.ceil(height / 2));
      const alone = await encodePng(paint(width, height, (i, j) => color(x + i, y + j)));
      const drawn = await draw(alone, on);
      const rows = drawn.split("\n").length - 1;
      assertEquals(await closeUp.draw(canvas(width, rows), part), drawn);
    }),
    { numRuns: 40 },
  );
});

Deno.test("a part may be a single pixel, and shows the background that it is drawn on", async () => {
  const color = (x: number, y: number) => [x * 60, y * 80, 40, 255];
  const closeUp = new CloseUp(await encodePng(paint(4, 3, color)));
  for (const [x, y] of [[0, 0], [2, 1], [3, 2]]) {
    const text = await closeUp.draw(canvas(1, 1), { x, y, width: 1, height: 1 });
    assertEquals([...colorOf(screenOf(text)[0][0])], color(x, y).slice(0, 3));
  }
  const clear = new CloseUp(await encodePng(paint(4, 3, () => [0, 0, 0, 0])));
  const part = { x: 0, y: 0, width: 4, height: 3 };
  for (const background of [[9, 99, 199], [9, 99, 199], [1, 2, 3]] as const) {
    const text = await clear.draw(canvas(1, 1, { background }), part);
    assertEquals([...colorOf(screenOf(text)[0][0])], [...background]);
  }
});

Deno.test("a part of a JPEG comes from its coefficients, the same as from its pixels", async () => {
  for (const [name, bytes] of [["sample", SAMPLE], ["grey", await fixture("grey.jpg")]] as const) {
    const raster = await decoded(bytes);
    await fc.assert(
      fc.asyncProperty(partsOf(raster.width, raster.height), (part) => {
        const { width, height } = part;
        const areas = { width: Math.min(40, width), height: Math.min(30, height) };
        const expected = average(raster, areas.width, areas.height, part).data.slice();
        const found = jpegAverages(bytes, areas, { width, height }, part)!.data;
        let squares = 0;
        for (let i = 0; i < expected.length; i++) squares += (found[i] - expected[i]) ** 2;
        const error = Math.sqrt(squares / expected.length);
        assert(error < 3, `${name} ${JSON.stringify(part)}: off by ${error}`);
        return Promise.resolve();
      }),
      { numRuns: 30 },
    );
  }
});

Deno.test("a part of a JPEG that ends before it has the background's colour", () => {
  const cut = SAMPLE.subarray(0, SAMPLE.length / 2);
  const size = { width: 8, height: 8 };
  const part = { x: 100, y: 700, width: 64, height: 64 };
  const grid = jpegAverages(cut, size, part, part)!;
  assert(grid.isPartial);
  assert(grid.data.every((value) => value === 0));
  const above = jpegAverages(cut, size, part, { ...part, y: 0 })!;
  assertEquals(above.isPartial, undefined, "the part is whole");
});

Deno.test("whatever the orientation, a part is a part of the upright picture", () => {
  const stored: Grid = {
    width: 5,
    height: 4,
    data: Float32Array.from({ length: 60 }, (_, i) => i),
  };
  const scene = fc.constantFrom<Orientation>(1, 2, 3, 4, 5, 6, 7, 8).chain((orientation) => {
    const { width, height } = upright(stored, orientation);
    return partsOf(width, height).map((part) => ({ orientation, part }));
  });
  fc.assert(fc.property(scene, ({ orientation, part }) => {
    const cut = cutOut(stored, storedPart(part, orientation, stored));
    assertEquals(upright(cut, orientation), cutOut(upright(stored, orientation), part));
  }));
});

function cutOut({ width, data }: Grid, part: Rectangle): Grid {
  const values: number[] = [];
  for (let y = part.y; y < part.y + part.height; y++) {
    values.push(...data.subarray((y * width + part.x) * 3, (y * width + part.x + part.width) * 3));
  }
  return { width: part.width, height: part.height, data: Float32Array.from(values) };
}

Deno.test("the size of a rotated picture is that of the upright picture", async () => {
  const closeUp = new CloseUp(oriented(SAMPLE, 6, true));
  const { width, height } = new CloseUp(SAMPLE).size;
  assertEquals(closeUp.size, { width: height, height: width });
  const text = await closeUp.draw(canvas(4, 3), { x: 10, y: 600, width: 40, height: 30 });
  assertEquals(text.split("\n").length, 4);
});

Deno.test("a part is drawn with the terminal's own pixels, on all of the canvas", async () => {
  const closeUp = new CloseUp(SAMPLE);
  const on = { columns: 4, rows: 2, protocol: "sixel", cellWidth: 10, cellHeight: 20 } as const;
  const text = await closeUp.drawPixels(on, { x: 0, y: 0, width: 40, height: 40 });
  assert(text.startsWith('\x1bP0;1;0q"1;1;40;36'), text.slice(0, 20));
});

Deno.test("a file that is not a picture has no parts", () => {
  assertThrows(() => new CloseUp(new TextEncoder().encode("none")), PictureError);
});

Deno.test("concurrent drawings do not affect each other", async () => {
  const bytes = [SAMPLE, await fixture("baseline.jpg"), await fixture("rgb8.png")];
  const closeUp = new CloseUp(SAMPLE);
  const pixels = { protocol: "sixel", cellWidth: 10, cellHeight: 20 } as const;
  const drawings = [
    ...bytes.map((picture) => () => draw(picture, canvas(20, 10))),
    () => closeUp.draw(canvas(20, 10), { x: 100, y: 100, width: 400, height: 300 }),
    () => drawPixels(SAMPLE, { columns: 6, rows: 3, ...pixels }),
    ...bytes.map((picture) => () => draw(picture, canvas(8, 4))),
  ];
  const alone: string[] = [];
  for (const drawing of drawings) alone.push(await drawing());
  assertEquals(await Promise.all(drawings.map((drawing) => drawing())), alone);
});
