import { assertEquals } from "@std/assert";
import { Checkpointer } from "../../../../lib/accounts/store/json/checkpointer.ts";
import { Journal } from "../../../../lib/accounts/store/json/journal.ts";
import type { FileUser } from "../../../../lib/accounts/store/json/users_file.ts";
import { SimulatedDisk } from "../../support/simulated_disk.ts";

const PATH = "/data/users.json";
const USER: FileUser = { pw: "x", expiryTime: 0, revokedAt: 0 };

/** A checkpointer over one user, `alice`, who is in the journal alone. */
async function open(options: { journalBytes?: number; length?: number } = {}) {
  const disk = new SimulatedDisk();
  disk.put(PATH, "{}");
  const users = new Map([["alice", USER]]);
  const journal = new Journal(disk, PATH);
  await journal.append([{ name: "alice", before: null, after: USER }]);
  const warnings: string[] = [];
  const { journalBytes = journal.length, length = 0 } = options;
  const checkpointer = new Checkpointer({ fs: disk, path: PATH, length, users, journal }, {
    quietMs: 1,
    retryMs: 2,
    journalBytes,
    warn: (sentence) => warnings.push(sentence),
  });
  return { disk, journal, warnings, checkpointer, isWritten: () => disk.text(PATH) !== "{}" };
}

/** Waits longer than `quietMs`, for something that must not happen. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Waits until a condition holds; fails after a minute. */
async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 60_000; !condition();) {
    if (performance.now() > deadline) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("changes that only the journal has are written to the file when no more come", async () => {
  const { disk, journal, checkpointer, isWritten } = await open();
  checkpointer.startWhenQuiet();
  await until(() => isWritten() && journal.empty);
  assertEquals(disk.names, [PATH]);
  const { syncs } = disk;
  // There is nothing left to write.
  checkpointer.startWhenQuiet();
  checkpointer.end();
  await pause();
  assertEquals(disk.syncs, syncs);
  await checkpointer.finish();
  assertEquals(disk.syncs, syncs);
});

Deno.test("the rewrite for quiet does not start while changes go on", async () => {
  const { checkpointer, isWritten } = await open();
  checkpointer.startWhenQuiet();
  checkpointer.startWhenQuiet();
  checkpointer.begin();
  checkpointer.startWhenQuiet();
  await pause();
  assertEquals(isWritten(), false);
  checkpointer.end();
  await until(isWritten);
  await checkpointer.finish();
});

Deno.test("changes start a rewrite once the journal is longer than its limit and than the file", async () => {
  const { journal } = await open();
  const { length } = journal;
  for (
    const [options, starts] of [
      [{ journalBytes: length }, false],
      [{ journalBytes: length - 1 }, true],
      [{ journalBytes: 0, length }, false],
      [{ journalBytes: 0, length: length - 1 }, true],
    ] as const
  ) {
    const { checkpointer, isWritten } = await open(options);
    checkpointer.begin();
    checkpointer.written();
    await (starts ? until(isWritten) : pause());
    assertEquals(isWritten(), starts);
    await checkpointer.finish();
    assertEquals(isWritten(), true);
  }
});

Deno.test("a rewrite that fails is tried again without another change, with one warning", async () => {
  const { disk, checkpointer, warnings, isWritten } = await open({ journalBytes: 0 });
  const rename = disk.rename.bind(disk);
  let failures = 0;
  disk.rename = () => {
    failures++;
    return Promise.reject(new Error("cannot rename"));
  };
  checkpointer.startWhenQuiet();
  await until(() => failures > 3);
  assertEquals(warnings.length, 1);
  // Changes do not hurry a rewrite that keeps failing.
  const before = failures;
  checkpointer.begin();
  for (let i = 0; i < 5; i++) checkpointer.written();
  await pause();
  assertEquals(failures <= before + 1, true);
  checkpointer.end();
  disk.rename = rename;
  await until(isWritten);
  await checkpointer.finish();
  assertEquals([warnings.length, disk.names], [1, [PATH]]);
});
