import { assert, assertEquals } from "@std/assert";
import { decode } from "../../../lib/picture/formats/decode.ts";
import { average } from "../../../lib/picture/pixels/grid.ts";
import { checkedHeader } from "../../../lib/picture/formats/identify.ts";
import { averageJpeg } from "../../../lib/picture/formats/jpeg/averages.ts";

const SAMPLE = await Deno.readFile(new URL("../../../images/image.jpg", import.meta.url));

Deno.test("averages from coefficients are those of the decoded pixels", async () => {
  const full = { width: 1280, height: 800 };
  const raster = await decode(SAMPLE, checkedHeader(SAMPLE), full, [0, 0, 0]);
  for (const [width, height] of [[1, 1], [80, 25], [97, 31], [640, 400]]) {
    const expected = average(raster, width, height).data.slice();
    const found = averageJpeg(SAMPLE, { width, height }, { width, height })!.data;
    assertEquals(found.length, expected.length);
    let squares = 0;
    for (let i = 0; i < expected.length; i++) squares += (found[i] - expected[i]) ** 2;
    const error = Math.sqrt(squares / expected.length);
    assert(error < 3, `${width} × ${height}: off by ${error}`);
  }
});

Deno.test("a JPEG that is cut short has no averages, wherever it is cut", () => {
  for (const part of [0, 0.001, 0.01, 0.3, 0.9]) {
    const cut = SAMPLE.slice(0, Math.floor(SAMPLE.length * part));
    const size = { width: 80, height: 25 };
    assertEquals(averageJpeg(cut, size, size), null, `${part}`);
  }
});

Deno.test("averages that are still in the module cannot be read once it is used again", () => {
  const size = { width: 4, height: 4 };
  const { data } = averageJpeg(SAMPLE, size, size)!;
  assertEquals(data.length, 48);
  averageJpeg(SAMPLE, size, size);
  assertEquals(data.length, 0);
});
