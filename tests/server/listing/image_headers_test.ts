/** Facts of images: how far into a file they are looked for, and for how long they are kept. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ImageHeaders } from "../../../lib/server/listing/image_headers.ts";

/** A JPEG of 300 × 200 pixels that says so behind so many bytes of comments. */
function jpegOf(comments: number): Uint8Array {
  const frame = [0xff, 0xc0, 0, 8, 8, 0, 200, 1, 44, 3];
  const bytes = new Uint8Array(2 + comments + frame.length);
  bytes.set([0xff, 0xd8]);
  let at = 2;
  for (let left = comments; left > 0;) {
    // A comment has at least its marker and its length.
    const length = left > 65_537 + 4 ? 65_537 : left;
    bytes.set([0xff, 0xfe, length - 2 >> 8, length - 2 & 255], at);
    at += length;
    left -= length;
  }
  bytes.set(frame, at);
  return bytes;
}

async function withDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the size is found if it stands in the first 512 KB, read at once or step by step", () =>
  withDirectory(async (directory) => {
    // Where the header ends: in each step, at its end, and behind it.
    for (const end of [12, 4096, 4097, 65_536, 65_537, 524_288, 524_289]) {
      await Deno.writeFile(join(directory, "a.jpg"), jpegOf(end - 12));
      const { mtime } = await Deno.stat(join(directory, "a.jpg"));
      const known = end <= 524_288;
      const expected = {
        type: "image/jpeg",
        bytes: end,
        modified: Math.floor(mtime!.getTime() / 1000),
        width: known ? 300 : null,
        height: known ? 200 : null,
      };
      assertEquals(new ImageHeaders(directory).readSync("a.jpg"), expected);
      assertEquals(await new ImageHeaders(directory).read("a.jpg"), expected);
    }
  }));

Deno.test("of a large file, no more is read than its header takes", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "a.jpg");
    await Deno.writeFile(path, jpegOf(0));
    await Deno.truncate(path, 1024 * 1024);
    assertEquals(new ImageHeaders(directory).readSync("a.jpg")?.width, 300);
  }));

Deno.test("headers are kept until the file changes, up to the capacity", () =>
  withDirectory(async (directory) => {
    const headers = new ImageHeaders(directory, 2);
    for (const name of ["a", "b", "c"]) {
      await Deno.writeFile(join(directory, `${name}.jpg`), jpegOf(0));
      assertEquals(headers.kept(`${name}.jpg`), undefined);
      const facts = headers.readSync(`${name}.jpg`);
      assertEquals(headers.kept(`${name}.jpg`), facts);
    }
    const kept = () =>
      ["a", "b", "c"].filter((name) => headers.kept(`${name}.jpg`) !== undefined).join("");
    assertEquals(kept(), "bc");
    await Deno.writeFile(join(directory, "b.jpg"), jpegOf(4));
    assertEquals(kept(), "c");
    await Deno.remove(join(directory, "c.jpg"));
    assertEquals(kept(), "");
    for (const name of ["c.jpg", "c.txt"]) {
      assertEquals([headers.readSync(name), await headers.read(name)], [undefined, undefined]);
    }
  }));
