/** Which names of folders are kept in memory, and for how long. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { FolderIndex } from "../../../lib/server/listing/folder_index.ts";

/** A clock by which every change on disk was long ago. */
const later = () => Date.now() + 60_000;

/** A test with a directory of folders, each with so many images. */
function test(
  name: string,
  folders: Record<string, number>,
  run: (directory: string) => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
    try {
      for (const [folder, images] of Object.entries(folders)) {
        Deno.mkdirSync(join(directory, folder));
        for (let i = 0; i < images; i++) {
          Deno.writeTextFileSync(join(directory, folder, `${i}.jpg`), "");
        }
      }
      await run(directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

test("a count is known once a folder was read, until the folder changes", { a: 2 }, (directory) => {
  const index = new FolderIndex(directory, { now: later });
  index.names("");
  assertEquals(index.keptCount("a"), null);
  index.names("a");
  assertEquals(index.keptCount("a"), 2);
  Deno.utimeSync(join(directory, "a"), 1, 1);
  assertEquals(index.keptCount("a"), null);
  Deno.removeSync(join(directory, "a"), { recursive: true });
  assertEquals(index.keptCount("a"), null);
  assertEquals(index.names("a"), null);
});

test("a folder that cannot be read has no names", { a: 1 }, (directory) => {
  const { readDirSync } = Deno;
  try {
    Deno.readDirSync = () => {
      throw new Deno.errors.PermissionDenied("a");
    };
    assertEquals(new FolderIndex(directory).names("a"), null);
  } finally {
    Deno.readDirSync = readDirSync;
  }
});

test("names are kept once the folder's time stamp is old enough", { a: 1 }, (directory) => {
  for (const [milliseconds, tick] of [[500, 20], [0, 2000]]) {
    const changed = Date.UTC(2020, 0, 1, 0, 0, 0, milliseconds);
    Deno.utimeSync(join(directory, "a"), new Date(changed), new Date(changed));
    for (
      const [age, isKept] of [[tick, false], [tick + 1, true], [-tick, false], [-tick - 1, true]]
    ) {
      const index = new FolderIndex(directory, { now: () => changed + Number(age) });
      index.names("a");
      assertEquals(index.keptCount("a") !== null, isKept, `${age}`);
    }
  }
});

test("the least recently used folder is evicted first, and the capacity is kept", {
  a: 2,
  b: 2,
  c: 2,
}, (directory) => {
  // A folder counts for eight names beside its own.
  const index = new FolderIndex(directory, { now: later, maxNames: 20 });
  const kept = () => ["a", "b", "c"].filter((folder) => index.keptCount(folder) !== null).join("");
  index.names("a");
  index.names("b");
  assertEquals(kept(), "ab");
  index.names("a");
  index.names("c");
  assertEquals(kept(), "ac");
  for (const [maxNames, isKept] of [[10, true], [9, false]] as const) {
    const small = new FolderIndex(directory, { now: later, maxNames });
    assertEquals(small.names("a")?.images.length, 2);
    assertEquals(small.keptCount("a") !== null, isKept);
  }
});

test("a folder that is read again does not count twice", { a: 2, b: 2 }, (directory) => {
  const index = new FolderIndex(directory, { now: later, maxNames: 20 });
  index.names("b");
  for (let time = 1; time < 9; time++) {
    Deno.utimeSync(join(directory, "a"), time, time);
    index.names("a");
  }
  assertEquals([index.keptCount("a"), index.keptCount("b")], [2, 2]);
});

test(
  "requests made before a read begins share it, even if the folder changes",
  { a: 1 },
  (directory) => {
    const changed = Deno.statSync(join(directory, "a")).ctime!.getTime();
    const index = new FolderIndex(directory, { now: () => changed });
    const first = index.names("a", changed);
    assert(index.names("a", changed - 1) === first);
    assert(index.names("a", changed) !== first);
    assert(index.names("a") !== first);
  },
);
