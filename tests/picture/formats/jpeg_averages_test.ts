import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { decode } from "../../../lib/picture/formats/decode.ts";
import { average } from "../../../lib/picture/pixels/grid.ts";
import { checkedHeader } from "../../../lib/picture/formats/identify.ts";
import { STEP, writeJpeg } from "../support/jpeg_writer.ts";
import { fixture, jpegAverages } from "../support/pictures.ts";

const SAMPLE = await Deno.readFile(new URL("../../../images/image.jpg", import.meta.url));

Deno.test("averages from coefficients are those of the decoded pixels", async () => {
  const full = { width: 1280, height: 800 };
  const raster = await decode(SAMPLE, checkedHeader(SAMPLE), full, [0, 0, 0]);
  for (const [width, height] of [[1, 1], [80, 25], [97, 31], [640, 400]]) {
    const expected = average(raster, width, height).data.slice();
    const found = jpegAverages(SAMPLE, { width, height }, { width, height })!.data;
    assertEquals(found.length, expected.length);
    let squares = 0;
    for (let i = 0; i < expected.length; i++) squares += (found[i] - expected[i]) ** 2;
    const error = Math.sqrt(squares / expected.length);
    assert(error < 3, `${width} × ${height}: off by ${error}`);
  }
});

Deno.test("samples that overshoot are limited to their range before they are averaged", () => {
  const shape = { width: 8, height: 8, factors: [[1, 1]], restartInterval: 0 } as const;
  const block = new Int32Array(64);
  const dc = 300, ac = 120;
  block[0] = dc;
  block[1] = ac;
  const bytes = writeJpeg(shape, [{ across: 1, down: 1, blocks: [block] }]);
  let sum = 0;
  for (let x = 0; x < 8; x++) {
    const wave = Math.cos((2 * x + 1) * Math.PI / 16) / Math.SQRT2 / 4;
    sum += Math.max(0, Math.min(255, 128 + STEP * (dc / 8 + ac * wave)));
  }
  const { data } = jpegAverages(bytes, { width: 1, height: 1 }, { width: 8, height: 8 })!;
  assertAlmostEquals(data[0], sum / 8, 0.01);
});

Deno.test("a JPEG that is cut short is as it was up to there, and then black", () => {
  const size = { width: 80, height: 25 };
  const whole = jpegAverages(SAMPLE, size)!.data.slice();
  for (const part of [0, 0.001]) {
    assertEquals(jpegAverages(SAMPLE.slice(0, Math.floor(SAMPLE.length * part)), size), null);
  }
  for (const part of [0.2, 0.5, 0.9]) {
    const cut = SAMPLE.slice(0, Math.floor(SAMPLE.length * part));
    const { data, isPartial } = jpegAverages(cut, size)!;
    assert(isPartial);
    const first = data.findIndex((value, i) => Math.abs(value - whole[i]) > 1e-3);
    const rows = Math.floor(first / 3 / size.width);
    assert(rows > 0, `${part}: ${rows} rows are there`);
    const black = data.subarray((rows + 3) * size.width * 3);
    assert(black.every((value) => value === 0), `${part}: the rest is black`);
  }
});

Deno.test("averages that are still in the module cannot be read once it is used again", () => {
  const size = { width: 4, height: 4 };
  const { data } = jpegAverages(SAMPLE, size, size)!;
  assertEquals(data.length, 48);
  jpegAverages(SAMPLE, size, size);
  assertEquals(data.length, 0);
});

Deno.test("what has no averages of its own is left to the codec", async () => {
  const bytes = await fixture("baseline.jpg");
  const size = { width: 4, height: 3 };
  const at = (marker: number) =>
    bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === marker);
  assertEquals(jpegAverages(bytes, size)?.data.length, 36);
  const named = bytes.slice();
  [..."RGB"].forEach((letter, i) => named[at(0xc0) + 10 + i * 3] = letter.charCodeAt(0));
  named[at(0xe0) + 4] = 0;
  const others = {
    "components called R, G and B": named,
    "twelve bits a sample": bytes.with(at(0xc0) + 4, 12),
    "a progressive JPEG": await fixture("progressive.jpg"),
    "no scan": bytes.subarray(0, at(0xda)),
    "an empty scan": bytes.subarray(0, at(0xda) + 14),
    "a table that is cut short": bytes.with(at(0xdb) + 4, 0x10),
  };
  for (const [name, other] of Object.entries(others)) {
    assertEquals(jpegAverages(other, size), null, name);
  }
});
