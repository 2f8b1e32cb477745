/** What the terminal is told about the pictures that it draws with its own pixels. */
import { assertEquals } from "@std/assert";
import { PixelLayer } from "../../../lib/client/browser/pixel_layer.ts";
import type { Painted } from "../../../lib/client/painting/paint.ts";

const picture = (id: number | null): Painted => ({
  rows: ["  ", "  "],
  columns: 2,
  pixels: { text: `<${id}>`, id },
});

Deno.test("a picture is sent once, then placed, until it is deleted", () => {
  const layer = new PixelLayer();
  assertEquals(layer.draw(picture(7)), "<7>");
  assertEquals(layer.hide(), "\x1b_Ga=d,d=i,q=2,i=7\x1b\\");
  assertEquals(layer.hide(), "");
  assertEquals(layer.draw(picture(7)), "\x1b_Ga=p,q=2,i=7,p=1,C=1,c=2,r=2\x1b\\");
  assertEquals(layer.delete(picture(7)), "\x1b_Ga=d,d=I,q=2,i=7\x1b\\");
  assertEquals(layer.delete(picture(7)), "");
  assertEquals(layer.draw(picture(7)), "<7>");
});

Deno.test("all pictures are deleted together, each by its id", () => {
  const layer = new PixelLayer();
  layer.draw(picture(7));
  layer.draw(picture(8));
  layer.hide();
  assertEquals(
    layer.deleteAll(),
    "\x1b_Ga=d,d=I,q=2,i=7\x1b\\\x1b_Ga=d,d=I,q=2,i=8\x1b\\",
  );
  assertEquals(layer.deleteAll(), "");
});

Deno.test("pixels in the cells and characters need no deleting", () => {
  const layer = new PixelLayer();
  assertEquals(layer.draw(picture(null)), "<null>");
  assertEquals(layer.draw({ rows: ["x"], columns: 1 }), "");
  assertEquals(layer.hide() + layer.delete(picture(null)) + layer.deleteAll(), "");
});
