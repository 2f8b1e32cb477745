/**
 * The hashing of passwords is shared fairly among addresses, and not done for clients that left.
 */
import { connect } from "node:net";
import { assert, assertEquals } from "@std/assert";
import { type RunningServer, runServer } from "./support/running_server.ts";

/** Hashes of some 50 ms, one at a time; each client has the address that its proxy says. */
const SLOW = {
  accounts: { scrypt: { ln: 14, r: 8, p: 2 }, hashing: { concurrency: 1 } },
  trusted: ["127.0.0.1"],
};

function post(path: string, address: string, username: string): string {
  const body = JSON.stringify({ username, password: "x" });
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
}

async function send(server: RunningServer, request: string): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await conn.write(new TextEncoder().encode(request));
  return conn;
}

/** The status of the response that comes next. */
async function status(conn: Deno.TcpConn): Promise<number> {
  let text = "";
  const buffer = new Uint8Array(4096);
  while (!text.includes("\r\n\r\n")) {
    const count = await conn.read(buffer);
    assert(count !== null, "the connection ended");
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return Number(text.slice(9, 12));
}

async function names(server: RunningServer): Promise<string[]> {
  const found: string[] = [];
  for await (const [name] of server.store.list()) found.push(name);
  return found;
}

Deno.test("a flood of abandoned registrations does not delay a login from another address", async () => {
  await using server = await runServer({ ...SLOW, limits: { connectionsPerAddress: 2000 } });
  using owner = await send(server, post("/register", "192.0.2.1", "owner"));
  assertEquals(await status(owner), 200);
  for (let i = 0; i < 120; i++) {
    (await send(server, post("/register", "198.51.100.1", `flood ${i}`))).close();
  }
  const before = (await names(server)).length;
  const login = await send(server, post("/login", "192.0.2.1", "owner"));
  assertEquals(await status(login), 200);
  login.close();
  // The registration that was being hashed when the login came, and a few where the machine is
  // busy.
  const during = (await names(server)).length - before;
  assert(during <= 5, `${during} registrations came before the login`);
});

Deno.test("a flood of registrations from one address delays another's login by a few hashes only", async () => {
  const accounts = { ...SLOW.accounts, hashing: { concurrency: 1, perAddress: 8 } };
  await using server = await runServer({ ...SLOW, accounts });
  using owner = await send(server, post("/register", "192.0.2.1", "owner"));
  assertEquals(await status(owner), 200);
  const flood: Deno.TcpConn[] = [];
  for (let i = 0; i < 40; i++) {
    flood.push(await send(server, post("/register", "198.51.100.1", `flood ${i}`)));
  }
  const before = (await names(server)).length;
  const login = await send(server, post("/login", "192.0.2.1", "owner"));
  assertEquals(await status(login), 200);
  const during = (await names(server)).length - before;
  assert(during <= 5, `${during} registrations came before the login`);
  // Eight wait at most, beside the one that is being hashed and those that were done before.
  const statuses = await Promise.all(flood.map(status));
  assert(statuses.includes(503));
  const done = (await names(server)).length - 1;
  assertEquals(statuses.filter((status) => status === 200).length, done);
  assert(done >= 9 && done < 40, `${done} were registered`);
  for (const conn of [login, ...flood]) conn.close();
});

Deno.test("the registration of a client that was reset while it waited is not stored", async () => {
  await using server = await runServer(SLOW);
  using first = await send(server, post("/register", "192.0.2.1", "first"));
  // `Deno.TcpConn` cannot be reset.
  const leaving = connect(server.port, "127.0.0.1");
  leaving.write(
    "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" + post("/register", "192.0.2.2", "gone"),
  );
  // Once the response is there, the registration is on its way.
  await new Promise((resolve) => leaving.once("data", resolve));
  using second = await send(server, post("/register", "192.0.2.3", "second"));
  leaving.resetAndDestroy();
  assertEquals(await status(first), 200);
  assertEquals(await status(second), 200);
  using last = await send(server, post("/register", "192.0.2.2", "last"));
  assertEquals(await status(last), 200);
  assertEquals(await names(server), ["first", "second", "last"]);
});

Deno.test("a client that has only half-closed gets a response", async () => {
  await using server = await runServer(SLOW);
  using first = await send(server, post("/register", "192.0.2.1", "first"));
  using half = await send(server, post("/register", "192.0.2.2", "half"));
  await half.closeWrite();
  assertEquals(await status(first), 200);
  assertEquals(await status(half), 200);
  assertEquals(await names(server), ["first", "half"]);
});
