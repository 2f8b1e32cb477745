/** Finding images: the cache, changes on disk, links and devices. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { createHash } from "node:crypto";
import type { BodySource } from "../../../lib/http/mod.ts";
import { ImageUnavailable } from "../../../lib/server/images/image_file.ts";
import {
  type Image,
  ImageStore,
  MAX_CACHED_IMAGE_BYTES,
} from "../../../lib/server/images/image_store.ts";

/** Long enough ago that another change would show in the time stamp. */
const LONG_AGO = new Date(Date.UTC(2020, 0, 1, 0, 0, 0, 500));

/**
 * A clock by which every change on disk was long ago: the system's own change time cannot be set.
 */
const LATER = { now: () => Date.now() + 60_000 };

async function withDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function put(directory: string, name: string, content: string | Uint8Array, at = LONG_AGO) {
  const path = join(directory, name);
  await Deno.writeFile(path, typeof content === "string" ? bytesOf(content) : content);
  await Deno.utime(path, at, at);
  return path;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function read(source: BodySource, piece = 1000): Promise<Uint8Array> {
  const parts: number[] = [];
  const into = new Uint8Array(piece);
  for (;;) {
    const count = await source.read(into);
    if (count === null) break;
    parts.push(...into.subarray(0, count));
  }
  source.close();
  return new Uint8Array(parts);
}

function tagOf(content: Uint8Array): string {
  return `"${createHash("sha256").update(content).digest("hex")}"`;
}

Deno.test("a small image is served from memory until it changes on disk", () =>
  withDirectory(async (directory) => {
    const store = new ImageStore(directory, LATER);
    await put(directory, "a.jpg", "one");
    const first = await store.find("a.jpg");
    assert(first !== null);
    assertEquals(first.content?.bytes, bytesOf("one") as Uint8Array<ArrayBuffer>);
    assertEquals(first.etag, tagOf(bytesOf("one")));
    assertEquals(first.lastModified, LONG_AGO.getTime() / 1000 - 0.5);
    assertEquals(first.mediaType, "image/jpeg");
    assert(store.find("a.jpg") === first, "the second time without a promise");

    await put(directory, "a.jpg", "two", new Date(LONG_AGO.getTime() + 1000));
    const second = await store.find("a.jpg");
    assertEquals(second?.content?.bytes, bytesOf("two") as Uint8Array<ArrayBuffer>);
    await Deno.remove(join(directory, "a.jpg"));
    assertEquals(await store.find("a.jpg"), null);
    assertEquals(store.cachedBytes, 0);
  }));

Deno.test("a change shows to the next request, however soon it comes", () =>
  withDirectory(async (directory) => {
    const store = new ImageStore(directory);
    const path = await put(directory, "a.jpg", "content 0");
    await store.find("a.jpg");
    for (let change = 1; change <= 100; change++) {
      assertNotEquals(store.find("a.jpg"), null);
      Deno.writeTextFileSync(path, `content ${change}`);
      Deno.utimeSync(path, LONG_AGO, new Date(LONG_AGO.getTime() + change));
      // What comes over a socket comes a microtask later at least.
      await Promise.resolve();
      assertEquals((await store.find("a.jpg"))?.etag, tagOf(bytesOf(`content ${change}`)));
    }
  }));

Deno.test("requests that arrive together share one lookup of the file", () =>
  withDirectory(async (directory) => {
    const store = new ImageStore(directory, LATER);
    const path = await put(directory, "a.jpg", "one");
    const first = await store.find("a.jpg");
    assert(store.find("a.jpg") === first);
    Deno.writeTextFileSync(path, "changed");
    assert(store.find("a.jpg") === first, "still in the same turn of the event loop");
    await Promise.resolve();
    assertEquals((await store.find("a.jpg"))?.etag, tagOf(bytesOf("changed")));
  }));

Deno.test("a file is looked up without reading it once its time stamp is old enough", () =>
  withDirectory(async (directory) => {
    // The clock of the file system ticks at least every 20 ms, or every 2 s if it stores seconds.
    for (const [milliseconds, tick] of [[500, 20], [0, 2000]]) {
      const changed = Date.UTC(2020, 0, 1, 0, 0, 0, milliseconds);
      await put(directory, "a.jpg", "one", new Date(changed));
      for (
        const [age, isSettled] of [
          [tick, false],
          [tick + 1, true],
          [-tick, false],
          [-tick - 1, true],
        ] as const
      ) {
        const store = new ImageStore(directory, { now: () => changed + age });
        await store.find("a.jpg");
        assertEquals(store.find("a.jpg") instanceof Promise, !isSettled, `${age}`);
      }
    }
  }));

Deno.test("a file put in another's place is noticed, same size and same time", () =>
  withDirectory(async (directory) => {
    const store = new ImageStore(directory);
    await put(directory, "a.jpg", "one");
    await store.find("a.jpg");
    await put(directory, "b.jpg", "two");
    await Deno.rename(join(directory, "b.jpg"), join(directory, "a.jpg"));
    assertEquals((await store.find("a.jpg"))?.etag, tagOf(bytesOf("two")));
  }));

Deno.test("a file changed in place is noticed, although its size and its time are set back", () =>
  withDirectory(async (directory) => {
    const store = new ImageStore(directory, LATER);
    const path = await put(directory, "a.jpg", "one");
    const { ctime } = Deno.statSync(path);
    await store.find("a.jpg");
    do await put(directory, "a.jpg", "two"); while (
      Deno.statSync(path).ctime?.getTime() === ctime?.getTime()
    );
    assertEquals((await store.find("a.jpg"))?.etag, tagOf(bytesOf("two")));
  }));

Deno.test("a file that has just changed is read again: its clock may not have ticked", () =>
  withDirectory(async (directory) => {
    const changed = new Date(LONG_AGO);
    const store = new ImageStore(directory, { now: () => changed.getTime() + 5 });
    const path = await put(directory, "a.jpg", "one", changed);
    await store.find("a.jpg");
    const file = await Deno.open(path, { write: true });
    await file.write(bytesOf("two"));
    await file.utime(changed, changed);
    file.close();
    assertEquals((await store.find("a.jpg"))?.etag, tagOf(bytesOf("two")));
  }));

Deno.test("memory is bounded: images that were requested once are evicted first", () =>
  withDirectory(async (directory) => {
    const bound = 22_000;
    const store = new ImageStore(directory, { ...LATER, cacheBytes: bound });
    for (const name of ["a.jpg", "b.jpg", "c.jpg"]) {
      await put(directory, name, new Uint8Array(5000));
    }
    await store.find("a.jpg");
    await store.find("b.jpg");
    await store.find("c.jpg");
    const isKept = (name: string) => !(store.find(name) instanceof Promise);
    assert(isKept("a.jpg") && isKept("c.jpg"));
    await put(directory, "d.jpg", new Uint8Array(5000));
    await store.find("d.jpg");
    assert(store.cachedBytes <= bound);
    assert(isKept("a.jpg") && isKept("c.jpg") && isKept("d.jpg"));
    assertEquals(isKept("b.jpg"), false);
    await store.find("b.jpg");
    for (let turn = 0; turn < 50; turn++) {
      await store.find("abcd"[turn * 7 % 4] + ".jpg");
      assert(store.cachedBytes <= bound);
    }
  }));

Deno.test("a large image is not kept: its tag is, and the bytes come from the file", () =>
  withDirectory(async (directory) => {
    const content = new Uint8Array(MAX_CACHED_IMAGE_BYTES + 1000).map((_, i) => i * 7 + (i >> 8));
    await put(directory, "big.png", content);
    const store = new ImageStore(directory);
    const image = await store.find("big.png");
    assert(image !== null && image.content === null);
    assertEquals(image.etag, tagOf(content));
    assert(store.cachedBytes < 10_000);
    const source = await image.open(10, 3010);
    assertEquals(source.length, 3000);
    assertEquals(await read(source, 777), content.slice(10, 3010));
  }));

Deno.test("an image of the largest size that is kept is kept, one byte more is not", () =>
  withDirectory(async (directory) => {
    const store = new ImageStore(directory);
    for (const more of [0, 1]) {
      const size = MAX_CACHED_IMAGE_BYTES + more;
      await put(directory, `${more}.png`, new Uint8Array(size));
      const image = await store.find(`${more}.png`);
      assertEquals([image?.size, image?.content?.length], [size, more === 0 ? size : undefined]);
    }
  }));

Deno.test("whether the directory exists is seen each time", () =>
  withDirectory(async (outer) => {
    const store = new ImageStore(join(outer, "images"));
    assertEquals(store.exists(), false);
    await Deno.writeTextFile(join(outer, "images"), "");
    assertEquals(store.exists(), false);
    await Deno.remove(join(outer, "images"));
    await Deno.mkdir(join(outer, "images"));
    assertEquals(store.exists(), true);
  }));

Deno.test("requests for one image at once share one reading", () =>
  withDirectory(async (directory) => {
    await put(directory, "big.png", new Uint8Array(MAX_CACHED_IMAGE_BYTES + 1));
    const store = new ImageStore(directory);
    const found = await Promise.all(Array.from({ length: 50 }, () => store.find("big.png")));
    assertEquals(new Set(found).size, 1);
  }));

Deno.test("a response whose file changes while it is sent is aborted", () =>
  withDirectory(async (directory) => {
    const size = MAX_CACHED_IMAGE_BYTES + 1;
    const path = join(directory, "big.png");
    const openNow = async () => {
      await put(directory, "big.png", new Uint8Array(size));
      const image = await new ImageStore(directory).find("big.png") as Image;
      return { image, source: await image.open(0, size) };
    };

    for (const change of [() => Deno.truncate(path, 10), () => put(directory, "big.png", "x")]) {
      const { source } = await openNow();
      await source.read(new Uint8Array(100));
      await change();
      await assertRejects(() => read(source, 65536), ImageUnavailable);
      source.close();
    }

    const { image, source: rewritten } = await openNow();
    await rewritten.read(new Uint8Array(100));
    await put(directory, "big.png", new Uint8Array(size).fill(1), new Date());
    await assertRejects(() => read(rewritten, 65536), ImageUnavailable);
    rewritten.close();
    await assertRejects(() => image.open(0, size), ImageUnavailable);
  }));

Deno.test("a file that is written constantly is unavailable after a bounded number of attempts", () =>
  withDirectory(async (directory) => {
    // Hashing takes tens of milliseconds of this thread, in steps between which the timer is due.
    const path = await put(directory, "log.png", new Uint8Array(16 * MAX_CACHED_IMAGE_BYTES));
    const grow = () => Deno.writeFileSync(path, new Uint8Array(1), { append: true });
    const timer = setInterval(grow, 1);
    const store = new ImageStore(directory);
    try {
      await assertRejects(async () => await store.find("log.png"), ImageUnavailable);
    } finally {
      clearInterval(timer);
    }
    assertNotEquals(await store.find("log.png"), null);
  }));

Deno.test("only regular image files inside the directory are served", () =>
  withDirectory(async (outer) => {
    const directory = join(outer, "images");
    await Deno.mkdir(join(directory, "sub", "dir.jpg"), { recursive: true });
    await Deno.mkdir(join(outer, "imagesecret"));
    await put(outer, "secret.jpg", "secret");
    await put(outer, "imagesecret/x.jpg", "secret");
    await put(directory, "notes.txt", "notes");
    await put(directory, ".hidden.jpg", "hidden");
    await put(directory, "sub/real.jpg", "real");
    const link = (target: string, name: string) => Deno.symlink(target, join(directory, name));
    await link("../secret.jpg", "out.jpg");
    await link(join(outer, "secret.jpg"), "out2.jpg");
    await link("..", "up");
    await link("../imagesecret", "sibling");
    await link("notes.txt", "notes.jpg");
    await link(".hidden.jpg", "hidden.jpg");
    await link("loop.jpg", "loop.jpg");
    await link("nowhere.jpg", "dangling.jpg");
    await link("/dev/zero", "zero.jpg");
    await link("sub/real.jpg", "inside.jpg");
    await link("sub", "subway");
    const fifo = await new Deno.Command("mkfifo", { args: [join(directory, "fifo.jpg")] }).output();
    assert(fifo.success);

    const store = new ImageStore(directory);
    const names = [
      "out.jpg",
      "out2.jpg",
      "up/secret.jpg",
      "sibling/x.jpg",
      "notes.jpg",
      "notes.txt",
    ]
      .concat("hidden.jpg", ".hidden.jpg", "loop.jpg", "dangling.jpg", "zero.jpg", "sub/dir.jpg")
      .concat("fifo.jpg", "sub", "../secret.jpg", "sub/../../secret.jpg", "missing.jpg")
      .concat("sub/real.jpg/x.jpg", "x".repeat(300) + ".jpg", join(outer, "secret.jpg"));
    for (const name of names) assertEquals(await store.find(name), null, name);
    for (const name of ["inside.jpg", "subway/real.jpg", "sub/real.jpg"]) {
      assertNotEquals(await store.find(name), null, name);
    }
  }));

Deno.test("no name leads out of the directory", () =>
  withDirectory(async (outer) => {
    const directory = join(outer, "images");
    await Deno.mkdir(join(directory, "sub"), { recursive: true });
    for (const name of ["secret.jpg", "users.json", "images.jpg"]) await put(outer, name, "secret");
    for (const name of ["a.jpg", "sub/a.jpg"]) await put(directory, name, "public");
    for (const name of [".a.jpg", "a.txt", "users.json"]) await put(directory, name, "secret");
    await Deno.symlink("..", join(directory, "up"));
    await Deno.symlink("../secret.jpg", join(directory, "sub", "out.jpg"));
    const store = new ImageStore(directory);
    const segment = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("sub", "up", "images") },
      { weight: 2, arbitrary: fc.constantFrom("a.jpg", "out.jpg", "secret.jpg") },
      { weight: 1, arbitrary: fc.constantFrom("", ".", "..", "...", "~", "C:", outer, directory) },
      { weight: 1, arbitrary: fc.constantFrom("%2e%2e", "..%2f", "%00", "\0", ".a.jpg", "a.txt") },
    );
    const separator = fc.constantFrom("/", "/", "/", "\\", "//", "/./", "%2f", "\u2215");
    const name = fc.array(fc.tuple(segment, separator), { maxLength: 4 })
      .chain((parts) => segment.map((last) => parts.flat().join("") + last));
    await fc.assert(
      fc.asyncProperty(name, async (name) => {
        const image = await store.find(name);
        if (image !== null) assertEquals(image.etag, tagOf(bytesOf("public")), name);
      }),
      { numRuns: 2000 },
    );
    assertNotEquals(await store.find("sub/a.jpg"), null);
  }));

Deno.test("a directory that is constantly swapped for a link never serves files outside", () =>
  withDirectory(async (outer) => {
    const directory = join(outer, "images");
    const [way, aside] = [join(directory, "way"), join(directory, "aside")];
    await Deno.mkdir(way, { recursive: true });
    await Deno.mkdir(join(outer, "outside"));
    await put(way, "a.jpg", "public");
    await put(outer, "outside/a.jpg", "secret");
    let swapping = true;
    const swap = async () => {
      while (swapping) {
        await Deno.rename(way, aside);
        await Deno.symlink("../outside", way);
        await Deno.remove(way);
        await Deno.rename(aside, way);
      }
    };
    const swapped = swap();
    const find = async (name: string) => {
      try {
        return await new ImageStore(directory).find(name);
      } catch (error) {
        if (error instanceof ImageUnavailable) return null;
        throw error;
      }
    };
    const seen = new Set<string | undefined>();
    for (let turn = 0; turn < 1000; turn++) {
      // A new store each time, so that the file is looked up and opened each time.
      seen.add((await find("way/a.jpg"))?.etag);
    }
    swapping = false;
    await swapped;
    assertEquals(seen.has(tagOf(bytesOf("secret"))), false);
    assertEquals((await find("way/a.jpg"))?.etag, tagOf(bytesOf("public")));
  }));

Deno.test("a cached image whose path comes to lead out of the directory is not found", () =>
  withDirectory(async (outer) => {
    const directory = join(outer, "images");
    await Deno.mkdir(join(directory, "sub"), { recursive: true });
    await Deno.mkdir(join(outer, "elsewhere"));
    await put(directory, "sub/a.jpg", "one");
    await put(outer, "elsewhere/a.jpg", "two");
    const store = new ImageStore(directory);
    assertNotEquals(await store.find("sub/a.jpg"), null);
    await Deno.rename(join(directory, "sub"), join(directory, "old"));
    await Deno.symlink(join(outer, "elsewhere"), join(directory, "sub"));
    assertEquals(await store.find("sub/a.jpg"), null);
  }));

Deno.test("a directory that does not exist yet has no images, and then has", () =>
  withDirectory(async (outer) => {
    const directory = join(outer, "later");
    const store = new ImageStore(directory);
    assertEquals(await store.find("a.jpg"), null);
    await Deno.mkdir(directory);
    await put(directory, "a.jpg", "one");
    assertNotEquals(await store.find("a.jpg"), null);
  }));
