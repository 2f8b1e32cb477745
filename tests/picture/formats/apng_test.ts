/**
 * Animated PNG (PNG, third edition, 11.3.6).
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { crc32, deflateSync } from "node:zlib";
import {
  animate,
  draw,
  isAnimated,
  PictureError,
  planScaling,
  scalePicture,
} from "../../../lib/picture/mod.ts";
import { readPngHeader } from "../../../lib/picture/formats/png/header.ts";
import { canvas, colorOf, decoded } from "../support/pictures.ts";
import { screenOf } from "../../../tools/screens/terminal_screen.ts";

const BACKGROUND = [90, 0, 90] as const;
const ON = canvas(4, 2, { background: BACKGROUND });
const RED = [255, 0, 0, 255], BLUE = [0, 0, 255, 255], CLEAR = [0, 0, 0, 0];
const HALF_GREEN = [0, 254, 0, 128];

function chunk(type: string, data: number[] | Uint8Array): number[] {
  const content = [...new TextEncoder().encode(type), ...data];
  return [...uint32(data.length), ...content, ...uint32(crc32(Uint8Array.from(content)))];
}

function uint32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];
}

/** Compressed rows of one colour, RGBA. */
function filled(color: number[], width: number, height: number): Uint8Array {
  const row = [0, ...Array.from({ length: width }, () => color).flat()];
  return deflateSync(Uint8Array.from(Array.from({ length: height }, () => row).flat()));
}

interface Part {
  color: number[];
  area: [x: number, y: number, width: number, height: number];
  delay?: [numerator: number, denominator: number];
  disposal?: number;
  blend?: number;
}

/**
 * An animation of 4 × 4 pixels. `isHidden` puts a still picture in front that is not a part of it.
 */
function apngOf(parts: Part[], plays: number, isHidden = false): Uint8Array {
  let sequence = 0;
  const bytes = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    .concat(chunk("IHDR", [...uint32(4), ...uint32(4), 8, 6, 0, 0, 0]))
    .concat(chunk("acTL", [...uint32(parts.length), ...uint32(plays)]));
  if (isHidden) bytes.push(...chunk("IDAT", filled(BLUE, 4, 4)));
  parts.forEach(({ color, area, delay = [1, 10], disposal = 0, blend = 0 }, i) => {
    const [x, y, width, height] = area;
    const control = [sequence++, width, height, x, y].flatMap(uint32)
      .concat(delay.flatMap((value) => [value >> 8, value & 255]))
      .concat([disposal, blend]);
    bytes.push(...chunk("fcTL", control));
    const data = filled(color, width, height);
    if (i === 0 && !isHidden) bytes.push(...chunk("IDAT", data));
    else bytes.push(...chunk("fdAT", [...uint32(sequence++), ...data]));
  });
  return Uint8Array.from([...bytes, ...chunk("IEND", [])]);
}

const ALL: Part["area"] = [0, 0, 4, 4], LEFT: Part["area"] = [0, 0, 2, 4];

/** The colours of the left and the right half in each frame. */
async function halves(bytes: Uint8Array): Promise<number[][][]> {
  const frames: number[][][] = [];
  for await (const { text } of animate(bytes, ON)) {
    const [row] = screenOf(text);
    frames.push([row[0], row[3]].map((cell) => [...colorOf(cell)]));
  }
  return frames;
}

const rgb = (color: number[]) => color.slice(0, 3);

Deno.test("each picture of an APNG is placed and disposed of as it says, as often as it is to be played", async () => {
  const frames = await halves(apngOf([
    { color: RED, area: ALL },
    { color: BLUE, area: LEFT, disposal: 1 },
    { color: BLUE, area: LEFT, disposal: 2 },
    { color: HALF_GREEN, area: LEFT, blend: 1 },
    { color: CLEAR, area: LEFT, blend: 0 },
  ], 2));
  const once = [
    [rgb(RED), rgb(RED)],
    [rgb(BLUE), rgb(RED)],
    [rgb(BLUE), rgb(RED)],
    // Over the background, to which the second picture gave way; the third left what was before.
    [[45, 127, 45], rgb(RED)],
    [[...BACKGROUND], rgb(RED)],
  ];
  assertEquals(frames.length, 10);
  assertEquals(frames.slice(0, 5), once);
  assertEquals(frames.slice(5), once);
});

Deno.test("delays of an APNG are fractions of a second, and browsers' delay if there is none", async () => {
  const bytes = apngOf([
    { color: RED, area: ALL, delay: [1, 4] },
    { color: BLUE, area: ALL, delay: [30, 0] },
    { color: BLUE, area: ALL, delay: [0, 100] },
    { color: BLUE, area: ALL, delay: [10, 1000] },
    { color: BLUE, area: ALL, delay: [11, 1000] },
  ], 1);
  const delays: number[] = [];
  for await (const { delayMs } of animate(bytes, ON)) delays.push(delayMs);
  assertEquals(delays, [250, 300, 100, 100, 11]);
});

Deno.test("a still picture that is not a part of the APNG is drawn alone, not played", async () => {
  const bytes = apngOf([{ color: RED, area: ALL }, { color: RED, area: LEFT }], 1, true);
  assert(isAnimated(bytes));
  assertEquals(colorOf(screenOf(await draw(bytes, ON))[0][0]), rgb(BLUE));
  assertEquals((await halves(bytes)).flat(), Array(4).fill(rgb(RED)));
});

Deno.test("an APNG that is cut short plays the pictures before the cut", async () => {
  const bytes = apngOf([{ color: RED, area: ALL }, { color: BLUE, area: ALL }], 1);
  const frames = await halves(bytes.slice(0, bytes.length - 12 - 18));
  assertEquals(frames[0], [rgb(RED), rgb(RED)]);
});

Deno.test("a picture of an APNG beyond the screen, without a size or without data is left out", () => {
  const isSecondShown = (...area: Part["area"]) =>
    isAnimated(apngOf([{ color: RED, area: ALL }, { color: BLUE, area }], 1));
  assert(isSecondShown(0, 0, 4, 4) && isSecondShown(3, 3, 1, 1));
  assert(!isSecondShown(3, 0, 2, 4) && !isSecondShown(0, 3, 4, 2));
  assert(!isSecondShown(0, 0, 0, 4) && !isSecondShown(0, 0, 4, 0));
  const bytes = apngOf([{ color: RED, area: ALL }, { color: BLUE, area: ALL }], 1);
  const text = new TextDecoder("latin1").decode(bytes);
  assert(!isAnimated(bytes.subarray(0, text.indexOf("fdAT") - 4)));
  // Without the chunk that says that it is an animation, it is none.
  assert(!isAnimated(bytes.with(text.indexOf("acTL"), 0x62)));
});

Deno.test("an APNG says how often it is played, and 0 is for ever", () => {
  const parts = [{ color: RED, area: ALL }, { color: BLUE, area: ALL }];
  assertEquals(readPngHeader(apngOf(parts, 0))!.plays, Infinity);
  assertEquals(readPngHeader(apngOf(parts, 70_000))!.plays, 70_000);
});

Deno.test("around a first picture that is smaller than the screen there is the background", async () => {
  const bytes = apngOf(
    [{ color: RED, area: LEFT, disposal: 2 }, { color: BLUE, area: [3, 3, 1, 1] }],
    1,
    true,
  );
  assertEquals(await halves(bytes), [[rgb(RED), [...BACKGROUND]], Array(2).fill([...BACKGROUND])]);
});

Deno.test("an APNG whose first picture is damaged is damaged", async () => {
  const bytes = apngOf([{ color: RED, area: ALL }, { color: BLUE, area: ALL }], 1, true);
  const first = new TextDecoder("latin1").decode(bytes).indexOf("fdAT");
  bytes.fill(0xff, first + 8, first + 14);
  await assertRejects(() => halves(bytes), PictureError);
});

Deno.test("an APNG of two pictures is played as often as it says", async () => {
  const bytes = apngOf([{ color: RED, area: ALL }, { color: BLUE, area: ALL }], 3);
  const once = [Array(2).fill(rgb(RED)), Array(2).fill(rgb(BLUE))];
  assertEquals(await halves(bytes), [...once, ...once, ...once]);
});

Deno.test("an APNG is scaled by its first picture, not by one that is not a part of it", async () => {
  for (const pictures of [2, 3]) {
    const parts = Array.from({ length: pictures }, () => ({ color: RED, area: ALL }));
    const bytes = apngOf(parts, 1, true);
    const plan = planScaling(bytes, 2);
    assert(plan !== null && plan !== "fits");
    const { data } = await decoded((await scalePicture(bytes, plan)).bytes);
    assert(data[0] > 250 && data[2] < 5, `${data.subarray(0, 3)}`);
  }
});

Deno.test("an APNG whose second picture is damaged shows the first, and says so", async () => {
  const bytes = apngOf([{ color: RED, area: ALL }, { color: BLUE, area: ALL }], 1);
  const second = new TextDecoder("latin1").decode(bytes).indexOf("fdAT");
  bytes.fill(0xff, second + 8, second + 14);
  const remarks: string[] = [];
  const on = canvas(4, 2, { onRemark: (remark) => remarks.push(remark) });
  const colors: (readonly number[])[] = [];
  for await (const { text } of animate(bytes, on)) colors.push(colorOf(screenOf(text)[0][0]));
  assertEquals([colors.length, colors[0], remarks], [2, rgb(RED), ["damaged"]]);
});
