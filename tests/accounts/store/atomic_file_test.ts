import { assertEquals, assertRejects } from "@std/assert";
import {
  overwriteFile,
  restrictFile,
  writeFileAtomic,
} from "../../../lib/accounts/store/atomic_file.ts";
import { SimulatedDisk } from "../support/simulated_disk.ts";

const PATH = "/data/users.json";
const chunks = (...texts: string[]) => texts.map((text) => new TextEncoder().encode(text));

/** A disk that records changes of owner and mode. */
class OwnedDisk extends SimulatedDisk {
  readonly changes: unknown[] = [];
  owners = new Map<string, [uid: number, gid: number]>();
  mode: number | null = 0o600;

  override async stat(path: string | URL) {
    await super.stat(path);
    const [uid, gid] = this.owners.get(`${path}`) ?? [0, 0];
    return { uid, gid, mode: this.mode } as Deno.FileInfo;
  }

  override chown(...change: unknown[]) {
    this.changes.push(change);
    return Promise.resolve();
  }

  override chmod(...change: unknown[]) {
    this.changes.push(change);
    return Promise.resolve();
  }
}

const posix = Deno.build.os !== "windows";

Deno.test("a file is written from its chunks, and its length returned", async () => {
  const disk = new SimulatedDisk();
  assertEquals(await writeFileAtomic(disk, PATH, chunks("ab", "", "cde")), 5);
  assertEquals([disk.text(PATH), disk.names], ["abcde", [PATH]]);
  assertEquals(await writeFileAtomic(disk, PATH, []), 0);
  assertEquals(disk.text(PATH), "");
});

Deno.test({
  name: "a file keeps its owner and its group when it is replaced",
  ignore: !posix,
  async fn() {
    for (
      const [old, changes] of [
        [null, []],
        [[0, 0], []],
        [[5, 0], [[`${PATH}.tmp`, 5, 0]]],
        [[0, 7], [[`${PATH}.tmp`, 0, 7]]],
        [[5, 7], [[`${PATH}.tmp`, 5, 7]]],
      ] as [[number, number] | null, unknown[]][]
    ) {
      const disk = new OwnedDisk();
      if (old !== null) {
        disk.put(PATH, "old");
        disk.owners.set(PATH, old);
      }
      await writeFileAtomic(disk, PATH, chunks("new"));
      assertEquals([disk.text(PATH), disk.changes], ["new", changes]);
    }
  },
});

Deno.test({
  name: "only a file that others can access has its permissions restricted",
  ignore: !posix,
  async fn() {
    for (const mode of [0o600, 0o400, 0o700, null]) {
      const disk = Object.assign(new OwnedDisk(), { mode });
      disk.put(PATH, "");
      assertEquals([await restrictFile(disk, PATH), disk.changes], [false, []]);
    }
    for (const mode of [0o604, 0o640, 0o601, 0o666]) {
      const disk = Object.assign(new OwnedDisk(), { mode });
      disk.put(PATH, "");
      assertEquals([await restrictFile(disk, PATH), disk.changes], [true, [[PATH, 0o600]]]);
    }
  },
});

Deno.test("only a file that is a mount point is overwritten; another failure leaves it as it was", async () => {
  for (
    const [code, isOverwritten] of [["EBUSY", true], ["EXDEV", true], ["EACCES", false]] as const
  ) {
    const disk = new SimulatedDisk();
    disk.put(PATH, "a longer old content");
    const rename = disk.rename.bind(disk);
    disk.rename = (from, to) =>
      to === PATH
        ? Promise.reject(Object.assign(new Error("cannot rename"), { code }))
        : rename(from, to);
    const written = writeFileAtomic(disk, PATH, chunks("new"));
    if (isOverwritten) assertEquals(await written, 3);
    else await assertRejects(() => written, Error, "cannot rename");
    assertEquals(disk.text(PATH), isOverwritten ? "new" : "a longer old content");
    assertEquals(disk.names, [PATH]);
  }
});

Deno.test("an interrupted copy is completed; without one nothing happens", async () => {
  const disk = new SimulatedDisk();
  disk.put(PATH, "old");
  await overwriteFile(disk, PATH);
  assertEquals(disk.text(PATH), "old");
  disk.put(`${PATH}.new`, "a longer new content");
  await overwriteFile(disk, PATH);
  assertEquals([disk.text(PATH), disk.names], ["a longer new content", [PATH]]);
});
