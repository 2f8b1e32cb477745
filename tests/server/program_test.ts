/** The server as a program: start, stop, output, exit codes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readLine } from "../../lib/server/console.ts";
import { stopSignal } from "../../lib/server/stop_signal.ts";
import { command, startServer, temporaryDirectory } from "../e2e/support/programs.ts";
import { admitVisitors, registerUsers } from "../support/visitors.ts";
import { Browser } from "./support/browser.ts";
import { hasOpenssl, makeCertificate } from "./support/certificate.ts";
import { runMain } from "./support/server_main.ts";

/** Runs the server until it ends by itself, `input` on its stdin. */
async function runToEnd(args: string[], input = "") {
  const [executable, ...first] = command("server");
  const process = new Deno.Command(executable, {
    args: [...first, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const end = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: end.code, stdout: text(end.stdout), stderr: text(end.stderr) };
}

Deno.test("images come from `images` in the data directory, over IPv4 and IPv6 alike", async () => {
  await using home = await temporaryDirectory();
  await Deno.mkdir(join(home.path, "images"));
  await Deno.writeTextFile(join(home.path, "images", "image.jpg"), "picture");
  const [one, two] = await admitVisitors(home.path, "1", "2");
  await using server = await startServer(home.path, ["--host", "::"]);
  using first = new Browser(`http://127.0.0.1:${server.port}`);
  first.takeCookies(one);
  assertEquals(await (await first.get("/images?url=image.jpg")).text(), "picture");
  using second = new Browser(`http://[::1]:${server.port}`);
  second.takeCookies(two);
  assertEquals(await (await second.get("/images?url=image.jpg")).text(), "picture");
});

Deno.test("a signal lets the response in flight finish, then everything is written to disk", async () => {
  await using home = await temporaryDirectory();
  // More than the sockets' buffers hold, and on a busy machine less than the grace of five seconds.
  const size = 16 * 1024 * 1024;
  await Deno.mkdir(join(home.path, "images"));
  await Deno.writeFile(join(home.path, "images", "big.png"), new Uint8Array(size));
  const [alice] = await admitVisitors(home.path, "alice");
  await using server = await startServer(home.path);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  browser.takeCookies(alice);
  const response = await browser.get("/images?url=big.png");
  const idle = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await idle.write(new TextEncoder().encode("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"));
  await idle.read(new Uint8Array(1000));
  server.process.kill("SIGINT");
  assertEquals(await idle.read(new Uint8Array(1)), null);
  idle.close();
  assertEquals((await response.arrayBuffer()).byteLength, size);
  const end = await server.ended;
  assertEquals([end.code, end.signal, end.stderr], [0, null, ""]);
  const log = await Deno.readTextFile(join(home.path, "server_log.txt"));
  assertMatch(log, new RegExp(`GET /images "big.png" 200 ${size} bytes .*\\n`));
  assertMatch(log, /\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] server stopped\n$/);
  assertMatch(log, /\] serving 1 image in 1 folder to 1 user\n/);
  assertEquals(
    end.stdout,
    `Server started at ${server.port}\n` +
      `  Open    http://127.0.0.1:${server.port}/\n` +
      `  Data    ${home.path}\n` +
      `  Images  ${join(home.path, "images")}\n` +
      "  Users   users.json in the data directory\n" +
      `  Stop    Ctrl-C\n${log}`,
  );
  const users = JSON.parse(await Deno.readTextFile(join(home.path, "users.json")));
  assertEquals(Object.keys(users), ["alice"]);
  assert((await Deno.stat(join(home.path, ".thumbnails"))).isDirectory);
});

Deno.test("a second signal ends the process at once, with the code of one that it kills", async () => {
  const listeners = new Map<Deno.Signal, () => void>();
  const exits: (number | undefined)[] = [];
  const stopped = stopSignal({
    addSignalListener: (signal, listener) => listeners.set(signal, listener),
    exit: (code) => exits.push(code) as never,
  });
  const [first, second] = [...listeners.keys()];
  listeners.get(second)!();
  assertEquals([await stopped, exits], [second, []]);
  for (const signal of [first, second]) listeners.get(signal)!();
  assertEquals(exits, [130, Deno.build.os === "windows" ? 131 : 143]);
});

Deno.test("a password on a pipe is its first line, however much more comes", async () => {
  const line = (...parts: string[]) => {
    const left = parts.map((part) => new TextEncoder().encode(part));
    return readLine(
      new ReadableStream({
        pull(controller) {
          const part = left.shift();
          if (part !== undefined) controller.enqueue(part);
          else if (parts.at(-1) === "") controller.close();
        },
      }),
    );
  };
  assertEquals(await line("secr", "et\r\nmore", "\n"), "secret");
  assertEquals(await line("secret", ""), "secret");
  assertEquals(await line("\n"), "");
  assertEquals(await line(""), null);
  // One that never ends is cut.
  const longest = "x".repeat(16 * 1024);
  assertEquals(await line(longest, "y\n"), longest + "y");
  assertEquals(await line(longest + "y", "z\n"), longest + "y");
});

Deno.test("options come from the environment; the command line wins", async () => {
  await using home = await temporaryDirectory();
  await Deno.mkdir(join(home.path, "images"));
  await Deno.writeTextFile(join(home.path, "images", "con.jpg"), "picture");
  const [executable, ...first] = command("server");
  const process = new Deno.Command(executable, {
    args: [...first, "--host", "127.0.0.1"],
    env: {
      SOCKETPROGRAM_SERVER_PORT: "0",
      SOCKETPROGRAM_SERVER_DATA: home.path,
      SOCKETPROGRAM_SERVER_HOST: "not.an.address.invalid",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("Windows")) break;
  }
  process.kill("SIGTERM");
  await process.status;
  assertStringIncludes(text, "  Open    http://127.0.0.1:");
  assertStringIncludes(text, 'because Windows does not allow such names: "con.jpg"\n');
});

Deno.test("wrong usage is a sentence, a line of usage and where to read on; help is all of it", async () => {
  assertEquals(await runMain("80", "--qiet"), {
    code: 2,
    stdout: "",
    stderr: "There is no option --qiet. Did you mean --quiet?\n" +
      "usage: server <port> [options]\nsee --help\n",
  });
  const help = await runMain("help"), version = await runMain("-V");
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "--max-connections N");
  assertEquals([version.code, version.stderr], [0, ""]);
  assertMatch(version.stdout, /^server \d+\.\d+\.\d+\n$/);
});

Deno.test("--quiet keeps the log in the file", async () => {
  await using home = await temporaryDirectory();
  await using server = await startServer(home.path, ["--quiet"]);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.ask("GET", "/nowhere");
  const { code, stdout } = await server.stop();
  assertEquals([code, stdout], [0, `Server started at ${server.port}\n`]);
  assertStringIncludes(
    await Deno.readTextFile(join(home.path, "server_log.txt")),
    "GET /nowhere - 404",
  );
});

Deno.test({
  name: "a log on a full disk is reported once, and the server goes on",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await temporaryDirectory();
    await Deno.symlink("/dev/full", join(home.path, "server_log.txt"));
    const [alice] = await admitVisitors(home.path, "alice");
    await using server = await startServer(home.path);
    using browser = new Browser(`http://127.0.0.1:${server.port}`);
    browser.takeCookies(alice);
    assertEquals(await browser.ask("HEAD", "/images"), [200, ""]);
    const end = await server.stop();
    assertEquals(end.code, 0);
    assertMatch(
      end.stderr,
      /^The log cannot be written: .+\. The server continues without it\.\n$/,
    );
  },
});

Deno.test("a console whose reader has gone does not stop the server", async () => {
  await using home = await temporaryDirectory();
  const [alice] = await admitVisitors(home.path, "alice");
  const [executable, ...first] = command("server");
  const process = new Deno.Command(executable, {
    args: [...first, "0", "--host", "127.0.0.1", "--data", home.path],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = process.stdout.getReader();
  const text = new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  const port = text.match(/started at (\d+)/)![1];
  using browser = new Browser(`http://127.0.0.1:${port}`);
  browser.takeCookies(alice);
  assertEquals(await browser.ask("HEAD", "/images"), [200, ""]);
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 0);
});

Deno.test({
  name: "over TLS the whole flow works, and a failed handshake does not affect others",
  ignore: !hasOpenssl,
  async fn() {
    await using home = await temporaryDirectory();
    const { certFile, keyFile, pem } = await makeCertificate(home.path, "server");
    await registerUsers(home.path, "alice");
    await Deno.mkdir(join(home.path, "images"));
    await Deno.writeTextFile(join(home.path, "images", "image.jpg"), "picture");
    await using server = await startServer(home.path, [
      "--tls-cert",
      certFile,
      "--tls-key",
      keyFile,
    ]);
    const plain = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await plain.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    const silent = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    using untrusting = new Browser(`https://localhost:${server.port}`);
    assertEquals(await untrusting.ask("GET", "/").catch(() => "refused"), "refused");

    using browser = new Browser(`https://localhost:${server.port}`, pem);
    const user = { username: "alice", password: "alice" };
    assertEquals(await browser.ask("POST", "/login", user), [200, "LOGIN_SUCCESS"]);
    assertEquals((await browser.ask("PUT", "/privilege", user))[0], 200);
    assertEquals(await (await browser.get("/images?url=image.jpg")).text(), "picture");
    for (const line of browser.setCookies) {
      assertMatch(line, /;HttpOnly;SameSite=Strict;Secure; Max-Age=/);
    }
    plain.close();
    silent.close();
  },
});

Deno.test({
  name: "unusable TLS files give one sentence and exit 1",
  ignore: !hasOpenssl,
  async fn() {
    await using home = await temporaryDirectory();
    const own = await makeCertificate(home.path, "own");
    const other = await makeCertificate(home.path, "other");
    const users = join(home.path, "users.json");
    await Deno.writeTextFile(users, "{}");
    const cases: [cert: string, key: string, sentence: RegExp][] = [
      [own.certFile, other.keyFile, /^The certificate and key .* cannot be used: .*\.\n$/],
      [own.keyFile, own.certFile, /^The certificate and key .* cannot be used: .*\.\n$/],
      [users, own.keyFile, /^The certificate and key .* cannot be used: .*\.\n$/],
      [own.certFile, users, /^The certificate and key .* cannot be used: .*\.\n$/],
      [
        join(home.path, "none.pem"),
        own.keyFile,
        /^The TLS file .*none\.pem cannot be read: .*\.\n$/,
      ],
    ];
    for (const [cert, key, sentence] of cases) {
      const args = ["0", "--data", home.path, "--tls-cert", cert, "--tls-key", key];
      const { code, stdout, stderr } = await runMain(...args);
      assertEquals([code, stdout], [1, ""]);
      assertMatch(stderr, sentence);
    }
  },
});

Deno.test("the administrator lists, changes and removes users while the server is down", async () => {
  await using home = await temporaryDirectory();
  const administer = (words: string) => runMain("user", ...words.split(" "), "--data", home.path);
  const [alice] = await admitVisitors(home.path, "alice");
  const changed = await runToEnd(
    ["user", "passwd", "alice", "--data", home.path],
    "new password\n",
  );
  assertEquals([changed.code, changed.stderr], [0, ""]);
  assertMatch((await administer("list")).stdout, /^alice/);
  {
    await using server = await startServer(home.path);
    using later = new Browser(`http://127.0.0.1:${server.port}`);
    later.takeCookies(alice);
    assertEquals(await (await later.get("/images?url=x.jpg")).text(), "INVALID_KEY");
    const user = { username: "alice", password: "new password" };
    assertEquals(await later.ask("POST", "/login", user), [200, "LOGIN_SUCCESS"]);
  }
  assertEquals((await administer("remove alice")).code, 0);
  assertEquals((await administer("list")).stdout, "");
  assertEquals((await administer("remove alice")).code, 1);
  assertEquals((await administer("dance")).code, 2);
});

Deno.test({
  name: "the administrator's commands work on a running server, but not over TCP",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using home = await temporaryDirectory();
    const [alice] = await admitVisitors(home.path, "alice");
    const socket = join(home.path, "admin.sock");
    const administer = (words: string) => runMain("user", ...words.split(" "), "--data", home.path);
    {
      // What a server that is killed leaves does not keep the next one from its commands.
      await using killed = await startServer(home.path);
      killed.process.kill("SIGKILL");
      await killed.ended;
      assertEquals((await Deno.lstat(socket)).isSocket, true);
    }
    await using server = await startServer(home.path);
    using browser = new Browser(`http://127.0.0.1:${server.port}`);
    browser.takeCookies(alice);
    assertMatch((await administer("list")).stdout, /^alice\traised until /);
    const passwd = ["user", "passwd", "alice", "--data", home.path];
    assertEquals((await runToEnd(passwd, "new secret\n")).code, 0);
    assertEquals((await browser.ask("HEAD", "/images"))[0], 401);
    const user = { username: "alice", password: "new secret" };
    assertEquals(await browser.ask("POST", "/login", user), [200, "LOGIN_SUCCESS"]);
    assertEquals((await administer("revoke alice")).code, 0);
    assertEquals((await browser.ask("PUT", "/privilege", user))[0], 401);
    await using other = await temporaryDirectory();
    const file = join(other.path, "users.json");
    await Deno.writeTextFile(file, '{"1": {"pw": "1", "key": {"expiry_time": 0}}}');
    assertMatch((await administer(`import ${file}`)).stdout, /^imported: 1, /);
    const imported = { username: "1", password: "1" };
    assertEquals(await browser.ask("POST", "/login", imported), [200, "LOGIN_SUCCESS"]);
    for (const [method, path] of [["POST", "/remove"], ["GET", "/users"], ["POST", "/import"]]) {
      const body = method === "GET" ? undefined : { username: "alice" };
      assertEquals(await browser.ask(method, path, body), [404, "Page not found"]);
    }
    assertEquals((await administer("remove alice")).code, 0);
    assertEquals((await administer("list")).stdout, "1\n");
    const { code, stdout, stderr } = await server.stop();
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^\[[^\]]*\] admin\.sock - PUT \/password "alice" 200 /m);
    assertEquals(stdout.includes("new secret"), false);
    const names = await Array.fromAsync(Deno.readDir(home.path), ({ name }) => name);
    assertEquals(names.includes("admin.sock"), false);
  },
});
