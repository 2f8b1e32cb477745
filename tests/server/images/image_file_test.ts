/** Reading an image file that somebody changes meanwhile. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { dirname, join } from "@std/path";
import { fileContent, readImage } from "../../../lib/server/images/image_content.ts";
import {
  ImageUnavailable,
  openImage,
  openImageSync,
} from "../../../lib/server/images/image_file.ts";

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7 + (i >> 8));

/** A change that only the ctime shows. */
const IN_PLACE = "in place, with its old time,";

/**
 * The ways to change a file: in place with size and time as before, longer, shorter, another file.
 */
const CHANGES: Record<string, (path: string) => Promise<void>> = {
  async [IN_PLACE](path) {
    const { atime, mtime } = await Deno.stat(path);
    using file = await Deno.open(path, { write: true });
    await file.write(new Uint8Array([255]));
    await file.utime(atime!, mtime!);
  },
  async "by a byte more"(path) {
    await Deno.writeFile(path, new Uint8Array(1), { append: true });
  },
  async "by a byte less"(path) {
    await Deno.truncate(path, CONTENT.length - 1);
  },
  async "to nothing"(path) {
    await Deno.truncate(path, 0);
  },
};

/** Opens an image of `CONTENT`. With `settle`, its time differs from that of a change after it. */
async function withImage(
  test: (opened: NonNullable<Awaited<ReturnType<typeof openImage>>>, path: string) => Promise<void>,
  settle = false,
) {
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  try {
    const path = join(directory, "a.png");
    await Deno.writeFile(path, CONTENT);
    if (settle) await untilClockTicks(directory, path);
    const opened = (await openImage(directory, "a.png"))!;
    try {
      await test(opened, path);
    } finally {
      opened.file.close();
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Waits until the clock of the file system shows a later time than a file has. */
async function untilClockTicks(directory: string, path: string): Promise<void> {
  const probe = join(directory, "probe");
  const { ctime } = await Deno.stat(path);
  for (;;) {
    await Deno.writeTextFile(probe, "");
    if ((await Deno.stat(probe)).ctime!.getTime() !== ctime!.getTime()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("an unchanged image is read whole, with its entity tag", () =>
  withImage(async ({ file, state }) => {
    const { etag, content } = await readImage(file, state, true);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", CONTENT));
    assertEquals(etag, `"${digest.toHex()}"`);
    assertEquals(content!.bytes, CONTENT);
  }));

for (const [how, change] of Object.entries(CHANGES)) {
  Deno.test(`an image that is changed ${how} before it is read gets no tag`, () =>
    withImage(async ({ file, state }, path) => {
      await change(path);
      await assertRejects(() => readImage(file, state, true), ImageUnavailable);
    }, how === IN_PLACE));

  Deno.test(`an image that is changed ${how} while it is sent is never sent to its end`, () =>
    withImage(async ({ file, state }, path) => {
      const source = await fileContent(file, state, 0, state.size);
      const into = new Uint8Array(state.size - 1);
      let sent = 0;
      while (sent < into.length) sent += (await source.read(into.subarray(sent)))!;
      await change(path);
      await assertRejects(() => source.read(new Uint8Array(10)), ImageUnavailable);
    }, how === IN_PLACE));
}

Deno.test("a range of an image is its bytes, and then null", () =>
  withImage(async ({ file, state }) => {
    const source = await fileContent(file, state, 1000, 1010);
    assertEquals(source.length, 10);
    const into = new Uint8Array(8);
    assertEquals(await source.read(into), 8);
    assertEquals(into, CONTENT.slice(1000, 1008));
    assertEquals(await source.read(into), 2);
    assertEquals(into.subarray(0, 2), CONTENT.slice(1008, 1010));
    assertEquals(await source.read(into), null);
  }));

Deno.test("neither way of opening opens what is not an image", () =>
  withImage(async (_, path) => {
    const directory = dirname(path);
    await Deno.mkdir(join(directory, "b.png"));
    await Deno.writeTextFile(join(directory, "a.txt"), "");
    await Deno.symlink("a.txt", join(directory, "c.png"));
    await Deno.symlink("a.png", join(directory, "d.txt"));
    for (const name of ["a.txt", "b.png", "c.png", "d.txt", "e.png", "../a.png"]) {
      assertEquals(
        [openImageSync(directory, name), await openImage(directory, name)],
        [null, null],
        name,
      );
    }
  }));

Deno.test({
  name: "a folder that is a link elsewhere while a file is opened opens nothing",
  ignore: Deno.build.os === "windows",
  async fn() {
    const outer = await Deno.makeTempDir({ prefix: "socketprogram-" });
    const { open, openSync } = Deno;
    try {
      const directory = join(outer, "images"), folder = join(directory, "f");
      await Deno.mkdir(folder, { recursive: true });
      await Deno.mkdir(join(outer, "elsewhere"));
      await Deno.writeTextFile(join(folder, "a.png"), "public");
      await Deno.writeTextFile(join(outer, "elsewhere", "a.png"), "secret");
      const restore = () => {
        Deno.removeSync(folder);
        Deno.renameSync(join(directory, "aside"), folder);
      };
      for (const isRestored of [true, false]) {
        // The folder becomes a link after its path was checked.
        Deno.openSync = (path, options) => {
          if (!String(path).endsWith("a.png")) return openSync(path, options);
          Deno.renameSync(folder, join(directory, "aside"));
          Deno.symlinkSync("../elsewhere", folder);
          const file = openSync(path);
          if (isRestored) restore();
          return file;
        };
        Deno.open = (path, options) => Promise.resolve(Deno.openSync(path, options));
        assertThrows(() => openImageSync(directory, "f/a.png"), ImageUnavailable);
        if (!isRestored) restore();
        await assertRejects(() => openImage(directory, "f/a.png"), ImageUnavailable);
        if (!isRestored) restore();
      }
    } finally {
      Object.assign(Deno, { open, openSync });
      await Deno.remove(outer, { recursive: true });
    }
  },
});
