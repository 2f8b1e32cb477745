import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { openAccounts } from "../../lib/accounts/accounts.ts";
import { administer } from "../../lib/accounts/admin.ts";
import { StoreAdministration } from "../../lib/accounts/administration.ts";
import { openJsonStore } from "../../lib/accounts/store/json/json_store.ts";
import { StoreUnavailable, type UserStore } from "../../lib/accounts/store/store.ts";
import { CHEAP } from "./support/cheap_scrypt.ts";
import { Clock } from "./support/clock.ts";
import { MemoryStore } from "./support/memory_store.ts";

const HERE = { address: "192.0.2.1" };

/** A store with `alice` logged in and raised, and a way to run commands on it. */
async function open(store: UserStore = new MemoryStore()) {
  const clock = new Clock();
  const accounts = await openAccounts(store, { scrypt: CHEAP, now: clock.read });
  await accounts.register("alice", "old", HERE);
  const login = await accounts.login("alice", "old", { address: "192.0.2.1" });
  assert(login.result === "in");
  const raised = await accounts.raisePrivilege(login.session.value);
  assert("key" in raised);
  const run = async (args: string[], password: string | null = null, opened = store) => {
    const result = { code: 0, out: "", err: "" };
    result.code = await administer(args, {
      open: () =>
        Promise.resolve(new StoreAdministration(opened, { now: clock.read, scrypt: CHEAP })),
      readPassword: () => password,
      out: (text) => result.out += text,
      err: (text) => result.err += text,
    });
    return result;
  };
  return { accounts, store, clock, run, session: login.session.value, key: raised.key.value };
}

Deno.test("wrong usage gives a message and exit code 2, and the store is not opened", async () => {
  const wrong: [string[], string][] = [
    [[], "The command is missing."],
    [["lst"], 'There is no command "lst". Did you mean list?'],
    [["__proto__"], 'There is no command "__proto__".'],
    [["li\x1b[31m"], 'There is no command "li\\x1b[31m".'],
    [["list", "x"], '"x" is one argument too many.'],
    [["remove"], "remove needs a name."],
    [["passwd"], "passwd needs a name."],
    [["import"], "import needs a file."],
    [["remove", "a", "b"], '"b" is one argument too many.'],
  ];
  for (const [args, sentence] of wrong) {
    let err = "";
    const code = await administer(args, {
      open: () => Promise.reject(new Error("opened")),
      readPassword: () => null,
      out: () => {},
      err: (text) => err += text,
    });
    const usage = "usage: server user list | remove NAME | passwd NAME | revoke NAME | import FILE";
    assertEquals([code, err], [2, `${sentence}\n${usage}\nsee --help\n`]);
  }
});

Deno.test("list shows every user, until when the privilege is raised, and whose password is not hashed yet", async () => {
  const { store, run, clock } = await open();
  await store.add("1", { pw: "1", expiryTime: 0, revokedAt: 0 });
  await store.add("evil\x1b[2J", { pw: "x", expiryTime: 0, revokedAt: 0 });
  const { code, out } = await run(["list"]);
  assertEquals(code, 0);
  const lines = out.trimEnd().split("\n");
  assert(/^alice\traised until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(lines[0]), lines[0]);
  assertEquals(lines.slice(1), [
    "1\tpassword not hashed yet",
    "evil\\x1b[2J\tpassword not hashed yet",
  ]);
  // The last instant of a Date, and beyond.
  for (
    const [expiryTime, words] of [[8.64e12, "until 2"], [8.64e12 + 1, "until after 2"]] as const
  ) {
    await store.update("1", () => ({ expiryTime }));
    assertStringIncludes((await run(["list"])).out, `1\traised ${words}`);
  }
  clock.pass(3600);
  assertEquals((await run(["list"])).out.split("\n")[0], "alice");
});

Deno.test("remove removes a user, whose session and key end", async () => {
  const { accounts, store, run, session, key } = await open();
  assertEquals(await run(["remove", "alice"]), { code: 0, out: "removed alice\n", err: "" });
  assertEquals(await store.find("alice"), null);
  assertEquals(await accounts.verifyKey(key), null);
  assertEquals(await accounts.raisePrivilege(session), { result: "login-required" });
  const again = await run(["remove", "alice"]);
  assertEquals(again, { code: 1, out: "", err: "server user: there is no user alice\n" });
});

Deno.test("passwd gives a new password; the old one, the session and the key end", async () => {
  const { accounts, run, session, key } = await open();
  const { code, out } = await run(["passwd", "alice"], "new");
  assertEquals(code, 0);
  assertStringIncludes(out, "changed the password of alice");
  assertEquals((await accounts.login("alice", "old", { address: "::1" })).result, "refused");
  assertEquals((await accounts.login("alice", "new", { address: "::1" })).result, "in");
  assertEquals(await accounts.verifyKey(key), null);
  assertEquals(await accounts.raisePrivilege(session), { result: "login-required" });
});

Deno.test("passwd without a password, with an unacceptable one or for an unknown user changes nothing", async () => {
  const { accounts, run, key } = await open();
  for (
    const [name, password] of [["alice", null], ["alice", ""], ["alice", "x".repeat(1025)], [
      "bob",
      "x",
    ]] as const
  ) {
    const { code, out, err } = await run(["passwd", name], password);
    assertEquals([code, out], [1, ""]);
    assert(/^server user: [^\n]{10,80}\n$/.test(err), err);
  }
  assertEquals(await accounts.verifyKey(key), "alice");
});

Deno.test("revoke ends session and key, not the password, also a moment after the last revocation", async () => {
  const { accounts, run } = await open();
  for (let i = 0; i < 3; i++) {
    const login = await accounts.login("alice", "old", { address: "::1" });
    assert(login.result === "in");
    const raised = await accounts.raisePrivilege(login.session.value);
    assert("key" in raised);
    assertEquals(await accounts.verifyKey(raised.key.value), "alice");
    assertEquals(await run(["revoke", "alice"]), {
      code: 0,
      out: "ended the sessions and keys of alice\n",
      err: "",
    });
    assertEquals(await accounts.verifyKey(raised.key.value), null);
    assertEquals(await accounts.raisePrivilege(login.session.value), { result: "login-required" });
  }
  assertEquals((await run(["revoke", "bob"])).code, 1);
});

Deno.test("import moves a users.json over without changing a password, and can be repeated", async () => {
  const directory = await Deno.makeTempDir();
  const file = join(directory, "users.json");
  const source = await openJsonStore(directory);
  const old = await openAccounts(source, { scrypt: CHEAP });
  for (const name of ["alice", "bob", "zo\u00eb"]) await old.register(name, `${name}'s`, HERE);
  await source.close();
  const original = JSON.parse(await Deno.readTextFile(file));
  original["1"] = { pw: "1", key: { value: "ABCD", expiry_time: 0 } };
  await Deno.writeTextFile(file, JSON.stringify(original));

  const { accounts, run, store } = await open();
  const first = await run(["import", file]);
  assertEquals(first.out, "imported: 3, already present: 1, refused: 0\n");
  assertEquals(first.code, 0);
  assertEquals((await accounts.login("alice", "old", { address: "::1" })).result, "in");
  for (const name of ["bob", "zo\u00eb"]) {
    assertEquals((await accounts.login(name, `${name}'s`, { address: "::1" })).result, "in");
  }
  assertEquals((await accounts.login("1", "1", { address: "::1" })).result, "in");
  const before = [...(store as MemoryStore).users];
  const second = await run(["import", file]);
  assertEquals(second.out, "imported: 0, already present: 4, refused: 0\n");
  assertEquals([...(store as MemoryStore).users], before);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("import names the users that cannot be imported, and imports the others", async () => {
  const directory = await Deno.makeTempDir();
  const file = join(directory, "users.json");
  const user = { pw: "x", key: { expiry_time: 0 } };
  const users = { "": user, bob: user, "a\u0000b": user, carol: { ...user, pw: "\0" } };
  await Deno.writeTextFile(file, JSON.stringify(users));
  const { run } = await open();
  const { code, out, err } = await run(["import", file]);
  assertEquals([code, out], [1, "imported: 1, already present: 0, refused: 3\n"]);
  assertEquals(err.match(/^not imported: /gm)?.length, 3);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("import reads the journal that a crash left, and refuses a file that a server is using", async () => {
  const directory = await Deno.makeTempDir();
  const file = join(directory, "users.json");
  const source = await openJsonStore(directory, { quietMs: 1e6 });
  await source.add("bob", { pw: "x", expiryTime: 0, revokedAt: 0 });
  const { run } = await open();
  const busy = await run(["import", file]);
  assertEquals([busy.code, busy.out], [1, ""]);
  assertStringIncludes(busy.err, "another server");
  const crashed = await Deno.makeTempDir();
  for await (const { name } of Deno.readDir(directory)) {
    await Deno.copyFile(join(directory, name), join(crashed, name));
  }
  await source.close();
  assert(!(await Deno.readTextFile(join(crashed, "users.json"))).includes("bob"));
  await Deno.remove(join(crashed, "users.json.lock"));
  const files = [...Deno.readDirSync(crashed)].length;
  assertStringIncludes((await run(["import", join(crashed, "users.json")])).out, "imported: 1,");
  assertEquals([...Deno.readDirSync(crashed)].length, files);
  for (const path of [directory, crashed]) await Deno.remove(path, { recursive: true });
});

Deno.test("import of a missing or damaged file says what is wrong", async () => {
  const directory = await Deno.makeTempDir();
  const { run } = await open();
  const missing = await run(["import", join(directory, "users.json")]);
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.err, "cannot be read");
  await Deno.writeTextFile(join(directory, "users.json"), '{"a": 5}');
  const damaged = await run(["import", join(directory, "users.json")]);
  assertStringIncludes(damaged.err, 'line 1, column 7: "a" must be an object');
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a store that fails is reported", async () => {
  const { run, store } = await open();
  (store as MemoryStore).failure = new StoreUnavailable("the database is away");
  const { code, err } = await run(["revoke", "alice"]);
  assertEquals([code, err], [1, "server user: the database is away\n"]);
});

Deno.test("import sends 500 users at a time, and reads a copy without a lock", async () => {
  const directory = await Deno.makeTempDir();
  const copy = join(directory, "copy.json");
  const server = await openJsonStore(directory);
  for (const count of [0, 1, 500, 501]) {
    const users = Array.from({ length: count }, (_, i) => [`user ${i}`, {
      pw: "x",
      key: { expiry_time: 0 },
    }]);
    await Deno.writeTextFile(copy, JSON.stringify(Object.fromEntries(users)));
    const batches: number[] = [];
    const administration = new StoreAdministration(new MemoryStore());
    administration.import = (file) => {
      batches.push(Object.keys(JSON.parse(new TextDecoder().decode(file))).length);
      return Promise.resolve({ added: batches.at(-1)!, present: 0, refused: [] });
    };
    let out = "";
    const code = await administer(["import", copy], {
      open: () => Promise.resolve(administration),
      readPassword: () => null,
      out: (text) => out += text,
      err: (text) => out += text,
    });
    assertEquals([code, out], [0, `imported: ${count}, already present: 0, refused: 0\n`]);
    assertEquals(batches, count === 501 ? [500, 1] : count === 0 ? [] : [count]);
  }
  await server.close();
  await Deno.remove(directory, { recursive: true });
});
