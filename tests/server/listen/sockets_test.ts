/** The program's sockets, as the system sees them: descriptors, listeners, signals. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { StartError } from "../../../lib/server/failure.ts";
import { openListener } from "../../../lib/server/listen/listener.ts";
import { parseOptions } from "../../../lib/server/options.ts";
import { type RunningServer, startServer, temporaryDirectory } from "../../e2e/support/programs.ts";
import { hasOpenssl, makeCertificate } from "../support/certificate.ts";

const isLinux = Deno.build.os === "linux";
const encode = (text: string) => new TextEncoder().encode(text);
const REQUEST = encode("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

Deno.test("without a host, IPv4 and IPv6 are listened on; what prevents it is a sentence", async () => {
  const open = (host: string | null, port: number) => {
    const options = parseOptions([`${port}`, ...(host === null ? [] : ["--host", host])]);
    assert(options.command === "serve");
    return openListener(options);
  };
  const sentence = (host: string | null, port: number) =>
    assertThrows(() => open(host, port).close(), StartError).message;
  using listener = open(null, 0);
  const { port } = listener.addr;
  for (const hostname of ["127.0.0.1", "::1"]) {
    using client = await Deno.connect({ hostname, port });
    using accepted = await listener.accept();
    assert(client.localAddr.port === (accepted.remoteAddr as Deno.NetAddr).port);
  }
  assertEquals(sentence(null, port), `Another program already listens on port ${port}.`);
  assertEquals(
    sentence("127.0.0.1", port),
    `Another program already listens on 127.0.0.1 port ${port}.`,
  );
  assertMatch(
    sentence("192.0.2.1", port),
    /^Listening on 192\.0\.2\.1 port \d+ is not possible: .+\.$/,
  );
});

/** Options for a server with TLS, and how to connect to it. */
async function withTls(directory: string, name = "server") {
  const { certFile, keyFile, pem } = await makeCertificate(directory, name);
  return {
    args: ["--tls-cert", certFile, "--tls-key", keyFile],
    connect: (port: number) => Deno.connectTls({ hostname: "localhost", port, caCerts: [pem] }),
  };
}

const withoutTls = {
  args: [],
  connect: (port: number): Promise<Deno.Conn> => Deno.connect({ hostname: "127.0.0.1", port }),
};

/** Sends a request; resolves with whether it gets a response. */
async function isServed(connection: Promise<Deno.Conn>): Promise<boolean> {
  try {
    using conn = await connection;
    await conn.write(REQUEST);
    const buffer = new Uint8Array(1000);
    return new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0))
      .startsWith("HTTP/1.1 200 ");
  } catch {
    return false;
  }
}

/** Waits until a condition holds, for a minute at most. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!await holds()) {
    if (performance.now() > deadline) {
      throw new Error("The condition does not hold after a minute.");
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The lines of the log, without their times; empty while there is no log. */
function logOf(directory: string): string {
  try {
    const text = Deno.readTextFileSync(join(directory, "server_log.txt"));
    return text.replace(/^\[[^\]]*\] /gm, "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

for (const kind of ["plain", "TLS"]) {
  Deno.test({
    name: `a server that runs out of descriptors accepts again when some are free, ${kind}`,
    ignore: !isLinux || (kind === "TLS" && !hasOpenssl),
    async fn() {
      await using home = await temporaryDirectory();
      const { args, connect } = kind === "TLS" ? await withTls(home.path) : withoutTls;
      await using server = await startServer(home.path, args, { descriptors: 64 });
      const { port } = server;
      assert(await isServed(connect(port)));
      // More than the server can accept; the rest fits in the listener's queue, so none has to
      // wait.
      const hoard = await Promise.all(
        Array.from({ length: 100 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
      );
      await until(() => /Too many open files/.test(logOf(home.path)));
      for (const conn of hoard) conn.close();
      await until(() => isServed(connect(port)));
      assertEquals((await server.stop()).code, 0);
    },
  });
}

/** The inodes of a process's sockets. */
function socketsOf({ process }: RunningServer): Set<string> {
  const directory = `/proc/${process.pid}/fd`;
  const inodes = new Set<string>();
  for (const { name } of Deno.readDirSync(directory)) {
    try {
      const target = Deno.readLinkSync(join(directory, name));
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch (error) {
      // It was closed since the directory was read.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return inodes;
}

Deno.test({
  name: "with TLS there is one listener, and one socket a connection",
  ignore: !isLinux || !hasOpenssl,
  async fn() {
    await using home = await temporaryDirectory();
    const { args, connect } = await withTls(home.path);
    await using server = await startServer(home.path, args);
    // Whatever the start opens is closed again once the log says that it is done.
    await until(() => /^server \S+ started/m.test(logOf(home.path)));
    const before = socketsOf(server);
    const listening = ["tcp", "tcp6"].flatMap((table) =>
      Deno.readTextFileSync(`/proc/net/${table}`).split("\n").map((line) =>
        line.trim().split(/\s+/)
      )
    ).filter((fields) => fields[3] === "0A" && before.has(fields[9]));
    const ports = listening.map((fields) => parseInt(fields[1].split(":")[1], 16));
    assertEquals(ports, [server.port]);

    const connections = await Promise.all(Array.from({ length: 10 }, () => connect(server.port)));
    await Promise.all(connections.map((conn) => conn.handshake()));
    // Not 20: the runtime's own TLS would need a second socket for each.
    await until(() => socketsOf(server).size === before.size + 10);
    for (const conn of connections) conn.close();
    await until(() => socketsOf(server).size === before.size);
  },
});

Deno.test({
  name: "SIGHUP loads a new certificate, keeps connections, and reopens the log",
  ignore: Deno.build.os === "windows" || !hasOpenssl,
  async fn() {
    await using home = await temporaryDirectory();
    const before = await withTls(home.path);
    await using server = await startServer(home.path, before.args);
    const { port, process } = server;
    using conn = await before.connect(port);
    await conn.handshake();

    const after = await withTls(home.path); // the same files
    const log = join(home.path, "server_log.txt");
    await Deno.rename(log, join(home.path, "moved.txt"));
    process.kill("SIGHUP");
    await until(() => isServed(after.connect(port)));
    assert(await isServed(Promise.resolve(conn)));
    await until(() => /TLS: the new certificate is in use/.test(logOf(home.path)));
    assertStringIncludes(logOf(home.path), "SIGHUP: the log is reopened\n");

    await Deno.writeTextFile(join(home.path, "server.pem"), "damaged");
    process.kill("SIGHUP");
    await until(() => /cannot be used/.test(logOf(home.path)));
    assertMatch(logOf(home.path), /^error: .* cannot be used: .* stays in use\.$/m);
    assert(await isServed(after.connect(port)));
    assertEquals((await server.stop()).code, 0);
  },
});

Deno.test({
  name: "SIGHUP does not end a server without TLS",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using home = await temporaryDirectory();
    await using server = await startServer(home.path);
    server.process.kill("SIGHUP");
    await until(() => /SIGHUP: the log is reopened/.test(logOf(home.path)));
    assert(await isServed(withoutTls.connect(server.port)));
    assertEquals((await server.stop()).code, 0);
  },
});
