import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { openJsonStore } from "../../../../lib/accounts/store/json/json_store.ts";

/** A server to kill, and how much it does before. */
interface Victim {
  /** The program and its arguments, given the data directory; it prints its port last on a line. */
  command(directory: string): string[];
  readonly kills: number;
  /** How many work at once. */
  readonly clients: number;
  /** Maximum number of responses before a kill. */
  readonly responses: number;
}

const CHEAP_SERVER: Victim = {
  command: (directory) => [program("../../support/killed_server.ts"), directory],
  kills: 5,
  clients: 8,
  responses: 120,
};

const REAL_SERVER: Victim = {
  command: (directory) => [program("../../../../server.ts"), "0", "--data", directory, "--quiet"],
  kills: 1,
  // Each costs a hash of the full cost.
  clients: 2,
  responses: 6,
};

function program(path: string): string {
  return fromFileUrl(import.meta.resolve(path));
}

/** What the servers acknowledged to the clients. */
interface Acknowledged {
  /** Names whose registration was requested. */
  readonly requested: Set<string>;
  /** Names whose registration got a 200. */
  readonly registered: Set<string>;
  /** Names whose raised privilege got a 200. */
  readonly raised: Set<string>;
}

/** Starts the server; resolves with its port. */
async function start(command: string[]): Promise<{ server: Deno.ChildProcess; port: number }> {
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", ...command],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value, done } = await reader.read();
  assert(!done, "the server did not start");
  await reader.cancel();
  return { server, port: Number(/\d+$/m.exec(value)![0]) };
}

/**
 * Registers one user after the other, and raises the privilege of every third, until the server is
 * gone.
 */
async function client(
  port: number,
  prefix: string,
  acknowledged: Acknowledged,
  responded: () => void,
) {
  const call = async (method: string, path: string, body: unknown, cookie = "") => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { cookie },
      // A server that hangs fails the test.
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    assertEquals(response.status, 200, text);
    responded();
    return response.headers.get("set-cookie") ?? "";
  };
  for (let i = 0;; i++) {
    const username = `${prefix}-${i}`;
    acknowledged.requested.add(username);
    await call("POST", "/register", { username, password: "x" });
    acknowledged.registered.add(username);
    if (i % 3 > 0) continue;
    const session = await call("POST", "/login", { username, password: "x" });
    await call("PUT", "/privilege", { username }, session);
    acknowledged.raised.add(username);
  }
}

/**
 * One server's life: clients work until so many of their requests were responded, then it is
 * killed.
 */
async function live(
  victim: Victim,
  directory: string,
  life: number,
  acknowledged: Acknowledged,
): Promise<void> {
  const { server, port } = await start(victim.command(directory));
  let left = life === 0 ? victim.responses : Math.floor(Math.random() * victim.responses);
  const responded = () => {
    if (left-- === 0) server.kill("SIGKILL");
  };
  responded();
  await Promise.all(
    Array.from({ length: victim.clients }, async (_, i) => {
      try {
        await client(port, `life ${life}, client ${i}`, acknowledged, responded);
      } catch (error) {
        // How a connection ends whose server is killed; anything else is a failure of the test.
        if (!(error instanceof TypeError)) throw error;
      }
    }),
  );
  assertEquals((await server.status).signal, "SIGKILL");
}

/**
 * Kills one server after the other on a directory, and looks each time at what is there. One at a
 * time: a client that finds its server gone tries the port again, and must not find another one
 * there.
 */
async function killAll(victim: Victim): Promise<void> {
  const directory = await Deno.makeTempDir();
  const acknowledged: Acknowledged = {
    requested: new Set(),
    registered: new Set(),
    raised: new Set(),
  };
  for (let life = 0; life < victim.kills; life++) {
    await live(victim, directory, life, acknowledged);
    JSON.parse(await Deno.readTextFile(join(directory, "users.json")));
    const store = await openJsonStore(directory);
    for (const name of acknowledged.registered) {
      const user = await store.find(name);
      assert(user !== null, `${name} is lost after kill ${life}`);
      if (acknowledged.raised.has(name)) {
        assert(user.expiryTime > 0, `the privilege of ${name} is lost`);
      }
    }
    for await (const [name] of store.list()) {
      assert(acknowledged.requested.has(name), `${name} is nobody`);
    }
    await store.close();
  }
  assert(acknowledged.registered.size > 0, "the servers were killed before they did anything");
  await Deno.remove(directory, { recursive: true });
}

Deno.test("a server that is killed at five random instants keeps every change it has acknowledged", async () => {
  await killAll(CHEAP_SERVER);
});

Deno.test("the real program that is killed keeps every change it has acknowledged", async () => {
  await killAll(REAL_SERVER);
});
