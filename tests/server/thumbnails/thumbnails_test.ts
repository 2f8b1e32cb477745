/** Scaled images, from a request to the cache. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { encodePng } from "../../../lib/picture/formats/png/writer.ts";
import { identify, SCALER_VERSION } from "../../../lib/picture/mod.ts";
import { encodeJpeg } from "../../../lib/picture/scaling/jpeg_encoder.ts";
import { ImageUnavailable } from "../../../lib/server/images/image_file.ts";
import {
  type Image,
  ImageStore,
  MAX_CACHED_IMAGE_BYTES,
} from "../../../lib/server/images/image_store.ts";
import { ScalingPool, type ScalingResult } from "../../../lib/server/thumbnails/scaling_pool.ts";
import { ScalingBusy } from "../../../lib/server/thumbnails/scaling_queue.ts";
import { ThumbnailCache } from "../../../lib/server/thumbnails/thumbnail_cache.ts";
import { Thumbnails } from "../../../lib/server/thumbnails/thumbnails.ts";
import { paint } from "../../picture/support/painted.ts";

/** The time that the tests say it is: long after the files were written. */
const LATER = () => Date.now() + 60_000;

const SCALED: ScalingResult = {
  kind: "scaled",
  picture: { mediaType: "image/jpeg", bytes: new Uint8Array([1, 2, 3]) },
};

/** A pool that does at once what the test says, and counts. */
class FakePool {
  readonly size = 3;
  calls = 0;
  /** The file that it was given last. */
  bytes = new Uint8Array(0);
  result: ScalingResult | Error = SCALED;
  warm(): void {}
  scale(bytes: Uint8Array<ArrayBuffer>): Promise<ScalingResult> {
    this.calls++;
    this.bytes = bytes;
    return this.result instanceof Error
      ? Promise.reject(this.result)
      : Promise.resolve(this.result);
  }
  close() {}
}

/** A data directory with images, a store over them, and what scales them. */
class Bench implements AsyncDisposable {
  readonly log: string[] = [];
  readonly reports: unknown[] = [];
  readonly pool = new FakePool();
  readonly store: ImageStore;
  thumbnails!: Thumbnails;

  private constructor(readonly directory: string) {
    this.store = new ImageStore(join(directory, "images"));
  }

  static async make(pool?: ScalingPool, now: () => number = LATER): Promise<Bench> {
    const bench = new Bench(await Deno.makeTempDir({ prefix: "socketprogram-" }));
    await Deno.mkdir(join(bench.directory, "images"));
    await bench.start(pool, now);
    return bench;
  }

  /** Starts what scales, as the server does. */
  async start(pool?: ScalingPool, now: () => number = LATER): Promise<void> {
    const log = (line: string) => this.log.push(line);
    const cache = await ThumbnailCache.open(this.directory, { log });
    const report = (error: unknown) => this.reports.push(error);
    this.thumbnails = new Thumbnails({ cache, pool: pool ?? this.pool, log, report, now });
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return Deno.writeFile(join(this.directory, "images", name), bytes);
  }

  async image(name: string): Promise<Image> {
    const image = await this.store.find(name);
    assert(image !== null, name);
    return image;
  }

  async scaled(name: string, box = 160, noneMatch: string | null = null): Promise<Image> {
    const requester = () => ({ address: "192.0.2.1" });
    return await this.thumbnails.find(await this.image(name), { name, box, noneMatch, requester });
  }

  async assertAsItIs(name: string): Promise<void> {
    assertEquals((await this.scaled(name)).etag, (await this.image(name)).etag);
  }

  /** The names of the files in the cache. */
  kept(): string[] {
    return [...Deno.readDirSync(join(this.directory, ".thumbnails"))].map(({ name }) => name)
      .filter((name) => name !== "lock");
  }

  async [Symbol.asyncDispose]() {
    await this.thumbnails.close();
    await Deno.remove(this.directory, { recursive: true });
  }
}

const photos = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** A picture of this size, made once. */
function photo(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const size = `${width}x${height}`;
  let made = photos.get(size);
  if (made === undefined) {
    made = encodeJpeg(paint(width, height, (x, y) => [x & 255, y & 255, 90, 255]), 90);
    photos.set(size, made);
  }
  return made;
}

Deno.test("an image is scaled, under a tag of its own, with the time of the original", async () => {
  await using bench = await Bench.make(new ScalingPool({ size: 1 }));
  await bench.put("sea.jpg", await photo(800, 600));
  const original = await bench.image("sea.jpg");
  const scaled = await bench.scaled("sea.jpg", 320);
  assertEquals(scaled.mediaType, "image/jpeg");
  assertEquals(scaled.lastModified, original.lastModified);
  assertEquals(scaled.etag, `"${original.etag.slice(1, -1)}-320-v${SCALER_VERSION}"`);
  const { width, height } = identify(scaled.content!.bytes)!;
  assertEquals([width, height], [320, 240]);
  assertEquals((await bench.scaled("sea.jpg", 160)).etag === scaled.etag, false);
});

Deno.test("a transparent image becomes a PNG, whatever it was", async () => {
  await using bench = await Bench.make(new ScalingPool({ size: 1 }));
  const pixels = paint(400, 400, (x) => [200, 10, 10, x < 200 ? 255 : 0]);
  await bench.put("logo.png", await encodePng(pixels));
  assertEquals((await bench.scaled("logo.png")).mediaType, "image/png");
});

Deno.test("pictures that fit, and other files, are sent as they are without a Worker", async () => {
  await using bench = await Bench.make();
  await bench.put("small.jpg", await photo(100, 80));
  await bench.put("broken.jpg", new TextEncoder().encode("no picture"));
  for (const name of ["small.jpg", "broken.jpg"]) {
    await bench.assertAsItIs(name);
  }
  assertEquals(bench.pool.calls, 0);
});

Deno.test("a result comes from memory, and after a restart from disk", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  const first = await bench.scaled("sea.jpg");
  assertEquals(await bench.scaled("sea.jpg"), first);
  await bench.thumbnails.close();
  await bench.start();
  const again = await bench.scaled("sea.jpg");
  assertEquals([again.etag, again.content!.bytes], [first.etag, first.content!.bytes]);
  assertEquals(bench.pool.calls, 1);
  assertEquals(bench.kept().length, 1);
});

Deno.test("originals and finished results do not wait for images being scaled", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  await bench.put("sky.jpg", await photo(800, 500));
  await bench.scaled("sea.jpg");
  await bench.thumbnails.close();
  await bench.start();
  const busy = Promise.withResolvers<ScalingResult>();
  bench.pool.scale = () => busy.promise;
  const waiting = bench.scaled("sky.jpg");
  assertEquals((await bench.scaled("sea.jpg")).size, 3);
  assertEquals((await bench.image("sky.jpg")).mediaType, "image/jpeg");
  busy.resolve(SCALED);
  await waiting;
});

Deno.test("an image that was replaced is scaled anew", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  const first = await bench.scaled("sea.jpg");
  await bench.put("sea.jpg", await photo(801, 600));
  const second = await bench.scaled("sea.jpg");
  assertEquals([first.etag === second.etag, bench.pool.calls], [false, 2]);
});

Deno.test("two images of the same content share the result, each with its own time", async () => {
  await using bench = await Bench.make();
  for (const [name, time] of [["a.jpg", 1_500_000_000], ["b.jpg", 1_600_000_000]] as const) {
    await bench.put(name, await photo(800, 600));
    await Deno.utime(join(bench.directory, "images", name), time, time);
    assertEquals((await bench.scaled(name)).lastModified, time);
  }
  assertEquals(bench.pool.calls, 1);
});

Deno.test("a file of 200 MB is read whole and scaled, of a byte more sent as it is", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  const scaled = async (size: number, parts: number[][]) => {
    const open = () =>
      Promise.resolve({
        length: size,
        read(into: Uint8Array) {
          const part = parts.shift();
          if (part === undefined) return Promise.resolve(null);
          into.set(part);
          return Promise.resolve(part.length);
        },
        close() {},
      });
    const image = { ...await bench.image("sea.jpg"), etag: `"${size}"`, size, content: null, open };
    const requester = () => ({ address: "192.0.2.1" });
    const request = { name: "sea.jpg", box: 160, noneMatch: null, requester };
    return (await bench.thumbnails.find(image, request)).etag !== image.etag;
  };
  assertEquals(await scaled(5, [[1, 2], [3], [4, 5]]), true);
  assertEquals(bench.pool.bytes, new Uint8Array([1, 2, 3, 4, 5]));
  const largest = 200 * 1024 * 1024;
  assertEquals([await scaled(largest, []), await scaled(largest + 1, [])], [true, false]);
});

Deno.test("requests that come together share the work", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  await Promise.all(Array.from({ length: 20 }, () => bench.scaled("sea.jpg")));
  assertEquals(bench.pool.calls, 1);
});

Deno.test("an image changed within two seconds is scaled, but not cached", async () => {
  await using bench = await Bench.make(undefined, Date.now);
  // The clock of this file system is ahead of no test: a time to come is recent, too.
  await bench.put("sea.jpg", await photo(800, 600));
  const soon = new Date(Date.now() + 3600_000);
  await Deno.utime(join(bench.directory, "images", "sea.jpg"), soon, soon);
  await bench.scaled("sea.jpg");
  await bench.scaled("sea.jpg");
  bench.pool.result = { kind: "unscalable" };
  await bench.scaled("sea.jpg");
  await bench.scaled("sea.jpg");
  assertEquals([bench.pool.calls, bench.kept()], [4, []]);
});

Deno.test("an image is cached from 2001 ms after its change, not from 2000 ms", async () => {
  let now = 0;
  await using bench = await Bench.make(undefined, () => now);
  await bench.put("sea.jpg", await photo(800, 600));
  const { changed } = await bench.image("sea.jpg");
  for (const [age, calls] of [[2000, 1], [2000, 2], [2001, 3], [2001, 3]]) {
    now = changed + age;
    await bench.scaled("sea.jpg");
    assertEquals(bench.pool.calls, calls);
  }
});

Deno.test("a file that changes while it is read is unavailable", async () => {
  await using bench = await Bench.make();
  await bench.put("large.tif", new Uint8Array(MAX_CACHED_IMAGE_BYTES + 1));
  const before = await bench.image("large.tif");
  await bench.put("large.tif", new Uint8Array(MAX_CACHED_IMAGE_BYTES + 2));
  const requester = () => ({ address: "192.0.2.1" });
  const request = { name: "large.tif", box: 160, noneMatch: null, requester };
  await assertRejects(async () => await bench.thumbnails.find(before, request), ImageUnavailable);
  assertEquals(bench.kept(), []);
});

Deno.test("an image that cannot be decoded is remembered and sent as it is", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  bench.pool.result = { kind: "unscalable" };
  for (let time = 0; time < 3; time++) {
    await bench.assertAsItIs("sea.jpg");
  }
  assertEquals(bench.pool.calls, 1);
});

Deno.test("an image that takes too long is named in the log and sent as it is", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  bench.pool.result = { kind: "given-up" };
  await bench.assertAsItIs("sea.jpg");
  assertEquals(bench.log.length, 1);
  assert(bench.log[0].includes('"sea.jpg"'));
});

Deno.test("when nothing can be scaled, the original is not sent instead", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  bench.pool.result = new ScalingBusy("too much");
  await assertRejects(() => bench.scaled("sea.jpg"), ScalingBusy);
  bench.pool.result = SCALED;
  assertEquals((await bench.scaled("sea.jpg")).size, 3);
});

Deno.test("a fault of the scaler is reported; the image is sent as it is, and tried again", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  bench.pool.result = new Error("no codec");
  await bench.assertAsItIs("sea.jpg");
  assertEquals(bench.reports.length, 1);
  bench.pool.result = SCALED;
  assertEquals((await bench.scaled("sea.jpg")).size, 3);
});

Deno.test("a client that has the result gets 304 without scaling", async () => {
  await using bench = await Bench.make();
  await bench.put("sea.jpg", await photo(800, 600));
  const { etag } = await bench.image("sea.jpg");
  const tag = `"${etag.slice(1, -1)}-160-v${SCALER_VERSION}"`;
  assertEquals((await bench.scaled("sea.jpg", 160, `"other", ${tag}`)).etag, tag);
  assertEquals(bench.pool.calls, 0);
  for (const other of ["*", '"other"', etag]) await bench.scaled("sea.jpg", 160, other);
  assertEquals(bench.pool.calls, 1);
});

/** Puts the note of an image in the cache, as a server leaves it that ended. */
async function leaveNote(bench: Bench, name: string, attempt: 1 | 2): Promise<void> {
  const { etag } = await bench.image(name);
  const note = `note-${etag.slice(1, -1)}-320-v${SCALER_VERSION}`;
  await Deno.writeTextFile(join(bench.directory, ".thumbnails", note), `${attempt} ${name}`);
}

Deno.test("an image that crashed the server twice is sent as it is", async () => {
  await using bench = await Bench.make();
  await bench.put("bad.jpg", await photo(800, 600));
  await bench.thumbnails.close();
  await leaveNote(bench, "bad.jpg", 2);
  await bench.start();
  await bench.assertAsItIs("bad.jpg");
  assertEquals(bench.pool.calls, 0);
  assert(bench.log[0].includes('"bad.jpg"'));
});

Deno.test("images that were being scaled when the server ended are tried again, one at a time", async () => {
  await using bench = await Bench.make();
  const names = ["a.jpg", "b.jpg", "c.jpg"];
  for (const [i, name] of names.entries()) await bench.put(name, await photo(800, 600 + i));
  await bench.thumbnails.close();
  for (const name of names) await leaveNote(bench, name, 1);
  await bench.start();
  let running = 0, most = 0;
  bench.pool.scale = async () => {
    most = Math.max(most, ++running);
    bench.pool.calls++;
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    return SCALED;
  };
  const scaled = await Promise.all(names.map((name) => bench.scaled(name)));
  assertEquals(scaled.map(({ size }) => size), [3, 3, 3]);
  assertEquals([most, bench.pool.calls, bench.log.length], [1, 3, 3]);
  assertEquals(bench.kept().filter((name) => name.startsWith("note-")), []);
});
