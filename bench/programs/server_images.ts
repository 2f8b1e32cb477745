/**
 * Lists and scaled images as the server gives them, and how long a key check takes meanwhile.
 *
 *     deno run -A bench/programs/server_images.ts [thumbnails]
 *     SOCKETPROGRAM_SERVER=build/server deno run -A bench/programs/server_images.ts
 *
 * `thumbnails` is how many photographs are scaled; 1000 if it is not given.
 */
import { join } from "@std/path";
import { encodeJpeg } from "../../lib/picture/scaling/jpeg_encoder.ts";
import {
  type RunningServer,
  startServer,
  temporaryDirectory,
} from "../../tests/e2e/support/programs.ts";
import { Browser } from "../../tests/server/support/browser.ts";
import { deadLeaves } from "../support/dead_leaves.ts";
import { openLoop, percentile } from "../support/open_loop.ts";
import { processorSeconds } from "../support/process_stat.ts";

const IMAGES = 100_000, FOLDERS = 50_000;
const PHOTO_WIDTH = 6000, PHOTO_HEIGHT = 4000;
const THUMBNAILS = Number(Deno.args[0] ?? 1000);

/** Requests for thumbnails in flight, as six browsers have. */
const AT_ONCE = 36;

/** Key checks a second, and for how many seconds at a time. */
const CHECKS_PER_SECOND = 200, CHECKED_SECONDS = 2;

/** Runs `work` while keys are checked; returns the latencies in ascending order, milliseconds. */
async function checkKeysDuring(
  server: RunningServer,
  cookies: string,
  work: () => Promise<unknown>,
): Promise<Float64Array> {
  const request = new TextEncoder().encode(
    `HEAD /images HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookies}\r\n\r\n`,
  );
  let isDone = false;
  const working = work().finally(() => isDone = true);
  const latencies: number[] = [];
  do {
    latencies.push(
      ...await openLoop({
        port: server.port,
        request,
        perSecond: CHECKS_PER_SECOND,
        seconds: CHECKED_SECONDS,
      }),
    );
  } while (!isDone);
  await working;
  return Float64Array.from(latencies).sort();
}

function spread(latencies: Float64Array): string {
  const [median, most] = [0.5, 0.99].map((part) => percentile(latencies, part).toFixed(1));
  const worst = latencies[latencies.length - 1].toFixed(1);
  return `median ${median} ms, 99 % within ${most} ms, at most ${worst} ms`;
}

/** Milliseconds of a request and of reading its response. */
async function time(browser: Browser, path: string): Promise<number> {
  const begun = performance.now();
  const response = await browser.get(path);
  await response.bytes();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return performance.now() - begun;
}

/** Lists a folder cold and warm, with the key checks of the cold time. */
async function measureList(name: string, fill: (folder: string) => Promise<void>) {
  await using home = await temporaryDirectory();
  const images = join(home.path, "images");
  await Deno.mkdir(images);
  await fill(images);
  // Nothing is kept of a folder that changed within two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await using server = await startServer(home.path, ["--quiet"]);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  let cold = 0;
  const checks = await checkKeysDuring(server, browser.cookies, async () => {
    cold = await time(browser, "/list");
  });
  const warm: number[] = [];
  for (let i = 0; i < 9; i++) warm.push(await time(browser, "/list"));
  warm.sort((a, b) => a - b);
  console.log(`${name}: first page ${cold.toFixed(0)} ms cold, ${warm[4].toFixed(1)} ms warm`);
  console.log(`  key checks meanwhile: ${spread(checks)}`);
}

/** Makes a photograph, and copies of it that differ in a comment. */
async function* photographs(count: number): AsyncGenerator<Uint8Array> {
  const rgb = deadLeaves(PHOTO_WIDTH / 4, PHOTO_HEIGHT / 4);
  const rgba = new Uint8Array(PHOTO_WIDTH * PHOTO_HEIGHT * 4);
  const across = PHOTO_WIDTH / 4;
  for (let y = 0, to = 0; y < PHOTO_HEIGHT; y++) {
    for (let x = 0; x < PHOTO_WIDTH; x++, to += 4) {
      const from = ((y >> 2) * across + (x >> 2)) * 3;
      for (let c = 0; c < 3; c++) rgba[to + c] = rgb[from + c];
      rgba[to + 3] = 255;
    }
  }
  const photo = await encodeJpeg({ width: PHOTO_WIDTH, height: PHOTO_HEIGHT, rgba }, 80);
  console.log(`photographs: 24 megapixels, ${(photo.length / 1e6).toFixed(1)} MB each`);
  for (let i = 0; i < count; i++) {
    const comment = new TextEncoder().encode(String(i).padStart(8));
    yield new Uint8Array([...[0xff, 0xd8, 0xff, 0xfe, 0, 10], ...comment, ...photo.subarray(2)]);
  }
}

async function measureThumbnails() {
  await using home = await temporaryDirectory();
  const images = join(home.path, "images");
  await Deno.mkdir(images);
  let written = 0;
  for await (const photo of photographs(THUMBNAILS)) {
    await Deno.writeFile(join(images, `${written++}.jpg`), photo);
  }
  await using server = await startServer(home.path, ["--quiet"]);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  // The Workers and their codecs are loaded.
  for (let i = 0; i < 4; i++) await time(browser, `/images?url=${i}.jpg&fit=160x160`);
  const alone = await checkKeysDuring(server, browser.cookies, () => Promise.resolve());
  const before = processorSeconds(server.process.pid);
  const begun = performance.now();
  let next = 0;
  const checks = await checkKeysDuring(server, browser.cookies, async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (next < THUMBNAILS) await time(browser, `/images?url=${next++}.jpg&fit=320x320`);
    }));
  });
  const seconds = (performance.now() - begun) / 1000;
  const each = (processorSeconds(server.process.pid) - before) / THUMBNAILS * 1000;
  console.log(`${THUMBNAILS} thumbnails of 320: ${seconds.toFixed(1)} s`);
  console.log(`  ${each.toFixed(0)} ms of processor time each, reading and hashing included`);
  console.log(`  key checks meanwhile: ${spread(checks)}`);
  console.log(`  key checks alone: ${spread(alone)}`);
  const again: number[] = [];
  for (let i = 0; i < Math.min(100, THUMBNAILS); i++) {
    again.push(await time(browser, `/images?url=${i}.jpg&fit=320x320`));
  }
  again.sort((a, b) => a - b);
  console.log(`  one that was made before: ${again[again.length >> 1].toFixed(1)} ms`);
}

await measureList(`a folder of ${IMAGES} images`, async (folder) => {
  for (let i = 0; i < IMAGES; i++) {
    await Deno.writeFile(join(folder, `img${i}.jpg`), new Uint8Array());
  }
});
await measureList(`a folder of ${FOLDERS} folders`, async (folder) => {
  for (let i = 0; i < FOLDERS; i++) await Deno.mkdir(join(folder, `day${i}`));
});
await measureThumbnails();
