/** The cache of scaled images on disk. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { ScaledPicture } from "../../../lib/picture/mod.ts";
import {
  LARGEST_ENTRY_BYTES,
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

Deno.test("kept thumbnails are read again, also by a later server", async () => {
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
  assertEquals(second.bytes, 2 * 4096 + 9033);
  await second.close();
});

Deno.test("only the server's user can access the folder and its files", async () => {
  if (Deno.build.os === "windows") return;
  await using data = await DataDirectory.make();
  await Deno.mkdir(data.file(""), { mode: 0o755 });
  const cache = await data.open();
  await cache.write(key(1), picture(10));
  await cache.begin(key(2), "sea.jpg");
  const mode = (path: string) => Deno.statSync(path).mode! & 0o777;
  assertEquals(mode(data.file("")), 0o700);
  for (const name of [...data.files(), "lock"]) assertEquals(mode(data.file(name)), 0o600, name);
  await cache.close();
});

Deno.test("a damaged entry is not served but removed", async () => {
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
  const first = await data.open({ maxBytes: 3 * 5033 });
  for (const digit of [1, 2, 3]) await first.write(key(digit), picture(5000));
  await first.read(key(1));
  await first.write(key(4), picture(5000));
  assertEquals(data.files(), [key(1), key(3), key(4)]);
  assertEquals(first.bytes, 3 * 5033);
  await first.write(key(5), picture(20_000));
  assertEquals(data.files(), [key(1), key(3), key(4)]);
  await first.close();
  const hour = (hours: number) => new Date(Date.now() - hours * 3600_000);
  for (const [digit, age] of [[1, 5], [3, 2], [4, 9]] as const) {
    await Deno.utime(data.file(key(digit)), hour(age), hour(age));
  }
  const second = await data.open({ maxBytes: 2 * 5033 });
  await second.measured;
  assertEquals(data.files(), [key(1), key(3)]);
  await second.close();
  await second.write(key(6), picture(10));
  assertEquals(data.files(), [key(1), key(3)], "nothing is kept once the folder is another's");
});

Deno.test("an entry that is no file, or far too large, is left alone", async () => {
  await using data = await DataDirectory.make();
  const cache = await data.open();
  await Deno.writeFile(data.file(key(1)), new Uint8Array());
  await Deno.truncate(data.file(key(1)), LARGEST_ENTRY_BYTES + 1);
  assertEquals([await cache.read(key(1)), data.files()], [null, [key(1)]]);
  await Deno.truncate(data.file(key(1)), LARGEST_ENTRY_BYTES);
  assertEquals([await cache.read(key(1)), data.files()], [null, []], "read, and found damaged");
  if (Deno.build.os !== "windows") {
    await new Deno.Command("mkfifo", { args: [data.file(key(2))] }).output();
    assertEquals([await cache.read(key(2)), data.files()], [null, [key(2)]]);
  }
  await cache.close();
});

Deno.test("an entry as large as the bound is kept, one byte more is not", async () => {
  await using data = await DataDirectory.make();
  const cache = await data.open({ maxBytes: 5033 });
  await cache.write(key(1), picture(5001));
  assertEquals(data.files(), []);
  await cache.write(key(1), picture(5000));
  assertEquals(data.files(), [key(1)]);
  await cache.close();
});

Deno.test("the time of a use is written an hour after the last, not before", async () => {
  await using data = await DataDirectory.make();
  let now = Date.UTC(2020, 0, 1);
  const cache = await data.open({ now: () => now });
  await cache.write(key(1), picture(10));
  const written = () => Deno.statSync(data.file(key(1))).mtime!.getTime();
  const before = written();
  now += 3600_000 - 1;
  await cache.read(key(1));
  assertEquals(written(), before);
  now++;
  await cache.read(key(1));
  while (written() === before) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(written(), now);
  await cache.close();
});

Deno.test("unfinished files of an earlier server, and other versions, are removed", async () => {
  await using data = await DataDirectory.make();
  await (await data.open()).close();
  const names = ["tmp-1234", `${hash(1)}-160-v0`, `note-${hash(2)}-160-v0`, "note-odd", "mine"];
  for (const name of names) await Deno.writeTextFile(data.file(name), "1 x");
  await Deno.writeTextFile(data.file(`note-${key(3)}`), "odd");
  const cache = await data.open();
  assertEquals(data.files(), ["mine"]);
  assertEquals(data.log, []);
  await cache.close();
});

/** Leaves the notes of a cache as a crash does: it is closed, and they are there again. */
async function crash(data: DataDirectory, cache: ThumbnailCache): Promise<void> {
  const notes = data.files().filter((name) => name.startsWith("note-"));
  const contents = notes.map((note) => Deno.readFileSync(data.file(note)));
  await cache.close();
  assertEquals(data.files(), []);
  notes.forEach((note, i) => Deno.writeFileSync(data.file(note), contents[i]));
}

Deno.test("an image that crashes the server twice is named and not tried for a day", async () => {
  await using data = await DataDirectory.make();
  const first = await data.open();
  await first.begin(key(1), "bad.jpg");
  await first.begin(key(2), "good.jpg");
  await first.begin(key(3), "done.jpg");
  await first.end(key(3));
  await crash(data, first);

  const second = await data.open();
  const suspects = (cache: ThumbnailCache) =>
    [1, 2, 3].map((digit) => cache.isSuspect(hash(digit)));
  const crashed = (cache: ThumbnailCache) =>
    [1, 2, 3].map((digit) => cache.hasCrashed(hash(digit)));
  assertEquals([suspects(second), crashed(second)], [[true, true, false], [false, false, false]]);
  assertEquals(data.log.length, 2);
  // Scaled at another size, it is cleared of both.
  const large = thumbnailKey(hash(2), 640);
  await second.begin(large, "good.jpg");
  await second.end(large);
  assertEquals(suspects(second), [true, false, false]);
  await second.begin(key(1), "bad.jpg");
  await second.begin(key(3), "done.jpg");
  await crash(data, second);

  for (let start = 0; start < 2; start++) {
    data.log.length = 0;
    const cache = await data.open();
    assertEquals([suspects(cache), crashed(cache)], [[false, false, true], [true, false, false]]);
    assertEquals(data.log.map((line) => /"(.*)"/.exec(line)?.[1]).sort(), ["bad.jpg", "done.jpg"]);
    assert(data.log.some((line) => line.includes('"bad.jpg", which is sent as it is for a day')));
    await cache.close();
  }
  const day = 24 * 3600_000, written = Date.UTC(2020, 0, 1);
  for (const file of data.files()) {
    await Deno.utime(data.file(file), written / 1000, written / 1000);
  }
  for (const [age, isKept] of [[day, true], [-day, true], [-day - 1, false]] as const) {
    const later = await data.open({ now: () => written + age });
    assertEquals([crashed(later)[0], data.files().length > 0], [isKept, isKept]);
    await later.close();
  }
});

Deno.test("a note that cannot be written is reported, and the image is scaled all the same", async () => {
  await using data = await DataDirectory.make();
  const cache = await data.open();
  await Deno.remove(data.file(""), { recursive: true });
  await cache.begin(key(1), "sea.jpg");
  assertEquals(data.log.length, 1);
  await cache.close();
});

/** A file system of so many bytes, mounted on a directory; null if this user may not mount. */
async function smallDisk(path: string, bytes: number): Promise<AsyncDisposable | null> {
  const run = async (command: string, ...args: string[]) =>
    (await new Deno.Command(command, { args, stderr: "null" }).output()).success;
  const isMounted = Deno.build.os === "linux" && Deno.uid() === 0 &&
    await run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path);
  return isMounted ? { [Symbol.asyncDispose]: async () => void await run("umount", path) } : null;
}

Deno.test("on a full disk the least recently used entries are removed, and no damaged one is read", async () => {
  await using data = await DataDirectory.make();
  await using disk = await smallDisk(data.path, 128 * 1024);
  if (disk === null) return console.log("skipped: no file system can be mounted");
  const cache = await data.open();
  for (let digit = 1; digit <= 9; digit++) await cache.write(key(digit), picture(20_000 + digit));
  const found: number[] = [];
  for (let digit = 1; digit <= 9; digit++) {
    const kept = await cache.read(key(digit));
    if (kept === null) continue;
    assertEquals(kept, picture(20_000 + digit));
    found.push(digit);
  }
  // A file takes six pages of the disk, so five fit.
  assertEquals([found, data.log], [[5, 6, 7, 8, 9], []]);
  // Somebody else takes what is left and what the oldest gave free.
  await Deno.writeFile(join(data.path, "large"), new Uint8Array(1024 * 1024)).catch(() => {});
  await cache.write(key(1), picture(60_000));
  const kept = await cache.read(key(1));
  assert(kept === null || kept.bytes.length === 60_000);
  assert(data.files().every((name) => !name.startsWith("tmp-")));
  await cache.close();
});

Deno.test("a full disk makes the least recently used go, another failure does not", async () => {
  await using data = await DataDirectory.make();
  for (const [code, kept] of [["ENOSPC", [2, 3]], ["EDQUOT", [2, 3]], ["EIO", [1, 2]]] as const) {
    let isRefused = false;
    const cache = await data.open({
      files: {
        async write(path, bytes) {
          if (isRefused && data.files().includes(key(1))) {
            throw Object.assign(new Error("refused"), { code });
          }
          await Deno.writeFile(path, bytes);
        },
      },
    });
    for (const digit of [1, 2]) await cache.write(key(digit), picture(5000));
    isRefused = true;
    await cache.write(key(3), picture(5000));
    assertEquals([data.files(), data.log.length], [kept.map(key), code === "EIO" ? 1 : 0]);
    for (const file of data.files()) await Deno.remove(data.file(file));
    await cache.close();
  }
});

Deno.test("a full disk is reported once, and leaves no files", async () => {
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
  isFull = true;
  await cache.write(key(2), picture(100));
  assertEquals(data.log.length, 2, "it filled up again");
  await cache.close();
});

Deno.test("a folder that another server uses, and a file in its place, are left unchanged", async () => {
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
