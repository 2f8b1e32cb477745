/** Which part of a picture is on the screen. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Viewport } from "../../../lib/client/browser/viewport.ts";

const BOX = { columns: 80, rows: 23 };
const PHOTO = { width: 6000, height: 4000 };

Deno.test("at first all of the picture is on the screen", () => {
  const viewport = new Viewport(PHOTO, BOX);
  assertEquals(viewport.window, {
    columns: 69,
    rows: 23,
    part: { x: 0, y: 0, width: 6000, height: 4000 },
  });
  assert(!viewport.isZoomed);
  assert(!viewport.zoomBy(-1));
  assert(!viewport.move(1, 1));
});

Deno.test("zooming in shows the middle, on all of the screen, and out again all of it", () => {
  const viewport = new Viewport(PHOTO, BOX);
  assert(viewport.zoomBy(1));
  assert(viewport.zoomBy(1));
  const { columns, rows, part } = viewport.window;
  assertEquals([columns, rows], [80, 23]);
  assertEquals(part.x + part.width / 2, 3000);
  assertEquals(part.y + part.height / 2, 2000);
  viewport.zoomBy(-1);
  assert(viewport.isZoomed);
  viewport.zoomBy(-1);
  assert(!viewport.isZoomed);
  assertEquals(viewport.window.part, { x: 0, y: 0, ...PHOTO });
});

Deno.test("zooming in stops when a pixel is as wide as a cell", () => {
  const viewport = new Viewport(PHOTO, BOX);
  while (viewport.zoomBy(1));
  assertEquals(viewport.window.part.width, 80);
  const icon = new Viewport({ width: 16, height: 16 }, BOX);
  assert(!icon.zoomBy(1));
});

Deno.test("moving ends at the edges, and comes back from there at once", () => {
  const viewport = new Viewport(PHOTO, BOX);
  viewport.zoomBy(3);
  while (viewport.move(1, 1));
  const { part } = viewport.window;
  assertEquals([part.x + part.width, part.y + part.height], [6000, 4000]);
  assert(viewport.move(-1, 0));
  assert(viewport.window.part.x < part.x);
});

Deno.test("whatever keys are pressed, on any screen, the visible part lies within the picture", () => {
  const size = fc.record({
    width: fc.integer({ min: 1, max: 30_000 }),
    height: fc.integer({ min: 1, max: 30_000 }),
  });
  const box = fc.record({
    columns: fc.integer({ min: 1, max: 400 }),
    rows: fc.integer({ min: 1, max: 100 }),
    cellAspect: fc.constantFrom(1.5, 2, 2.2),
  });
  const step = fc.oneof(
    fc.constantFrom(1, -1).map((steps) => (viewport: Viewport) => void viewport.zoomBy(steps)),
    fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }))
      .map(([right, down]) => (viewport: Viewport) => void viewport.move(right, down)),
    box.map((other) => (viewport: Viewport) => viewport.resize(other)),
  );
  fc.assert(fc.property(size, box, fc.array(step, { maxLength: 12 }), (picture, first, steps) => {
    const viewport = new Viewport(picture, first);
    for (const take of steps) {
      take(viewport);
      const { columns, rows, part } = viewport.window;
      assert(columns >= 1 && rows >= 1);
      assert(part.width >= 1 && part.height >= 1);
      assert(part.x >= 0 && part.x + part.width <= picture.width);
      assert(part.y >= 0 && part.y + part.height <= picture.height);
    }
  }));
});
