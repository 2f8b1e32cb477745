import { assert, assertEquals, assertThrows } from "@std/assert";
import { animate, draw, isAnimated } from "../../../lib/picture/mod.ts";
import { joinSubBlocks, readGifHeader } from "../../../lib/picture/formats/gif/header.ts";
import { type LzwCodes, unpackLzw } from "../../../lib/picture/formats/lzw.ts";
import { cut, fill, paste } from "../../../lib/picture/pixels/rectangle.ts";
import { screenOf } from "../../../tools/screens/terminal_screen.ts";
import { canvas, colorOf, decoded, fixture } from "../support/pictures.ts";

const RED = [255, 0, 0], BLUE = [0, 0, 255], GREEN = [0, 255, 0], WHITE = [255, 255, 255];
const PURPLE = [90, 0, 90];

// 20 × 20, played twice: red all over; blue at (4, 4), removed to the background; green at (8, 8),
// removed to what was before; white at (12, 12). The squares measure 8 × 8.
const ANIMATION = "disposal.gif";
const ON = canvas(20, 10, { background: [90, 0, 90] });

Deno.test("each frame of a GIF is placed, and removed as its disposal method says (GIF89a, 23)", async () => {
  const frames: string[] = [];
  for await (const { text } of animate(await fixture(ANIMATION), ON)) frames.push(text);
  assertEquals(frames.length, 4 * 2, "four frames, played twice");
  const at = (frame: number, x: number, y: number) => colorOf(screenOf(frames[frame])[y / 2][x]);
  assertEquals(at(0, 5, 6), RED);
  assertEquals([at(1, 0, 0), at(1, 5, 6), at(1, 13, 14)], [RED, BLUE, RED]);
  // Where blue was, the background shows; green lies over part of it.
  assertEquals([at(2, 5, 6), at(2, 9, 10), at(2, 13, 14), at(2, 0, 0)], [
    PURPLE,
    GREEN,
    GREEN,
    RED,
  ]);
  // Green is gone as if it had never been.
  assertEquals([at(3, 9, 10), at(3, 13, 14), at(3, 19, 18)], [PURPLE, WHITE, WHITE]);
  assertEquals(frames.slice(4, 8), frames.slice(0, 4), "the second time is like the first");
});

Deno.test("delays are those of the file, and none is an unreadable zero", async () => {
  const delays: number[] = [];
  for await (const { delayMs } of animate(await fixture(ANIMATION), ON)) delays.push(delayMs);
  assertEquals(delays.slice(0, 4), [100, 200, 100, 300]);
  for (const [stored, expected] of [[0, 100], [1, 100], [2, 20], [300, 3000]]) {
    const gif = (await fixture(ANIMATION)).slice();
    const control = gif.findIndex((byte, at) => byte === 0x21 && gif[at + 1] === 0xf9);
    gif.set([stored & 255, stored >> 8], control + 4);
    for await (const { delayMs } of animate(gif, ON)) {
      assertEquals(delayMs, expected);
      break;
    }
  }
});

Deno.test("a GIF is drawn by its first frame, and so is any other picture by animate", async () => {
  const gif = await fixture(ANIMATION);
  for await (const { text } of animate(gif, ON)) {
    assertEquals(await draw(gif, ON), text);
    break;
  }
  const png = await fixture("rgb8.png");
  const frames: string[] = [];
  for await (const { text } of animate(png, ON)) frames.push(text);
  assertEquals(frames, [await draw(png, ON)]);
});

Deno.test("the canvas of an animation may change from frame to frame", async () => {
  const canvases = [canvas(20, 10), canvas(20, 10), canvas(8, 4), canvas(12, 6)];
  let asked = 0;
  const sizes: number[][] = [];
  const animation = animate(await fixture(ANIMATION), () => canvases[Math.max(0, asked++ - 1)]);
  for await (const { text } of animation) {
    const rows = screenOf(text);
    sizes.push([rows[0].length, rows.length]);
    if (sizes.length === 4) break;
  }
  assertEquals(sizes, [[20, 10], [20, 10], [8, 4], [12, 6]]);
});

Deno.test("a rectangle is filled, cut out and put back, and nothing around it changes", () => {
  const raster = { width: 4, height: 4, channels: 3 as const, data: new Uint8Array(48) };
  const area = { x: 1, y: 1, width: 2, height: 2 };
  const reds = () => [...raster.data].filter((_, i) => i % 3 === 0).join("");
  fill(raster, area, [1, 2, 3]);
  assertEquals(reds(), "0000011001100000");
  const piece = cut(raster, area);
  assertEquals([...piece], Array(4).fill([1, 2, 3]).flat());
  raster.data.fill(0);
  paste(raster, { ...area, x: 0 }, piece);
  assertEquals(reds(), "0000110011000000");
});

Deno.test("only a GIF of several frames is animated", async () => {
  assert(isAnimated(await fixture(ANIMATION)));
  assert(!isAnimated(await fixture("interlaced.gif")));
  assert(!isAnimated(await fixture("rgb8.png")));
  assert(!isAnimated(new Uint8Array(0)));
});

Deno.test("a GIF's blocks say how many frames there are and how often to play them", async () => {
  const gif = await fixture(ANIMATION);
  const { width, height, frames, plays } = readGifHeader(gif)!;
  assertEquals({ width, height, frames, plays }, { width: 20, height: 20, frames: 4, plays: 2 });
  const endless = gif.slice();
  const loop = new TextDecoder("latin1").decode(gif).indexOf("NETSCAPE2.0");
  endless.set([0, 0], loop + 13);
  assertEquals(readGifHeader(endless)?.plays, Infinity);
  // Another application's extension says nothing.
  assertEquals(readGifHeader(gif.with(loop + 10, 0x31))?.plays, 1);
  assertEquals(readGifHeader(await fixture("interlaced.gif"))?.plays, 1);
});

Deno.test("an endless animation stops when no more frames are requested", async () => {
  const endless = (await fixture(ANIMATION)).slice();
  const loop = new TextDecoder("latin1").decode(endless).indexOf("NETSCAPE2.0");
  endless.set([0, 0], loop + 13);
  let frames = 0;
  for await (const _ of animate(endless, ON)) if (++frames === 30) break;
  assertEquals(frames, 30);
});

/** The rows of an interlaced picture of 16, as they are stored, and the row that each stands for. */
const STORED_ROWS = [0, 8, 4, 12, 2, 6, 10, 14, 1, 3, 5, 7, 9, 11, 13, 15];
const STAND_INS = [0, 8, 0, 8, 0, 4, 8, 12, 0, 2, 4, 6, 8, 10, 12, 14];

/** An interlaced GIF of one column, in which row `y` has the grey 10 + y, down to so many rows. */
function columnOf(rows: number, screenHeight = 16): Uint8Array {
  const greys = Array.from({ length: 16 }, (_, i) => Array(3).fill(10 + i)).flat();
  // A clear code before each, and the end.
  const bits = [...STORED_ROWS.slice(0, rows).flatMap((row) => [16, row]), 17]
    .map((code) => code.toString(2).padStart(5, "0").split("").reverse().join("")).join("");
  const data = bits.match(/.{1,8}/g)!
    .map((byte) => parseInt(byte.padEnd(8, "0").split("").reverse().join(""), 2));
  return Uint8Array.from([
    ...new TextEncoder().encode("GIF89a"),
    ...[1, 0, screenHeight, 0, 0x83, 0, 0, ...greys],
    ...[0x2c, 0, 0, 0, 0, 1, 0, 16, 0, 0x40, 4, data.length, ...data, 0, 0x3b],
  ]);
}

Deno.test("rows that are missing of an interlaced GIF are those above them of earlier passes", async () => {
  for (let rows = 1; rows <= 16; rows++) {
    const raster = await decoded(columnOf(rows));
    const expected = Array<number>(16).fill(0);
    STORED_ROWS.forEach((row, i) => {
      if (i < rows) expected[row] = 10 + row;
      // Nothing stands for the rows of the first pass.
      else if (i > 1) expected[row] = expected[STAND_INS[i]];
    });
    const greys = Array.from({ length: 16 }, (_, y) => raster.data[y * 3]);
    assertEquals(greys, expected, `${rows} rows`);
    assertEquals(raster.isPartial ?? false, rows < 16);
  }
});

Deno.test("each bit of the flags of a GIF means one thing", () => {
  const text = [...new TextEncoder().encode("GIF89a")];
  const image = (flags: number) => [0x2c, 1, 0, 2, 0, 3, 0, 4, 1, flags];
  for (let flags = 0; flags < 256; flags++) {
    const colors = (flags & 0x80) === 0 ? 0 : 2 ** (flags % 8 + 1);
    const table = Array.from({ length: colors * 3 }, (_, i) => i & 255);
    const end = [7, 1, 99, 0, 0x3b];
    const screen = [5, 0, 6, 1, flags, 0, 0];
    const [global] =
      readGifHeader(Uint8Array.from([...text, ...screen, ...table, ...image(0), ...end]))!
        .images;
    assertEquals(global.palette?.length ?? 0, table.length);
    const plain = [...text, 5, 0, 6, 1, 0, 0, 0];
    const header = readGifHeader(Uint8Array.from([...plain, ...image(flags), ...table, ...end]))!;
    assertEquals([header.width, header.height, header.isCut], [5, 262, false]);
    const [{ palette, isInterlaced, literalBits, dataAt, x, y, width, height }] = header.images;
    assertEquals([x, y, width, height, literalBits], [1, 2, 3, 260, 7]);
    assertEquals(palette?.length ?? 0, table.length);
    assertEquals(isInterlaced, (flags & 0x40) !== 0);
    assertEquals(dataAt, plain.length + 10 + table.length + 1);

    const control = [0x21, 0xf9, 4, flags, 44, 1, 5, 0];
    const images = readGifHeader(
      Uint8Array.from([
        ...plain,
        ...control,
        ...image(0),
        ...end.slice(0, -1),
        ...image(0),
        ...end,
      ]),
    )!.images;
    assertEquals(
      images.map(({ disposal, delay, transparentIndex }) => [disposal, delay, transparentIndex]),
      // It says something about the next picture alone.
      [[flags >> 2 & 7, 300, flags % 2 === 0 ? -1 : 5], [0, 0, -1]],
    );
  }
});

Deno.test("a GIF's data may be in many sub-blocks, and end with the file", () => {
  const start = [...new TextEncoder().encode("GIF89a"), 1, 0, 1, 0, 0, 0, 0];
  const read = (...blocks: number[]) =>
    readGifHeader(Uint8Array.from([...start, 0x2c, ...Array(9).fill(0), 2, ...blocks]))!;
  assertEquals(readGifHeader(Uint8Array.from(start))!.isCut, false);
  assertEquals(read(1, 9, 2, 8, 7, 0).isCut, false);
  assertEquals(read(1, 9, 2, 8, 7).isCut, true);
  assertEquals(read(1, 9, 2, 8).isCut, true);
  const two = read(1, 9, 0, 0, 0x2c, ...Array(9).fill(0), 2, 0);
  assertEquals([two.frames, two.isCut], [2, false]);
  // Of a picture whose descriptor is cut, nothing.
  for (let length = 1; length <= 10; length++) {
    assertEquals(read(1, 9, 0, 0x2c, ...Array(length - 1).fill(0)).frames, 1);
  }
  const content = (...bytes: number[]) => [...joinSubBlocks(Uint8Array.from(bytes), 1)];
  assertEquals(content(99, 2, 1, 2, 1, 3, 0, 1, 4), [1, 2, 3]);
  assertEquals(content(99, 2, 1), [1]);
  assertEquals(content(99, 0, 1), []);
  assertEquals(content(99), []);
});

Deno.test("a GIF is as large as its first picture if that goes beyond the screen", () => {
  const gif = (x: number, y: number) =>
    readGifHeader(Uint8Array.from([
      ...new TextEncoder().encode("GIF89a"),
      ...[10, 0, 10, 0, 0, 0, 0, 0x2c, x, 0, y, 0, 5, 0, 5, 0, 0, 2, 0],
    ]))!;
  assertEquals([gif(5, 5).width, gif(5, 5).height], [10, 10]);
  assertEquals([gif(6, 5).width, gif(6, 5).height], [11, 10]);
  assertEquals([gif(5, 6).width, gif(5, 6).height], [10, 11]);
});

/** Packs bytes with LZW as GIF and TIFF do, without ever clearing the table. */
function packLzw(data: readonly number[], { literalBits, isLsbFirst, growsEarly }: LzwCodes) {
  const clear = 2 ** literalBits;
  const table = new Map<string, number>();
  let bits = "", codes = 0;
  const put = (code: number) => {
    // The code that the reader is about to define has to fit, in a TIFF also the one after it.
    const next = Math.min(4096, clear + 2 + Math.max(0, codes++ - 1));
    const width = Math.min(12, (next + (growsEarly ? 1 : 0)).toString(2).length);
    const text = code.toString(2).padStart(width, "0");
    bits += isLsbFirst ? text.split("").reverse().join("") : text;
  };
  const codeOf = (text: string) => table.get(text) ?? Number(text);
  let known = "";
  for (const byte of data) {
    const longer = known === "" ? `${byte}` : `${known},${byte}`;
    if (known === "" || table.has(longer)) {
      known = longer;
      continue;
    }
    put(codeOf(known));
    if (clear + 2 + table.size < 4096) table.set(longer, clear + 2 + table.size);
    known = `${byte}`;
  }
  put(codeOf(known));
  put(clear + 1);
  return Uint8Array.from(bits.match(/.{1,8}/g)!, (byte) => {
    const text = byte.padEnd(8, "0");
    return parseInt(isLsbFirst ? text.split("").reverse().join("") : text, 2);
  });
}

Deno.test("LZW codes of any literals, in both orders of bits, are undone until the table is full", () => {
  for (const literalBits of [2, 8, 11]) {
    for (const isLsbFirst of [false, true]) {
      for (const growsEarly of [false, true]) {
        const codes = { literalBits, isLsbFirst, growsEarly };
        const data = Array<number>(300).fill(0);
        for (let i = 0, seed = 1; i < 5000; i++) {
          seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0;
          data.push(seed >>> 16 & 2 ** literalBits - 1);
        }
        const found = [...unpackLzw(packLzw(data, codes), codes)].flatMap((piece) => [...piece]);
        assertEquals(found.length, data.length);
        assert(found.every((byte, i) => byte === (data[i] & 255)));
      }
    }
  }
});

/** What there is of some bytes as LZW codes, the highest bit first, before they end or are wrong. */
function unpacked(literalBits: number, ...bytes: number[]) {
  const found: number[] = [];
  const codes = { literalBits, isLsbFirst: false, growsEarly: false };
  try {
    for (const piece of unpackLzw(Uint8Array.from(bytes), codes)) found.push(...piece);
    return found;
  } catch {
    return [...found, "damaged"];
  }
}

Deno.test("LZW codes may end without an end, and those that are not defined are damage", () => {
  // Of seven bits, codes are bytes at first: 128 clears, 129 ends, 130 is the first to be defined.
  assertEquals(unpacked(7, 5, 6), [5, 6]);
  assertEquals(unpacked(7, 5, 129, 6), [5]);
  assertEquals(unpacked(7, 5, 130), [5, 5, 5]);
  assertEquals(unpacked(7, 5, 131), [5, "damaged"]);
  assertEquals(unpacked(7, 130), ["damaged"]);
  assertEquals(unpacked(7, 5, 128, 130), [5, "damaged"]);
  // One bit: 0, end.
  assertEquals(unpacked(1, 0b0011_0000), [0]);
  for (const bits of [0, 12]) {
    assertThrows(
      () => [
        ...unpackLzw(new Uint8Array(9), { literalBits: bits, isLsbFirst: true, growsEarly: false }),
      ],
    );
  }
});
