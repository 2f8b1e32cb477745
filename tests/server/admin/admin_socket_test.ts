/** `admin.sock`: administering the users of a running server. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import {
  administer,
  openStore,
  StoreAdministration,
  StoreUnusable,
} from "../../../lib/accounts/mod.ts";
import { type RequestEnd, type Response, serve } from "../../../lib/http/mod.ts";
import { openAdministration } from "../../../lib/server/admin/admin_client.ts";
import { ADMIN_LIMITS, serveAdministration } from "../../../lib/server/admin/admin_socket.ts";
import { CHEAP } from "../../accounts/support/cheap_scrypt.ts";
import { temporaryDirectory } from "../../e2e/support/programs.ts";

const USER = { pw: "x", expiryTime: 0, revokedAt: 0 };

/** What `server user` gives. */
interface Result {
  code: number;
  out: string;
  err: string;
}

/** A directory whose store a server has, and a way to run commands on it. */
async function open(directory?: string) {
  const home = await temporaryDirectory();
  const data = directory === undefined ? home.path : join(home.path, directory);
  const store = await openStore(data);
  const requests: RequestEnd[] = [];
  const notices: string[] = [];
  const serveAgain = () =>
    serveAdministration({
      dataDirectory: data,
      administration: new StoreAdministration(store, { scrypt: CHEAP }),
      observer: { responded: (request) => requests.push(request) },
      notice: (sentence) => notices.push(sentence),
    });
  const server = serveAgain();
  return {
    ...{ data, store, requests, notices, server, serveAgain },
    run: (args: string[], password: string | null = null) => run(data, args, password),
    async [Symbol.asyncDispose]() {
      await server?.shutdown(1000);
      await store.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

async function run(data: string, args: string[], password: string | null = null): Promise<Result> {
  const result = { code: 0, out: "", err: "" };
  result.code = await administer(args, {
    open: () => openAdministration({ dataDirectory: data, users: null }),
    readPassword: () => password,
    out: (text) => result.out += text,
    err: (text) => result.err += text,
  });
  return result;
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `admin.sock: ${name}`, ignore: Deno.build.os === "windows", fn });
}

test("every command works on a store that a server has open", async () => {
  await using running = await open();
  const { store, run } = running;
  await store.add("alice", { ...USER, expiryTime: 4e9 });
  await store.add("zoë\x1b", USER);
  const { out } = await run(["list"]);
  assertMatch(out, /^alice\traised until 2096-[-0-9]+ [:0-9]+, password not hashed yet\nzoë\\x1b/);

  const changed = await run(["passwd", "alice"], "new & secret");
  assertEquals([changed.code, changed.err], [0, ""]);
  const hash = (await store.find("alice"))!.pw;
  assert(hash.startsWith("$scrypt$"));
  assertEquals((await run(["revoke", "alice"])).out, "ended the sessions and keys of alice\n");
  const alice = (await store.find("alice"))!;
  assert(alice.revokedAt > 0 && alice.expiryTime === 0 && alice.pw === hash);

  // A name in another form of Unicode is the same name.
  assertEquals((await run(["remove", "zoe\u0308\x1b"])).code, 0);
  assertEquals((await run(["list"])).out, "alice\n");
  for (const command of ["remove", "passwd", "revoke"]) {
    assertEquals(await run([command, "bob"], "x"), {
      code: 1,
      out: "",
      err: "server user: there is no user bob\n",
    });
  }
});

test("import adds users in parts, keeps unknown members, and names users that are refused", async () => {
  await using running = await open();
  await using other = await temporaryDirectory();
  const { store, data, run } = running;
  await store.add("user 7", { ...USER, pw: "kept" });
  const user = { pw: "x", key: { expiry_time: 0, value: "ABCD" }, note: "left-handed" };
  const users: Record<string, unknown> = { "a\u0000b": user };
  for (let i = 0; i < 1200; i++) users[`user ${i}`] = user;
  const file = join(other.path, "users.json");
  await Deno.writeTextFile(file, JSON.stringify(users));
  const { code, out, err } = await run(["import", file]);
  assertEquals([code, out], [1, "imported: 1199, already present: 1, refused: 1\n"]);
  assertStringIncludes(err, "not imported: a\\x00b: the username holds");
  assertEquals((await store.find("user 7"))!.pw, "kept");
  await store.close();
  const written = JSON.parse(await Deno.readTextFile(join(data, "users.json")));
  assertEquals(written["user 1199"], user);
});

test("a copy in the server's own directory can be imported, its users.json cannot", async () => {
  await using running = await open();
  const copy = join(running.data, "copy.json");
  await Deno.writeTextFile(copy, '{"bob": {"pw": "x", "key": {"expiry_time": 0}}}');
  assertMatch((await running.run(["import", copy])).out, /^imported: 1,/);
  const own = await running.run(["import", join(running.data, "users.json")]);
  assertStringIncludes(own.err, "is using the data directory");
});

test("the log has no password of a request, but its user", async () => {
  await using running = await open();
  await running.store.add("alice", USER);
  await running.run(["passwd", "alice"], "new & secret");
  await running.run(["remove", "alice"]);
  const seen = running.requests.map(({ peer, method, path, subject, status }) => [
    ...[peer, method, path, subject, status],
  ]);
  assertEquals(seen, [
    ["admin.sock", "GET", "/user", null, 200],
    ["admin.sock", "PUT", "/password", "alice", 200],
    ["admin.sock", "POST", "/remove", "alice", 200],
  ]);
  assert(!JSON.stringify(running.requests).includes("secret"));
});

test("only its owner can open the socket, and the process makes files as before", async () => {
  await using running = await open();
  const { mode } = await Deno.lstat(join(running.data, "admin.sock"));
  assertEquals(mode! & 0o777, 0o600);
  const mask = Deno.umask(0o022);
  Deno.umask(mask);
  assert(mask !== 0o177);
});

test("it is removed when the server stops, and one that a killed server left is replaced", async () => {
  await using running = await open();
  const socket = join(running.data, "admin.sock");
  const left = await Deno.realPath(running.data) + "/left";
  await Deno.rename(socket, left);
  await running.server!.shutdown(1000);
  await Deno.rename(left, socket);
  await Deno.mkdir(join(running.data, ".admin"));
  await Deno.writeTextFile(join(running.data, ".admin", "s"), "");
  const again = running.serveAgain();
  assertEquals((await running.run(["list"])).code, 0);
  await again!.shutdown(1000);
  await assertRejects(() => Deno.lstat(socket), Deno.errors.NotFound);
});

test("a foreign file in its place stays, with one notice", async () => {
  await using running = await open();
  await running.server!.shutdown(1000);
  const path = join(running.data, "admin.sock");
  await Deno.writeTextFile(path, "mine");
  assertEquals(running.serveAgain(), null);
  assertEquals(await Deno.readTextFile(path), "mine");
  assertEquals(running.notices.length, 1);
  assertStringIncludes(
    running.notices[0],
    `${path} cannot be opened, so "server user" requires a stopped server`,
  );
});

test("a path that is too long gives one notice, and the commands say that a server must be stopped", async () => {
  await using running = await open("long".repeat(30));
  assertEquals([running.server, running.notices.length], [null, 1]);
  const { code, err } = await running.run(["list"]);
  assertEquals(code, 1);
  assertMatch(err, /^server user: another server.* must be stopped first\n$/);
});

test("at most five connections are open", async () => {
  await using running = await open();
  assertEquals(ADMIN_LIMITS.connections, 5);
  const path = join(running.data, "admin.sock");
  const idle = await Promise.all(
    Array.from({ length: 5 }, () => Deno.connect({ transport: "unix", path })),
  );
  assertEquals(await running.run(["list"]), {
    code: 1,
    out: "",
    err: "server user: too many connections\n",
  });
  for (const connection of idle) connection.close();
});

test("a damaged part of a users.json is refused with its position, and adds no user", async () => {
  await using running = await open();
  await using administration = await openRemote(running.data);
  const file = new TextEncoder().encode(
    '{"alice": {"pw": "x", "key": {"expiry_time": 0}}, "b": 1}',
  );
  const error = await assertRejects(() => administration.import(file));
  assertEquals((error as Error).message, 'line 1, column 56: "b" must be an object');
  assertEquals(await running.store.find("alice"), null);
  const password = await assertRejects(() => administration.changePassword("alice", ""));
  assertEquals((password as Error).message, "the password is empty");
});

test("a server that ends before it responds gives a sentence", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "admin.sock");
  const listener = Deno.listen({ transport: "unix", path });
  const ends = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1000));
      connection.close();
    }
  })();
  const { code, err } = await run(home.path, ["remove", "alice"]);
  listener.close();
  await ends;
  assertEquals(code, 1);
  assertMatch(err, /^server user: the server did not respond: .+\n$/);
});

test("a response of another version is recognized by its status or its text", async () => {
  await using home = await temporaryDirectory();
  const listener = Deno.listen({ transport: "unix", path: join(home.path, "admin.sock") });
  const responses: Response[] = [
    { status: 404, body: "Page not found" },
    { status: 503, body: "the disk is gone" },
  ];
  const server = serve(listener, () => responses.shift()!);
  assertEquals(
    (await run(home.path, ["remove", "alice"])).err,
    "server user: the server responded with 404 Not Found\n",
  );
  assertEquals((await run(home.path, ["list"])).err, "server user: the disk is gone\n");
  await server.shutdown(0);
});

test("without a server the files are opened; a directory that is missing is not made", async () => {
  await using running = await open();
  await running.store.add("alice", USER);
  await running.server!.shutdown(1000);
  const busy = await running.run(["list"]);
  assertStringIncludes(busy.err, "must be stopped first");
  await running.store.close();
  assertEquals((await running.run(["list"])).out, "alice\tpassword not hashed yet\n");
  const missing = join(running.data, "missing");
  await assertRejects(
    () => openAdministration({ dataDirectory: missing, users: null }),
    StoreUnusable,
    "does not exist",
  );
  await assertRejects(() => Deno.lstat(missing), Deno.errors.NotFound);
});

test("a store that cannot be written is reported", async () => {
  await using home = await temporaryDirectory();
  const store = await openStore(home.path);
  await store.add("alice", USER);
  const administration = new StoreAdministration(store);
  const server = serveAdministration({
    dataDirectory: home.path,
    administration,
    notice: () => {},
  });
  await store.close();
  assertEquals(
    (await run(home.path, ["remove", "alice"])).err,
    "server user: the store is closed\n",
  );
  await server!.shutdown(1000);
});

async function openRemote(dataDirectory: string) {
  const administration = await openAdministration({ dataDirectory, users: null });
  return Object.assign(administration, { [Symbol.asyncDispose]: () => administration.close() });
}
