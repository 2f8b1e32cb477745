import { assert, assertEquals } from "@std/assert";
import { animate, draw, isAnimated } from "../../../lib/picture/mod.ts";
import { readGifHeader } from "../../../lib/picture/formats/gif/header.ts";
import { screenOf } from "../../../tools/screens/terminal_screen.ts";
import { canvas, colorOf, fixture } from "../support/pictures.ts";

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
  assertEquals(readGifHeader(await fixture("interlaced.gif"))?.plays, 1);
});

Deno.test("an endless animation stops when nobody asks for more", async () => {
  const endless = (await fixture(ANIMATION)).slice();
  const loop = new TextDecoder("latin1").decode(endless).indexOf("NETSCAPE2.0");
  endless.set([0, 0], loop + 13);
  let frames = 0;
  for await (const _ of animate(endless, ON)) if (++frames === 30) break;
  assertEquals(frames, 30);
});
