/** What goes wrong ends in one clear sentence, and nothing is overwritten or lost. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { admitVisitors, keepCookies } from "../support/visitors.ts";
import {
  command,
  type Ended,
  runClient,
  startServer,
  temporaryDirectory,
} from "./support/programs.ts";

/** Runs the server until it ends by itself. */
async function runServer(args: readonly string[]): Promise<Ended> {
  const [executable, ...first] = command("server");
  const { code, signal, stdout, stderr } = await new Deno.Command(executable, {
    args: [...first, ...args],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, signal, stdout: text(stdout), stderr: text(stderr) };
}

/** One sentence on stderr, exit code 1, no stack trace. */
function assertOneSentence({ code, stderr }: Ended, ...words: string[]) {
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /^[^\n]+\n$/);
  assert(!/\bat .*:\d+:\d+|Uncaught|error:.*\n.*at /.test(stderr), stderr);
  for (const word of words) assertStringIncludes(stderr, word);
}

Deno.test("both programs know --help and --version, and wrong usage exits 2", async () => {
  for (const program of ["server", "client"] as const) {
    const [executable, ...first] = command(program);
    const run = async (...args: string[]) => {
      const out = await new Deno.Command(executable, { args: [...first, ...args] }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code: out.code, stdout: text(out.stdout), stderr: text(out.stderr) };
    };
    const help = await run("--help");
    assertEquals([help.code, help.stderr], [0, ""]);
    assertStringIncludes(help.stdout, "--data");
    const version = await run("--version");
    assertEquals(version.code, 0);
    assertMatch(version.stdout, /\d+\.\d+\.\d+/);
    const { code, stdout, stderr } = await run("--nonsense", "1");
    assertEquals([program, code, stdout], [program, 2, ""], stderr);
    assertStringIncludes(stderr.toLowerCase(), "usage");
  }
});

Deno.test("a port that is in use gives one sentence", async () => {
  await using directory = await temporaryDirectory();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  assertOneSentence(
    await runServer([`${port}`, "--host", "127.0.0.1", "--data", directory.path]),
    `${port}`,
  );
});

Deno.test("an unreachable server gives one sentence", async () => {
  await using directory = await temporaryDirectory();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  assertOneSentence(
    await runClient(directory.path, ["127.0.0.1", `${port}`, "privilege"]),
    `${port}`,
  );
});

Deno.test("a damaged users.json stops the start with its place and stays as it is", async () => {
  const damaged = '{ "a": { "pw": "x", "key": { "expiry_time": 0 } }';
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "users.json");
  await Deno.writeTextFile(file, damaged);
  assertOneSentence(
    await runServer(["0", "--host", "127.0.0.1", "--data", directory.path]),
    "users.json",
  );
  assertEquals(await Deno.readTextFile(file), damaged);
});

Deno.test("a second server on one data directory refuses to start", async () => {
  await using directory = await temporaryDirectory();
  await using _first = await startServer(directory.path);
  assertOneSentence(
    await runServer(["0", "--host", "127.0.0.1", "--data", directory.path]),
    directory.path,
  );
});

Deno.test("a damaged cookies.json is named and stays as it is", async () => {
  await using directory = await temporaryDirectory();
  await using server = await startServer(directory.path);
  const file = join(directory.path, "cookies.json");
  await Deno.writeTextFile(file, '{ "broken": ');
  const { stderr } = await runClient(directory.path, ["127.0.0.1", `${server.port}`, "privilege"]);
  assertStringIncludes(stderr, "cookies.json");
  assert(!stderr.includes("    at "), stderr);
  assertEquals(await Deno.readTextFile(file), '{ "broken": ');
});

Deno.test("a damaged picture gives a sentence, and is kept", async () => {
  await using home = await temporaryDirectory();
  await Deno.mkdir(join(home.path, "images"));
  const whole = await Deno.readFile(new URL("../../images/image.jpg", import.meta.url));
  await Deno.writeFile(join(home.path, "images", "cut.jpg"), whole.subarray(0, 300));
  await Deno.writeFile(join(home.path, "images", "zero.jpg"), new Uint8Array(0));
  const [alice] = await admitVisitors(home.path, "alice");
  await using server = await startServer(home.path);
  const at = ["127.0.0.1", `${server.port}`];
  await keepCookies(home.path, server.port, alice);
  assertOneSentence(await runClient(home.path, [...at, "image", "cut.jpg"]), "cut.jpg");
  assertEquals(
    (await Deno.readFile(join(home.path, "web_cash", "cut.jpg"))).length,
    300,
  );
  assertOneSentence(await runClient(home.path, [...at, "image", "zero.jpg"]), "zero.jpg");
});

Deno.test("SIGTERM ends the server with exit code 0 while connections are open", async () => {
  await using directory = await temporaryDirectory();
  const server = await startServer(directory.path);
  using idle = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  // One request with its response, so that the connection is past the backlog.
  await idle.write(new TextEncoder().encode("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
  await idle.read(new Uint8Array(1000));
  const { code } = await server.stop();
  assertEquals(code, 0);
  assertEquals(await idle.read(new Uint8Array(1)), null);
});

Deno.test("a second signal ends the server at once", async () => {
  await using directory = await temporaryDirectory();
  const server = await startServer(directory.path);
  // A request that never ends keeps the graceful stop waiting.
  using slow = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await slow.write(new TextEncoder().encode(
    "POST /login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
  ));
  await slow.read(new Uint8Array(100));
  server.process.kill("SIGTERM");
  // The first signal has been taken once no new connection is.
  for (;;) {
    const open = await Deno.connect({ hostname: "127.0.0.1", port: server.port })
      .then((conn) => (conn.close(), true), () => false);
    if (!open) break;
  }
  server.process.kill("SIGTERM");
  // After the five seconds of a graceful stop it would be 0.
  assertEquals((await server.ended).code, 143);
});
