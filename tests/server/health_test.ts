/** `/health` and `server --check`: what a load balancer and a container see. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { Health } from "../../lib/server/health.ts";
import { findPostgres, startCluster } from "../accounts/support/postgres_cluster.ts";
import { command, startServer, temporaryDirectory } from "../e2e/support/programs.ts";
import { Browser } from "./support/browser.ts";
import { hasOpenssl, makeCertificate } from "./support/certificate.ts";

async function check(...args: string[]) {
  const [executable, ...first] = command("server");
  const { code, stdout, stderr } = await new Deno.Command(executable, {
    args: [...first, "--check", ...args],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const WELL = { code: 0, stdout: "", stderr: "" };

Deno.test("one probe at a time serves everybody who asks, and its outcome a second", async () => {
  let now = 0;
  let probes = 0;
  let probing = Promise.withResolvers<void>();
  const reported: unknown[] = [];
  const health = new Health({
    now: () => now,
    report: (error) => reported.push(error),
    probe: () => {
      probes++;
      return probing.promise;
    },
  });
  const asked = Promise.all(Array.from({ length: 100 }, () => health.isHealthy()));
  assertEquals(probes, 1);
  probing.resolve();
  assertEquals(new Set(await asked), new Set([true]));
  now = 999;
  assertEquals([await health.isHealthy(), probes], [true, 1]);

  now = 1000;
  const broken = new Error("the disk is gone");
  probing = Promise.withResolvers();
  probing.reject(broken);
  assertEquals([await health.isHealthy(), probes], [false, 2]);
  now = 1999;
  assertEquals([await health.isHealthy(), probes], [false, 2]);
  now = 2000;
  assertEquals([await health.isHealthy(), probes], [false, 3]);
  assertEquals(reported, [broken]);

  probing = Promise.withResolvers();
  now = 3000;
  assertEquals([await health.isHealthy(), probes], [false, 4]);
  assertEquals([await health.isHealthy(), probes], [false, 4]);
  probing.resolve();
  await probing.promise;
  assertEquals([await health.isHealthy(), probes], [true, 4]);
});

Deno.test("a probe that throws at once says no as well", async () => {
  const health = new Health({
    probe: () => {
      throw new Error("no");
    },
  });
  assertEquals(await health.isHealthy(), false);
});

Deno.test("GET and HEAD /health need no key, and --check exits 0 or 1", async () => {
  await using home = await temporaryDirectory();
  const server = await startServer(home.path);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  assertEquals(await browser.ask("GET", "/health"), [200, "OK"]);
  assertEquals(await browser.ask("HEAD", "/health"), [200, ""]);
  assertEquals(await check(`${server.port}`), WELL);
  assertEquals(await check(`${server.port}`, "--host", "127.0.0.1"), WELL);
  await server.stop();
  const { code, stdout, stderr } = await check(`${server.port}`);
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^The server at 127\.0\.0\.1:\d+ does not respond: .*\.\n$/);
});

Deno.test("--check fails on every status but 200", async () => {
  const responses = ["404 Not Found", "503 Service Unavailable"];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for (const response of responses) {
      using conn = await listener.accept();
      await conn.read(new Uint8Array(1000));
      const text = `HTTP/1.1 ${response}\r\nContent-Length: 9\r\n\r\nTRY_AGAIN`;
      await conn.write(new TextEncoder().encode(text));
    }
  })();
  for (const response of responses) {
    const { code, stderr } = await check(`${listener.addr.port}`);
    assertEquals([code, stderr], [
      1,
      `The server at 127.0.0.1:${listener.addr.port} responds with ${
        response.slice(0, 3)
      } TRY_AGAIN.\n`,
    ]);
  }
  await serving;
  listener.close();
});

Deno.test({
  name: "--check asks over TLS where a certificate is given",
  ignore: !hasOpenssl,
  async fn() {
    await using home = await temporaryDirectory();
    const { certFile, keyFile } = await makeCertificate(home.path, "server");
    const tls = ["--tls-cert", certFile];
    await using server = await startServer(home.path, [...tls, "--tls-key", keyFile]);
    assertEquals(await check(`${server.port}`, ...tls), WELL);
    assertEquals((await check(`${server.port}`)).code, 1);
  },
});

Deno.test({
  name: "while the database is away, /health is 503 TRY_AGAIN, and 200 again afterwards",
  ignore: findPostgres() === null,
  async fn() {
    const cluster = await startCluster(findPostgres()!);
    try {
      await using home = await temporaryDirectory();
      await using server = await startServer(home.path, ["--users", await cluster.database()]);
      using browser = new Browser(`http://127.0.0.1:${server.port}`);
      const becomes = async (status: number, text: string) => {
        for (;;) {
          const response = await browser.ask("GET", "/health");
          if (response[0] === status) return assertEquals(response[1], text);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
      await becomes(200, "OK");
      await cluster.stop();
      await becomes(503, "TRY_AGAIN");
      assertEquals((await check(`${server.port}`)).code, 1);
      await cluster.start();
      await becomes(200, "OK");
      const log = await Deno.readTextFile(join(home.path, "server_log.txt"));
      assert(log.includes("error: StoreUnavailable: "), log);
    } finally {
      await cluster.stop();
      cluster.remove();
    }
  },
});
