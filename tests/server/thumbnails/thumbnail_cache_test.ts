/** The cache of scaled images on disk. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { ScaledPicture } from "../../../lib/picture/mod.ts";
import {
  ThumbnailCache,
  type ThumbnailCacheOptions,
  thumbnailKey,
} from "../../../lib/server/thumbnails/thumbnail_cache.ts";

/** The SHA-256 of an image, made up. */
const hash = (digit: number) => String(digit).repeat(64);
const key = (digit: number) => thumbnailKey(hash(digit), 160);

function picture(length: number): ScaledPicture {
  return { mediaType: "image/jpeg", bytes: new Uint8Array(length).map((_, i) => i & 255) };
}

class DataDirectory implements AsyncDisposable {
  readonly log: string[] = [];
  private constructor(readonly path: string) {}

  static async make(): Promise<DataDirectory> {
    return new DataDirectory(await Deno.makeTempDir({ prefix: "socketprogram-" }));
  }

  async open(options: ThumbnailCacheOptions = {}): Promise<ThumbnailCache> {
    const cache = await this.openOrNull(options);
    assert(cache !== null, this.log.join());
    return cache;
  }

  openOrNull(options: ThumbnailCacheOptions = {}): Promise<ThumbnailCache | null> {
    return ThumbnailCache.open(this.path, { log: (line) => this.log.push(line), ...options });
  }

  file(name: string): string {
    return join(this.path, ".thumbnails", name);
  }

  /** The names of all files but the lock. */
  files(): string[] {
    return [...Deno.readDirSync(this.file(""))].map(({ name }) => name)
      .filter((name) => name !== "lock").sort();
  }

  async [Symbol.asyncDispose]() {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("what is kept is read again, by a later server too", async () => {
  await using data = await DataDirectory.make();
  const first = await data.open();
  await first.write(key(1), picture(1000));
  await first.write(key(2), { ...picture(9000), mediaType: "image/png" });
  assertEquals(await first.read(key(1)), picture(1000));
  await first.write(key(4), picture(0));
  assertEquals(await first.read(key(4)), picture(0));
  await first.close();
  const second = await data.open();
  assertEquals(await second.read(key(2)), { ...picture(9000), mediaType: "image/png" });
  assertEquals(await second.read(key(3)), null);
  await second.measured;
  assertEquals(second.bytes, 2 * 4096 + 9045);
  await second.close();
});

Deno.test("folder and files are for the server's user alone", async () => {
  if (Deno.build.os === "windows") return;
  await using data = await DataDirectory.make();
  const cache = await data.open();
  await cache.write(key(1), picture(10));
  await cache.begin(key(2), "sea.jpg");
  const mode = (path: string) => Deno.statSync(path).mode! & 0o777;
  assertEquals(mode(data.file("")), 0o700);
  for (const name of [...data.files(), "lock"]) assertEquals(mode(data.file(name)), 0o600, name);
  await cache.close();
});

Deno.test("a damaged entry is not served and goes", async () => {
  await using data = await DataDirectory.make();
  const cache = await data.open();
  await cache.write(key(1), picture(1000));
  const whole = await Deno.readFile(data.file(key(1)));
  const flipped = whole.slice();
  flipped[500] ^= 1;
  const longer = new Uint8Array([...whole, 0]);
  for (const bytes of [flipped, longer, whole.subarray(0, 900), new Uint8Array(0)]) {
    await Deno.writeFile(data.file(key(1)), bytes);
    assertEquals(await cache.read(key(1)), null);
    assertEquals(data.files(), []);
  }
  // The entry of another image under this one's name.
  await Deno.writeFile(data.file(key(2)), whole);
  assertEquals(await cache.read(key(2)), null);
  await cache.close();
});

Deno.test("beyond the bound the least recently used goes first, across restarts", async () => {
  await using data = await DataDirectory.make();
  const first = await data.open({ maxBytes: 3 * 5045 });
  for (const digit of [1, 2, 3]) await first.write(key(digit), picture(5000));
  await first.read(key(1));
  await first.write(key(4), picture(5000));
  assertEquals(data.files(), [key(1), key(3), key(4)]);
  assertEquals(first.bytes, 3 * 5045);
  await first.write(key(5), picture(20_000));
  assertEquals(data.files(), [key(1), key(3), key(4)]);
  await first.close();
  const hour = (hours: number) => new Date(Date.now() - hours * 3600_000);
  for (const [digit, age] of [[1, 5], [3, 2], [4, 9]] as const) {
    await Deno.utime(data.file(key(digit)), hour(age), hour(age));
  }
  const second = await data.open({ maxBytes: 2 * 5045 });
  await second.measured;
  assertEquals(data.files(), [key(1), key(3)]);
  await second.close();
});

Deno.test("what an earlier server left half done, and other versions, are removed", async () => {
  await using data = await DataDirectory.make();
  await (await data.open()).close();
  for (const name of ["tmp-1234", `${hash(1)}-160-v0`, `note-${hash(2)}-160-v0`, "note-odd"]) {
    await Deno.writeTextFile(data.file(name), "x");
  }
  const cache = await data.open();
  assertEquals(data.files(), []);
  assertEquals(data.log, []);
  await cache.close();
});

Deno.test("an image that ended the server is named and not tried for a day", async () => {
  await using data = await DataDirectory.make();
  const first = await data.open();
  await first.begin(key(1), "bad.jpg");
  await first.begin(key(2), "good.jpg");
  await first.end(key(2));
  // As a crash leaves it.
  const note = await Deno.readFile(data.file(`note-${key(1)}`));
  await first.close();
  assertEquals(data.files(), []);
  await Deno.writeFile(data.file(`note-${key(1)}`), note);
  for (let start = 0; start < 2; start++) {
    const cache = await data.open();
    assertEquals([cache.hasCrashed(hash(1)), cache.hasCrashed(hash(2))], [true, false]);
    assertEquals(data.log.length, start + 1);
    assert(data.log[start].includes('"bad.jpg"'));
    await cache.close();
  }
  const yesterday = new Date(Date.now() - 25 * 3600_000);
  await Deno.utime(data.file(`note-${key(1)}`), yesterday, yesterday);
  const later = await data.open();
  assertEquals([later.hasCrashed(hash(1)), data.files()], [false, []]);
  await later.close();
});

Deno.test("a full disk is told once, and leaves nothing behind", async () => {
  await using data = await DataDirectory.make();
  let isFull = true;
  const cache = await data.open({
    files: {
      async write(path, bytes) {
        await Deno.writeFile(path, isFull ? bytes.subarray(0, 10) : bytes);
        if (isFull) throw new Error("No space left on device (os error 28)");
      },
    },
  });
  await cache.write(key(1), picture(100));
  await cache.write(key(2), picture(100));
  assertEquals(data.files(), []);
  assertEquals(data.log.length, 1);
  assert(data.log[0].includes("No space left on device"));
  isFull = false;
  await cache.write(key(1), picture(100));
  assertEquals(await cache.read(key(1)), picture(100));
  await cache.close();
});

Deno.test("a folder that another server uses, or that is none, is left alone", async () => {
  await using data = await DataDirectory.make();
  const first = await data.open();
  assertEquals(await data.openOrNull(), null);
  assert(data.log[0].includes("another server uses it"));
  await first.close();
  await Deno.remove(data.file(""), { recursive: true });
  await Deno.writeTextFile(join(data.path, ".thumbnails"), "mine");
  assertEquals(await data.openOrNull(), null);
  assertEquals(await Deno.readTextFile(join(data.path, ".thumbnails")), "mine");
});
