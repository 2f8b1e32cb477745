/** `/health` and `server --check`: what a load balancer and a container see. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { serve } from "../../lib/http/mod.ts";
import { checkHealth } from "../../lib/server/health_check.ts";
import { Health } from "../../lib/server/health.ts";
import { findPostgres, useCluster } from "../accounts/support/postgres_cluster.ts";
import { startServer, temporaryDirectory } from "../e2e/support/programs.ts";
import { Browser } from "./support/browser.ts";
import { hasOpenssl, makeCertificate } from "./support/certificate.ts";
import { runMain } from "./support/server_main.ts";

const check = (...args: string[]) => runMain("--check", ...args);

const programs = findPostgres();
const cluster = programs === null ? null : await useCluster(programs);

const WELL = { code: 0, stdout: "", stderr: "" };

Deno.test("one probe at a time serves all requests, and its outcome is kept for a second", async () => {
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

Deno.test("a probe that throws synchronously counts as failed, and is reported", async () => {
  const reported: unknown[] = [];
  const broken = new Error("no");
  const health = new Health({
    report: (error) => reported.push(error),
    probe: () => {
      throw broken;
    },
  });
  assertEquals([await health.isHealthy(), reported], [false, [broken]]);
});

Deno.test({
  name: "a check asks this machine where the server listens, and leaves no timer",
  sanitizeOps: true,
  async fn() {
    for (
      const [listens, hosts] of [["127.0.0.1", [null, "0.0.0.0"]], ["::1", ["::", "::1"]]] as const
    ) {
      const listener = Deno.listen({ hostname: listens, port: 0 });
      const { port } = listener.addr;
      const server = serve(listener, ({ path }) => ({ status: path === "/health" ? 200 : 404 }));
      for (const host of hosts) {
        assertEquals(await checkHealth({ host, port, isTls: false }), null, `${host}`);
      }
      await server.shutdown(0);
    }
  },
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
  for (
    const [status, body, told] of [[404, "Not here", "404"], [
      503,
      "TRY_AGAIN",
      "503 TRY_AGAIN",
    ]] as const
  ) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const server = serve(listener, () => ({ status, body }));
    assertEquals(
      await checkHealth({ host: null, port, isTls: false }),
      `The server at 127.0.0.1:${port} responds with ${told}.`,
    );
    await server.shutdown(0);
  }
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
  name: "while the database is down, /health is 503 TRY_AGAIN, and 200 again afterwards",
  ignore: cluster === null,
  async fn() {
    const database = cluster!;
    try {
      await using home = await temporaryDirectory();
      await using server = await startServer(home.path, ["--users", await database.database()]);
      using browser = new Browser(`http://127.0.0.1:${server.port}`);
      const becomes = async (status: number, text: string) => {
        for (;;) {
          const response = await browser.ask("GET", "/health");
          if (response[0] === status) return assertEquals(response[1], text);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
      await becomes(200, "OK");
      await database.stop();
      await becomes(503, "TRY_AGAIN");
      assertEquals((await check(`${server.port}`)).code, 1);
      await database.start();
      await becomes(200, "OK");
      const log = await Deno.readTextFile(join(home.path, "server_log.txt"));
      assert(log.includes("error: StoreUnavailable: "), log);
    } finally {
      await database.start();
    }
  },
});
