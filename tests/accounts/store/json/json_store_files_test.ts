import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { FileSystem, OpenFile } from "../../../../lib/accounts/store/atomic_file.ts";
import { openJsonStore } from "../../../../lib/accounts/store/json/json_store.ts";
import {
  StoreUnavailable,
  StoreUnusable,
  type User,
} from "../../../../lib/accounts/store/store.ts";
import { collect } from "../../support/store_contract.ts";

const USER: User = { pw: "x", expiryTime: 0, revokedAt: 0 };

/** A test with a directory of its own. */
function test(name: string, run: (directory: string) => Promise<void>, ignore = false): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const directory = await Deno.makeTempDir();
      try {
        await run(directory);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}

const namesIn = (directory: string) =>
  [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
const mode = (path: string) => (Deno.statSync(path).mode! & 0o777).toString(8);
const CLEAN = ["server_secret", "users.json", "users.json.lock"];

test("a new directory gets an empty users.json and a secret, readable by their owner only", async (directory) => {
  const store = await openJsonStore(join(directory, "new", "data"));
  await store.close();
  const data = join(directory, "new", "data");
  assertEquals(namesIn(data), CLEAN);
  assertEquals(Deno.readTextFileSync(join(data, "users.json")), "{}\n");
  assertEquals(Deno.readFileSync(join(data, "server_secret")).length, 32);
  for (const name of CLEAN) assertEquals(mode(join(data, name)), "600");
});

test("after a moment without changes, users.json alone has everything, mode 0600", async (directory) => {
  const path = join(directory, "users.json");
  Deno.writeTextFileSync(path, '{"1": {"pw": "1", "key": {"value": "ABCD", "expiry_time": 0}}}');
  Deno.chmodSync(path, 0o644);
  const store = await openJsonStore(directory);
  assertEquals(mode(path), "600");
  await store.add("alice", USER);
  assertEquals(mode(join(directory, "users.json.journal.1")), "600");
  const deadline = performance.now() + 30_000;
  while (namesIn(directory).length > 3 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals(namesIn(directory), CLEAN);
  assertEquals(Object.keys(JSON.parse(Deno.readTextFileSync(path))), ["1", "alice"]);
  assertStringIncludes(Deno.readTextFileSync(path), '"value": "ABCD"');
  assertEquals(mode(path), "600");
  await store.close();
});

test("a journal that version 1.0.0 left is read", async (directory) => {
  Deno.writeTextFileSync(
    join(directory, "users.json"),
    '{"1": {"pw": "1", "key": {"value": "ABCD", "expiry_time": 0}}}',
  );
  Deno.writeTextFileSync(
    join(directory, "users.json.journal.1"),
    String.raw`jiBATFP3s2J7w2Yb {"journal":"users.json","version":1}
T39iK1O-PrAtQtZ_ [["1","3IKoPn2IzMcCKuE0",{"pw":"1","expiryTime":1763800000.125,"revokedAt":0,"keyOthers":"\"value\": \"ABCD\""}]]
tcMOnqt2OZfuVJL0 [["alice",null,{"pw":"hers","expiryTime":0,"revokedAt":0}]]
xrhzPFw4jL2zSWqw [["alice","c_ya5-mAZ0iV-vQL",{"pw":"hers","expiryTime":0,"revokedAt":1763800000.5}]]
`,
  );
  const store = await openJsonStore(directory);
  assertEquals(
    (await collect(store)).map(([name, { pw, expiryTime, revokedAt }]) => [
      name,
      pw,
      expiryTime,
      revokedAt,
    ]),
    [["1", "1", 1763800000.125, 0], ["alice", "hers", 0, 1763800000.5]],
  );
  await store.close();
});

test("a damaged users.json stops the start with the position, and is not changed", async (directory) => {
  const path = join(directory, "users.json");
  for (
    const [content, words] of [
      [
        '{\n  "alice": {\n    "pw": "x"\n    "key": {}\n  }\n}\n',
        'line 4, column 5: expected "," or "}"',
      ],
      ['{"alice": {"pw": "x", "key": {"expiry_time": "soon"}}}', '"alice".key.expiry_time must be'],
      ["", "line 1, column 1: expected an object, but the text ends"],
      ['{"alice": {"pw": "x"', 'line 1, column 21: expected "," or "}", but the text ends'],
      ['{ "a": { "pw": 5, "key": { "expiry_time": 0 } } }', '"a".pw must be'],
      ["[]", "line 1, column 1: the file must be an object"],
      ["\0\0\0", "line 1, column 1: "],
    ]
  ) {
    Deno.writeTextFileSync(path, content);
    const error = await assertRejects(() => openJsonStore(directory), StoreUnusable, words);
    assertStringIncludes(error.message, path);
    assert(!error.message.includes("\n"));
    assertEquals(Deno.readTextFileSync(path), content);
  }
  // Once it is repaired, the start succeeds: the failed ones left no lock.
  Deno.writeTextFileSync(path, "{}");
  await (await openJsonStore(directory)).close();
});

test("a secret of the wrong length stops the start, and is not changed", async (directory) => {
  const path = join(directory, "server_secret");
  for (const length of [0, 31, 33]) {
    Deno.writeFileSync(path, new Uint8Array(length));
    await assertRejects(
      () => openJsonStore(directory),
      StoreUnusable,
      `must have 32 bytes, but has ${length}`,
    );
    assertEquals(Deno.readFileSync(path).length, length);
  }
});

test("a second server on the directory is refused with a sentence, and can start when the first has ended", async (directory) => {
  const first = await openJsonStore(directory);
  await first.add("alice", USER);
  await assertRejects(() => openJsonStore(directory), StoreUnusable, "another server");
  await first.add("bob", USER);
  await first.close();
  const second = await openJsonStore(directory);
  assertEquals((await collect(second)).length, 2);
  await second.close();
});

test("removing the lock file lets no second server in", async (directory) => {
  const first = await openJsonStore(directory);
  Deno.removeSync(join(directory, "users.json.lock"));
  await assertRejects(() => openJsonStore(directory), StoreUnusable, "another server");
  await first.close();
}, Deno.build.os === "windows");

test("where a directory cannot be locked, as over NFS, the lock file alone counts", async (directory) => {
  const fs: FileSystem = Object.assign(Object.create(Deno), {
    async open(path: string, options: Deno.OpenOptions): Promise<OpenFile> {
      const file = await Deno.open(path, options);
      const lock = () => Promise.reject(new Error("Bad file descriptor (os error 9)"));
      return path === directory ? Object.assign(file, { lock }) : file;
    },
  });
  const first = await openJsonStore(directory, { fs });
  await assertRejects(() => openJsonStore(directory, { fs }), StoreUnusable, "another server");
  await first.close();
  await (await openJsonStore(directory, { fs })).close();
});

test("a directory reached through a symbolic link has the same lock", async (directory) => {
  const [data, link] = [join(directory, "data"), join(directory, "link")];
  Deno.mkdirSync(data);
  await Deno.symlink(data, link);
  const first = await openJsonStore(data);
  await assertRejects(() => openJsonStore(link), StoreUnusable, "another server");
  await first.close();
});

test("two directories whose users.json is one file have one lock", async (directory) => {
  const [one, other] = [join(directory, "one"), join(directory, "other")];
  for (const path of [one, other]) Deno.mkdirSync(path);
  Deno.writeTextFileSync(join(one, "users.json"), "{}");
  await Deno.symlink(join(one, "users.json"), join(other, "users.json"));
  const first = await openJsonStore(one);
  await assertRejects(() => openJsonStore(other), StoreUnusable, "another server");
  await first.close();
}, Deno.build.os === "windows");

test("a directory that must exist is not made", async (directory) => {
  const missing = join(directory, "missing");
  await assertRejects(
    () => openJsonStore(missing, { mustExist: true }),
    StoreUnusable,
    "does not exist",
  );
  assertEquals(namesIn(directory), []);
});

test(
  "files that others can read are restricted to their owner, with a notice for each",
  async (directory) => {
    const store = await openJsonStore(directory);
    await store.close();
    for (const name of ["server_secret", "users.json"]) {
      Deno.chmodSync(
        join(directory, name),
        0o644,
      );
    }
    const notices: string[] = [];
    const again = await openJsonStore(directory, { warn: (notice) => notices.push(notice) });
    await again.close();
    for (const name of ["server_secret", "users.json"]) {
      assertEquals(mode(join(directory, name)), "600");
      assertEquals(notices.filter((notice) => notice.includes(name)).length, 1);
    }
  },
  Deno.build.os === "windows",
);

test("a lock file that a crash left does not stop the start", async (directory) => {
  Deno.writeTextFileSync(join(directory, "users.json.lock"), "");
  await (await openJsonStore(directory)).close();
});

test("a half-written file that a crash left is removed at the next start", async (directory) => {
  for (const name of ["users.json.tmp", "server_secret.tmp"]) {
    Deno.writeTextFileSync(join(directory, name), '{"al');
  }
  await (await openJsonStore(directory)).close();
  assertEquals(namesIn(directory), CLEAN);
});

test("where users.json is a symbolic link, the file that it leads to is replaced", async (directory) => {
  const [data, elsewhere] = [join(directory, "data"), join(directory, "elsewhere")];
  for (const path of [data, elsewhere]) Deno.mkdirSync(path);
  Deno.writeTextFileSync(join(elsewhere, "people.json"), "{}");
  await Deno.symlink(join(elsewhere, "people.json"), join(data, "users.json"));
  const store = await openJsonStore(data);
  await store.add("alice", USER);
  await store.close();
  assert(Deno.lstatSync(join(data, "users.json")).isSymlink);
  assertStringIncludes(Deno.readTextFileSync(join(elsewhere, "people.json")), "alice");
  assertEquals(namesIn(elsewhere), ["people.json"]);
});

test("a file in place of the directory is reported", async (directory) => {
  const path = join(directory, "file");
  Deno.writeTextFileSync(path, "");
  await assertRejects(() => openJsonStore(path), StoreUnusable, path);
});

/** Runs a test on a file system of 64 KB, where this user may mount one. */
const small = await Deno.makeTempDir();
const mounted = await mount(small);

async function mount(path: string): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const args = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path];
  const { success } = await new Deno.Command("mount", { args }).output().catch(() => ({
    success: false,
  }));
  return success;
}

globalThis.addEventListener("unload", () => {
  if (mounted) new Deno.Command("umount", { args: [small] }).outputSync();
  Deno.removeSync(small);
});

Deno.test({
  name: "on a real full disk, changes are StoreUnavailable, and work again once there is room",
  ignore: !mounted,
  async fn() {
    const store = await openJsonStore(small, { quietMs: 20, retryMs: 50 });
    let added = 0;
    const error = await assertRejects(async () => {
      for (;; added++) await store.add(`user ${added}`, { ...USER, pw: "x".repeat(1000) });
    }, StoreUnavailable);
    assertStringIncludes(error.message, "No space left");
    assert(added > 10);
    assertEquals((await collect(store)).length, added);
    assertEquals(await store.find(`user ${added}`), null);
    // Room is made by whoever looks after the machine: here, a larger disk.
    const args = ["-o", "remount,size=1m", small];
    assert((await new Deno.Command("mount", { args }).output()).success);
    assertEquals(await store.add("late", USER), true);
    await store.close();
    assertEquals(namesIn(small), CLEAN);
    const again = await openJsonStore(small);
    assertEquals((await collect(again)).length, added + 1);
    await again.close();
  },
});
