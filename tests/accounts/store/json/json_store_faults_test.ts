import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openJsonStore } from "../../../../lib/accounts/store/json/json_store.ts";
import {
  StoreUnavailable,
  StoreUnusable,
  type User,
} from "../../../../lib/accounts/store/store.ts";
import { SimulatedDisk } from "../../support/simulated_disk.ts";
import { collect } from "../../support/store_contract.ts";

const USER: User = { pw: "x", expiryTime: 0, revokedAt: 0 };
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a condition holds; fails after a minute. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await wait(5);
  }
}

const FAULTS: Record<string, { on(disk: SimulatedDisk): void; off(disk: SimulatedDisk): void }> = {
  "a full disk": { on: (disk) => disk.bytesLeft = 20, off: (disk) => disk.bytesLeft = Infinity },
  "a read-only directory": {
    on: (disk) => disk.readOnly = true,
    off: (disk) => disk.readOnly = false,
  },
};

for (const [fault, { on, off }] of Object.entries(FAULTS)) {
  for (const journal of ["no journal file", "a journal file"]) {
    Deno.test(`with ${fault} and ${journal}, changes are StoreUnavailable, memory and disk agree, and it recovers`, async () => {
      const disk = new SimulatedDisk();
      const store = await openJsonStore("/data", { fs: disk, quietMs: 1, retryMs: 5 });
      await store.add("alice", USER);
      if (journal === "no journal file") {
        await until("the journal is gone", () => disk.names.length === 3);
      }
      on(disk);
      const attempts = await Promise.allSettled([
        store.add("bob", USER),
        store.update("alice", () => ({ pw: "y" })),
        store.remove("alice"),
        store.add("bob", USER),
      ]);
      for (const attempt of attempts) {
        assert(attempt.status === "rejected" && attempt.reason instanceof StoreUnavailable);
      }
      // What is said and what is so agree, now and after a crash at this instant.
      assertEquals(await collect(store), [["alice", USER]]);
      assertEquals(await store.add("alice", USER).catch(() => false), false);
      const crashed = disk.afterPowerCut((most) => most);
      const other = await openJsonStore("/data", { fs: crashed });
      assertEquals(await collect(other), [["alice", USER]]);
      await other.close();
      off(disk);
      assertEquals(await store.add("bob", USER), true);
      await until("users.json has both", () => disk.text("/data/users.json").includes("bob"));
      await until("the journal is gone", () => disk.names.length === 3);
      assertEquals(await collect(store), [["alice", USER], ["bob", USER]]);
      await store.close();
    });
  }
}

Deno.test("while the disk has no room for a new users.json, changes still go to the journal", async () => {
  const disk = new SimulatedDisk();
  const warnings: string[] = [];
  const warn = (sentence: string) => warnings.push(sentence);
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1, retryMs: 5, warn });
  for (let i = 0; i < 20; i++) await store.add(`user ${i}`, USER);
  await until("it is quiet", () => disk.names.length === 3);
  // Room for a dozen journal records, not for the file.
  disk.bytesLeft = 1200;
  assertEquals(await store.add("late", USER), true);
  await until("a rewrite has failed", () => warnings.length > 0);
  assertStringIncludes(warnings[0], "No space left");
  assertEquals(await store.add("later", USER), true);
  // Said again at the stop: users.json alone is not the whole truth.
  await assertRejects(() => store.close(), StoreUnavailable, "users.json is not up to date");
  assert(disk.names.some((name) => name.includes("journal")));
  disk.bytesLeft = Infinity;
  const again = await openJsonStore("/data", { fs: disk });
  assertEquals((await collect(again)).length, 22);
  await again.close();
  assertEquals(disk.names.length, 3);
});

Deno.test("a users.json that is a mount point is overwritten in place", async () => {
  const disk = new SimulatedDisk();
  disk.put("/data/users.json", "{}\n");
  disk.irreplaceable = "/data/users.json";
  const warnings: string[] = [];
  const warn = (sentence: string) => warnings.push(sentence);
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1, warn });
  for (let i = 0; i < 20; i++) await store.add(`user ${i}`, USER);
  for (let i = 5; i < 20; i++) await store.remove(`user ${i}`);
  await store.close();
  assertEquals(Object.keys(JSON.parse(disk.text("/data/users.json"))).length, 5);
  assertEquals(disk.names.length, 3);
  assertEquals(warnings, []);
});

/** Makes every writing to a file fail, from its opening on or from its first byte on. */
function refuseWriting(disk: SimulatedDisk, file: string, from: "opening" | "writing"): void {
  const open = disk.open.bind(disk);
  const fail = () => Promise.reject(new Error("Input/output error (os error 5)"));
  disk.open = async (path, options) => {
    if (path !== file || !options.write) return open(path, options);
    return from === "opening" ? fail() : { ...await open(path, options), write: fail };
  };
}

Deno.test("a users.json that can be neither replaced nor written stays whole, and later edits of it are read", async () => {
  const disk = new SimulatedDisk();
  disk.put("/data/users.json", '{"bob": {"pw": "x", "key": {"expiry_time": 0}}}');
  disk.irreplaceable = "/data/users.json";
  refuseWriting(disk, "/data/users.json", "opening");
  const store = await openJsonStore("/data", { fs: disk });
  await store.add("alice", USER);
  await assertRejects(() => store.close(), StoreUnavailable, "Input/output error");
  assert(!disk.names.includes("/data/users.json.new"), `${disk.names}`);
  disk.put("/data/users.json", "{}");
  const again = await openJsonStore("/data", { fs: disk });
  assertEquals(await collect(again), [["alice", USER]]);
  await again.close().catch(() => {});
});

Deno.test("a copy over users.json that failed does not come back once the file can be replaced", async () => {
  const disk = new SimulatedDisk();
  disk.put("/data/users.json", "{}");
  disk.irreplaceable = "/data/users.json";
  refuseWriting(disk, "/data/users.json", "writing");
  const warnings: string[] = [];
  const warn = (sentence: string) => warnings.push(sentence);
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1, retryMs: 1, warn });
  await store.add("alice", USER);
  await until("a copy has failed", () => warnings.length > 0);
  assert(disk.names.includes("/data/users.json.new"));
  disk.irreplaceable = "";
  await store.add("bob", USER);
  await store.close();
  assertEquals(disk.names.length, 3);
  const again = await openJsonStore("/data", { fs: disk });
  assertEquals(await collect(again), [["alice", USER], ["bob", USER]]);
  await again.close();
});

Deno.test("if a sync fails, the change is StoreUnavailable, and is not there after a crash", async () => {
  const disk = new SimulatedDisk();
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1e6 });
  await store.add("alice", USER);
  disk.failSyncs = true;
  await assertRejects(() => store.add("bob", USER), StoreUnavailable, "Input/output error");
  disk.failSyncs = false;
  assertEquals(await store.find("bob"), null);
  const other = await openJsonStore("/data", { fs: disk.afterPowerCut((most) => most) });
  assertEquals(await collect(other), [["alice", USER]]);
  await other.close();
  assertEquals(await store.add("bob", { ...USER, pw: "second try" }), true);
  await store.close();
  assertStringIncludes(disk.text("/data/users.json"), "second try");
});

Deno.test("changes that are queued together share one sync", async () => {
  const disk = new SimulatedDisk();
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1e6 });
  await store.add("first", USER);
  const before = disk.syncs;
  await Promise.all(Array.from({ length: 500 }, (_, i) => store.add(`user ${i}`, USER)));
  assert(disk.syncs - before <= 2, `${disk.syncs - before} syncs`);
  await store.close();
});

Deno.test("an update that changes nothing costs no sync", async () => {
  const disk = new SimulatedDisk();
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1e6 });
  await store.add("alice", USER);
  const { syncs } = disk;
  assertEquals(await store.update("alice", () => null), USER);
  assertEquals(await store.update("bob", () => ({ pw: "y" })), null);
  assertEquals(await store.add("alice", { ...USER, pw: "y" }), false);
  assertEquals(await store.remove("bob"), false);
  assertEquals(disk.syncs, syncs);
  assertEquals(await collect(store), [["alice", USER]]);
  // Nor does it hinder the others of its batch.
  const [kept, made] = await Promise.all([
    store.update("alice", () => null),
    store.add("bob", USER),
  ]);
  assertEquals([kept, made, await collect(store)], [USER, true, [["alice", USER], ["bob", USER]]]);
  await store.close();
});

Deno.test("a long journal is folded into users.json while changes go on", async () => {
  const disk = new SimulatedDisk();
  const store = await openJsonStore("/data", { fs: disk, quietMs: 1e6, journalBytes: 2000 });
  for (let i = 0; i < 100; i++) await store.add(`user ${i}`, USER);
  assertStringIncludes(disk.text("/data/users.json"), "user 10");
  assertEquals((await collect(store)).length, 100);
  await store.close();
  const again = await openJsonStore("/data", { fs: disk });
  assertEquals((await collect(again)).length, 100);
  await again.close();
});

Deno.test("changes that come while users.json is rewritten are not lost", async () => {
  const disk = new SimulatedDisk();
  const store = await openJsonStore("/data", { fs: disk, quietMs: 0, journalBytes: 0 });
  const names = Array.from({ length: 300 }, (_, i) => `user ${i}`);
  for (const name of names) {
    await store.add(name, USER);
    if (name.endsWith("7")) await store.remove(name);
    if (name.endsWith("8")) {
      await store.remove(name);
      await store.add(name, { ...USER, pw: "again" });
    }
    if (name.endsWith("0")) await wait(0);
  }
  const expected = await collect(store);
  assertEquals(expected.length, 270);
  const crashed = await openJsonStore("/data", { fs: disk.afterPowerCut(() => 0) });
  assertEquals(new Map(await collect(crashed)), new Map(expected));
  await crashed.close();
  await store.close();
  const again = await openJsonStore("/data", { fs: disk });
  assertEquals(new Map(await collect(again)), new Map(expected));
  await again.close();
});

Deno.test("after closing, changes are StoreUnavailable", async () => {
  const store = await openJsonStore("/data", { fs: new SimulatedDisk() });
  await store.close();
  await store.close();
  await assertRejects(() => store.add("alice", USER), StoreUnavailable, "closed");
});

Deno.test("a change that throws fails alone", async () => {
  const store = await openJsonStore("/data", { fs: new SimulatedDisk() });
  await store.add("alice", USER);
  const failing = store.update("alice", () => {
    throw new RangeError("no");
  });
  const other = store.add("bob", USER);
  await assertRejects(() => failing, RangeError);
  assertEquals(await other, true);
  await store.close();
});

Deno.test("a missing directory and an unusable one give different errors", async () => {
  for (const mustExist of [true, false]) {
    for (
      const [error, sentence] of [
        [new Deno.errors.NotFound("no such file"), mustExist ? "does not exist" : "no such file"],
        [new Error("Input/output error"), "cannot be used: Input/output error"],
      ] as const
    ) {
      const disk = new SimulatedDisk();
      disk.readFile = () => Promise.reject(error);
      await assertRejects(
        () => openJsonStore("/data", { fs: disk, mustExist }),
        StoreUnusable,
        sentence,
      );
    }
  }
});
