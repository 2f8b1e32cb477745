/**
 * Files that are cut short, damaged or odd, and drawn all the same.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { animate, draw } from "../../../lib/picture/mod.ts";
import { type Cell, screenOf } from "../../../tools/screens/terminal_screen.ts";
import { canvas, colorOf, decoded, fixture, shownWithRemarks } from "../support/pictures.ts";

const ON = canvas(16, 6);

/** Puts bytes in the place of others. */
function spliced(bytes: Uint8Array, at: number, removed: number, put: readonly number[]) {
  return Uint8Array.from([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + removed)]);
}

/** Where a marker of a JPEG is. */
function markerAt(jpeg: Uint8Array, marker: number): number {
  return jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === marker);
}

function textAt(bytes: Uint8Array, text: string): number {
  return new TextDecoder("latin1").decode(bytes).indexOf(text);
}

function isBlack(cell: Cell): boolean {
  return colorOf(cell).every((value) => value === 0);
}

const TYPES = ["baseline.jpg", "progressive.jpg", "cmyk.jpg", "rgb8.png", "rgba16.png"]
  .concat(["rgb.tif", "lzw.tif", "deflate.tif", "packbits.tif", "interlaced.gif"]);

for (const name of TYPES) {
  Deno.test(`${name} without its last third is drawn, and said to be damaged`, async () => {
    const whole = await fixture(name);
    // The directory of these TIFFs is in front of the pixels or behind them; only the former can be
    // cut.
    const cut = /tif$/.test(name) ? withoutLastStrip(whole) : withoutEnd(whole);
    const { rows, remarks } = await shownWithRemarks(cut, ON);
    assertEquals(remarks, ["damaged"]);
    const { rows: all } = await shownWithRemarks(whole, ON);
    assertEquals(rows.length, all.length);
    if (!/progressive|cmyk/.test(name)) assertEquals(rows[0][0], all[0][0]);
  });
}

/** A file without the last third of its compressed data. */
function withoutEnd(bytes: Uint8Array): Uint8Array {
  const scan = markerAt(bytes, 0xda), chunk = textAt(bytes, "IDAT");
  const start = bytes[0] === 0xff ? scan + 14 : Math.max(0, chunk + 4);
  return bytes.slice(0, start + Math.floor((bytes.length - start) * 2 / 3));
}

/** A TIFF whose last strip is of no bytes. */
function withoutLastStrip(tiff: Uint8Array): Uint8Array {
  const copy = tiff.slice();
  const view = new DataView(copy.buffer);
  const little = copy[0] === 0x49;
  const directory = view.getUint32(4, little);
  for (let i = 0; i < view.getUint16(directory, little); i++) {
    const at = directory + 2 + i * 12;
    if (view.getUint16(at, little) !== 279) continue;
    const size = view.getUint16(at + 2, little) === 3 ? 2 : 4;
    const count = view.getUint32(at + 4, little);
    const values = count * size > 4 ? view.getUint32(at + 8, little) : at + 8;
    // A single strip keeps half of its bytes.
    const last = values + (count - 1) * size;
    const bytes = size === 2 ? view.getUint16(last, little) : view.getUint32(last, little);
    const left = count === 1 ? bytes >> 1 : 0;
    if (size === 2) view.setUint16(last, left, little);
    else view.setUint32(last, left, little);
  }
  return copy;
}

Deno.test("the missing part of a picture has the colour of the background", async () => {
  const jpeg = await fixture("baseline.jpg");
  const cut = jpeg.slice(0, markerAt(jpeg, 0xda) + 60);
  const { rows } = await shownWithRemarks(cut, ON);
  assert(!isBlack(rows[0][0]));
  assert(isBlack(rows.at(-1)!.at(-1)!));
  const { rows: green } = await shownWithRemarks(cut, { ...ON, background: [0, 200, 0] });
  const [red, level, blue] = colorOf(green.at(-1)!.at(-1)!);
  assert(red < 3 && Math.abs(level - 200) < 3 && blue < 3);
});

Deno.test("a progressive JPEG that ends in its first scan is drawn down to there, on the background", async () => {
  const jpeg = await fixture("progressive.jpg");
  const scan = markerAt(jpeg, 0xda);
  const next = jpeg.findIndex((byte, at) => at > scan + 2 && byte === 0xff && jpeg[at + 1] > 0);
  const cut = jpeg.slice(0, Math.floor((scan + 14 + next) / 2));
  const { rows, remarks } = await shownWithRemarks(cut, ON);
  assertEquals(remarks, ["damaged"]);
  assert(!isBlack(rows[0][0]));
  assert(isBlack(rows.at(-1)!.at(-1)!));
  const raster = await decoded(cut);
  assert(raster.isPartial);
  // The first scan has the means of the blocks.
  assertEquals([raster.width, raster.height], [8, 6]);
  assertEquals([...raster.data.slice(-3)], [0, 0, 0]);
  // One that is sequential has all pixels of those that are there.
  const sequential = await decoded(withoutEnd(await fixture("baseline.jpg")));
  assertEquals([sequential.isPartial, sequential.width, sequential.height], [true, 64, 48]);
});

Deno.test("of an interlaced PNG that is cut short, the passes that are there fill the picture", async () => {
  const whole = await fixture("interlaced.png");
  const start = textAt(whole, "IDAT") + 4;
  const cut = whole.slice(0, start + Math.floor((whole.length - start) / 3));
  const { rows, remarks } = await shownWithRemarks(cut, canvas(4, 2));
  assertEquals(remarks, ["damaged"]);
  assertEquals(rows.flat().filter(isBlack).length, 0);
});

Deno.test("a PNG with damage in the middle is drawn down to it", async () => {
  const bytes = (await fixture("rgba8.png")).slice();
  const start = textAt(bytes, "IDAT") + 4;
  bytes.fill(0xff, start + Math.floor((bytes.length - start) * 0.7));
  const { remarks } = await shownWithRemarks(bytes, ON);
  assertEquals(remarks, ["damaged"]);
});

Deno.test("a JPEG with stray bytes between two segments is drawn as without them", async () => {
  const jpeg = await fixture("baseline.jpg");
  const odd = spliced(jpeg, markerAt(jpeg, 0xc0), 0, [0x12, 0x34, 0xff, 0x00, 0x56]);
  assertEquals(await shownWithRemarks(odd, ON), await shownWithRemarks(jpeg, ON));
});

Deno.test("a JPEG segment of a wrong length is passed over", async () => {
  const jpeg = await fixture("baseline.jpg");
  for (const [high, low] of [[0, 0], [0, 1], [0, 9], [0xff, 0xff]]) {
    const odd = jpeg.slice();
    odd.set([high, low], markerAt(jpeg, 0xe0) + 2);
    assertEquals(await shownWithRemarks(odd, ON), await shownWithRemarks(jpeg, ON), `${low}`);
  }
});

for (const name of ["baseline.jpg", "cmyk.jpg"]) {
  Deno.test(`the height of ${name} may stand behind its scan (DNL, T.81 B.2.5)`, async () => {
    const jpeg = await fixture(name);
    const height = markerAt(jpeg, 0xc0) + 5;
    const [high, low] = jpeg.subarray(height, height + 2);
    const zeroed = spliced(jpeg, height, 2, [0, 0]);
    const odd = spliced(zeroed, jpeg.length - 2, 0, [0xff, 0xdc, 0, 4, high, low]);
    assertEquals(await shownWithRemarks(odd, ON), await shownWithRemarks(jpeg, ON));
  });
}

Deno.test("PNG indices beyond the palette are black", async () => {
  const png = await fixture("palette.png");
  const at = textAt(png, "PLTE");
  const length = new DataView(png.buffer).getUint32(at - 4);
  const short = spliced(png, at - 4, length + 12, [
    ...[0, 0, 0, 3, ...new TextEncoder().encode("PLTE")],
    ...png.subarray(at + 4, at + 7),
    ...[0, 0, 0, 0],
  ]);
  const { rows, remarks } = await shownWithRemarks(short, canvas(4, 2));
  assertEquals(remarks, []);
  assertEquals(rows.flat().filter(isBlack).length, 6, "of four quarters, three");
});

/** A GIF of one picture. */
function gifOf(
  { screen, size, palette, literalBits, codes }: {
    screen: [number, number];
    size: [number, number];
    palette: number[];
    literalBits: number;
    codes: [code: number, bits: number][];
  },
): Uint8Array {
  let held = 0n, count = 0n;
  for (const [code, bits] of codes) {
    held |= BigInt(code) << count;
    count += BigInt(bits);
  }
  const data: number[] = [];
  for (let at = 0n; at < count; at += 8n) data.push(Number(held >> at & 255n));
  const flags = palette.length === 0 ? 0 : 0x80 | Math.log2(palette.length / 3) - 1;
  const word = (value: number) => [value & 255, value >> 8];
  return Uint8Array.from([
    ...new TextEncoder().encode("GIF89a"),
    ...[...screen.flatMap(word), flags, 0, 0, ...palette],
    ...[0x2c, 0, 0, 0, 0, ...size.flatMap(word), 0, literalBits],
    ...[data.length, ...data, 0, 0x3b],
  ]);
}

const PALETTE = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
/** Red, green, blue and white, and the end; without a clear code in front. */
const FOUR: [number, number][] = [[0, 3], [1, 3], [2, 3], [3, 4], [5, 4]];

async function pixelsOf(gif: Uint8Array): Promise<number[][]> {
  const { rows, remarks } = await shownWithRemarks(gif, canvas(4, 1));
  assertEquals(remarks, []);
  return rows[0].map((cell) => [...colorOf(cell)]);
}

Deno.test("GIF codes need not begin with a clear code", async () => {
  const gif = gifOf({
    screen: [4, 1],
    size: [4, 1],
    palette: PALETTE,
    literalBits: 2,
    codes: FOUR,
  });
  assertEquals(await pixelsOf(gif), [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]);
});

Deno.test("a GIF frame that is larger than the screen is drawn whole", async () => {
  const gif = gifOf({
    screen: [2, 1],
    size: [4, 1],
    palette: PALETTE,
    literalBits: 2,
    codes: FOUR,
  });
  assertEquals((await pixelsOf(gif)).length, 4);
});

Deno.test("what a later GIF frame has beyond the screen is left out", async () => {
  const filled = (index: number) =>
    gifOf({
      screen: [2, 2],
      size: [2, 2],
      palette: PALETTE,
      literalBits: 2,
      codes: [[index, 3], [index, 3], [index, 3], [index, 4], [5, 4]],
    });
  const red = filled(0), blue = filled(2);
  // The blue frame begins one pixel further to the right.
  const frame = blue.slice(13 + PALETTE.length, -1);
  frame[1] = 1;
  const gif = Uint8Array.from([...red.subarray(0, -1), ...frame, 0x3b]);
  let last = "";
  for await (const { text } of animate(gif, canvas(2, 2, { cellAspect: 1 }))) last = text;
  const [upper, lower] = screenOf(last).map((row) => row.map((cell) => [...colorOf(cell)]));
  assertEquals([upper, lower], Array(2).fill([[255, 0, 0], [0, 0, 255]]));
});

Deno.test("a GIF without any palette is black, white and grey", async () => {
  const gif = gifOf({ screen: [4, 1], size: [4, 1], palette: [], literalBits: 2, codes: FOUR });
  assertEquals(await pixelsOf(gif), [[0, 0, 0], [255, 255, 255], [2, 2, 2], [3, 3, 3]]);
});

Deno.test("pixels that a GIF has too many are left out, and a transparent index shows what is behind", async () => {
  const gif = gifOf({
    screen: [2, 2],
    size: [2, 1],
    palette: PALETTE,
    literalBits: 2,
    codes: FOUR,
  });
  const { data, isPartial = false } = await decoded(gif, [7, 8, 9]);
  assertEquals([...data], [255, 0, 0, 0, 255, 0, 7, 8, 9, 7, 8, 9]);
  assert(!isPartial);
  const image = 13 + PALETTE.length;
  const clear = spliced(gif, image, 0, [0x21, 0xf9, 4, 1, 0, 0, 1, 0]);
  assertEquals([...(await decoded(clear, [7, 8, 9])).data.subarray(0, 6)], [255, 0, 0, 7, 8, 9]);
  const comment = spliced(gif, image, 0, [0x21, 0xfe, 4, 1, 0, 0, 1, 0]);
  assertEquals((await decoded(comment, [7, 8, 9])).data, data);
});

Deno.test("a GIF that ends with its last pixel is drawn whole, and said to be damaged", async () => {
  const gif = gifOf({
    screen: [4, 1],
    size: [4, 1],
    palette: PALETTE,
    literalBits: 2,
    codes: FOUR,
  });
  const { data, isPartial } = await decoded(gif.slice(0, -2));
  assertEquals([...data], [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
  assertEquals(isPartial, true);
});

Deno.test("a GIF with an empty comment extension is drawn as without it", async () => {
  const gif = await fixture("interlaced.gif");
  const image = gif.indexOf(0x2c, 13 + (3 << ((gif[10] & 7) + 1)));
  const odd = spliced(gif, image, 0, [0x21, 0xfe, 0]);
  assertEquals(await draw(odd, ON), await draw(gif, ON));
});

Deno.test("an animated GIF that is cut short plays the frames before the cut", async () => {
  const gif = await fixture("disposal.gif");
  const whole: string[] = [];
  for await (const { text } of animate(gif, ON)) whole.push(text);
  const images = [...gif.keys()].filter((at) => gif[at] === 0x2c && gif[at - 1] === 0);
  const remarks: string[] = [];
  const frames: string[] = [];
  const cut = gif.slice(0, images[3] + 12);
  const on = { ...ON, onRemark: (remark: string) => void remarks.push(remark) };
  for await (const { text } of animate(cut, on)) frames.push(text);
  assertEquals(frames.slice(0, 3), whole.slice(0, 3));
  assertEquals(remarks, ["damaged"]);
});
