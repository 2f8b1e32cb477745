/**
 * Lists and scaled images as the server gives them, and how long a key check takes meanwhile.
 *
 *     deno run -A bench/programs/server_images.ts [lists | photographs] [thumbnails]
 *     SOCKETPROGRAM_SERVER=build/server deno run -A bench/programs/server_images.ts
 *
 * `thumbnails` is how many photographs of 12 megapixels are scaled beside the key checks; 1000 if
 * it is not given. What scaling one of 24 megapixels takes is measured before, with a tenth of
 * these.
 */
import { join } from "@std/path";
import type { Size } from "../../lib/picture/mod.ts";
import {
  type RunningServer,
  startServer,
  temporaryDirectory,
} from "../../tests/e2e/support/programs.ts";
import { Browser } from "../../tests/server/support/browser.ts";
import { deadLeaves } from "../support/dead_leaves.ts";
import { openLoop, percentile } from "../support/open_loop.ts";
import { processorSeconds } from "../support/process_stat.ts";
import { run } from "../support/scenes.ts";

const IMAGES = 100_000, FOLDERS = 50_000;

/** A photograph of a camera, and one of a telephone. */
const CAMERA = { width: 6000, height: 4000 }, TELEPHONE = { width: 4000, height: 3000 };

const parts = Deno.args.filter((argument) => /^[a-z]/.test(argument));
const THUMBNAILS = Number(Deno.args.find((argument) => /^\d/.test(argument)) ?? 1000);

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

function halves(latencies: readonly number[]): string {
  const sorted = Float64Array.from(latencies).sort();
  const [median, most] = [0.5, 0.95].map((part) => percentile(sorted, part).toFixed(1));
  return `median ${median} ms, 95 % within ${most} ms`;
}

/** Milliseconds of a request and of reading its response. */
async function time(browser: Browser, path: string): Promise<number> {
  const begun = performance.now();
  const response = await browser.get(path);
  await response.bytes();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return performance.now() - begun;
}

/** How often a list is asked for again, at once and when its files are looked at again. */
const AT_ONCE_LISTS = 40, LATER_LISTS = 20;

/** Milliseconds after which the server looks at the files of a list again. */
const LATER_MS = 1100;

/** How long a person thinks between raising the privilege and asking for a list, milliseconds. */
const PAUSE_MS = 2000;

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
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  let cold = 0;
  const checks = await checkKeysDuring(server, browser.cookies, async () => {
    cold = await time(browser, "/list");
  });
  const again: number[] = [], later: number[] = [];
  for (let i = 0; i < AT_ONCE_LISTS; i++) again.push(await time(browser, "/list"));
  for (let i = 0; i < LATER_LISTS; i++) {
    await new Promise((resolve) => setTimeout(resolve, LATER_MS));
    later.push(await time(browser, "/list"));
  }
  console.log(`${name}: first page ${cold.toFixed(0)} ms cold`);
  console.log(`  warm, within a second of another: ${halves(again)}`);
  console.log(`  warm, more than a second later: ${halves(later)}`);
  console.log(`  key checks meanwhile: ${spread(checks)}`);
}

/** Writes a photograph in files that differ in a comment, `0.jpg` and so on. */
async function writePhotographs(folder: string, size: Size, count: number): Promise<void> {
  const leaves = join(folder, "leaves.ppm"), large = join(folder, "large.jpg");
  await Deno.writeFile(leaves, deadLeaves(size.width / 4, size.height / 4));
  await run("convert", [leaves, "-scale", "400%", "-quality", "90", large]);
  const photo = await Deno.readFile(large);
  await Promise.all([leaves, large].map((path) => Deno.remove(path)));
  const megapixels = size.width * size.height / 1e6;
  console.log(`photographs: ${megapixels} megapixels, ${(photo.length / 1e6).toFixed(1)} MB each`);
  // The marker of the file, that of a comment, and its length.
  const file = new Uint8Array(COMMENT_BYTES + photo.length);
  file.set([0xff, 0xd8, 0xff, 0xfe, 0, COMMENT_BYTES - 2]);
  file.set(photo.subarray(2), 2 + COMMENT_BYTES);
  for (let i = 0; i < count; i++) {
    file.set(new TextEncoder().encode(String(i).padStart(COMMENT_BYTES - 4)), 6);
    await Deno.writeFile(join(folder, `${i}.jpg`), file);
  }
}

/** Bytes of a comment with its marker and its length. */
const COMMENT_BYTES = 12;

/** A server with photographs, whose Workers and codecs are loaded. */
async function withPhotographs(
  size: Size,
  count: number,
  measure: (server: RunningServer, browser: Browser) => Promise<void>,
): Promise<void> {
  await using home = await temporaryDirectory();
  const images = join(home.path, "images");
  await Deno.mkdir(images);
  await writePhotographs(images, size, count);
  await using server = await startServer(home.path, ["--quiet"]);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  await Promise.all([0, 1, 2, 3].map((i) => time(browser, `/images?url=${i}.jpg&fit=160x160`)));
  await measure(server, browser);
}

/** What a thumbnail of a large photograph takes, one after the other. */
async function measureWork() {
  const count = Math.max(4, Math.floor(THUMBNAILS / 10));
  await withPhotographs(CAMERA, count, async (server, browser) => {
    const path = (number: number) => `/images?url=${number}.jpg`;
    // Read and hashed, so that only scaling is left.
    for (let i = 0; i < count; i++) {
      const response = await browser.get(path(i), { "If-None-Match": "*" });
      await response.bytes();
    }
    const before = processorSeconds(server.process.pid);
    for (let i = 0; i < count; i++) await time(browser, `${path(i)}&fit=320x320`);
    const each = (processorSeconds(server.process.pid) - before) / count * 1000;
    console.log(`  a thumbnail of 320: ${each.toFixed(0)} ms of processor time`);
  });
}

async function measureThumbnails() {
  await withPhotographs(TELEPHONE, THUMBNAILS, async (server, browser) => {
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
    console.log(`  one that was made before: ${halves(again)}`);
  });
}

async function measureLists() {
  await measureList(`a folder of ${IMAGES} images`, async (folder) => {
    for (let i = 0; i < IMAGES; i++) {
      await Deno.writeFile(join(folder, `img${i}.jpg`), new Uint8Array());
    }
  });
  await measureList(`a folder of ${FOLDERS} folders`, async (folder) => {
    for (let i = 0; i < FOLDERS; i++) await Deno.mkdir(join(folder, `day${i}`));
  });
}

if (!parts.includes("photographs")) await measureLists();
if (!parts.includes("lists")) {
  await measureWork();
  await measureThumbnails();
}
