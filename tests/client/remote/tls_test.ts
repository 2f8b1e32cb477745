/** The client over TLS: whose certificate it believes, and what its cookies do. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { runClient } from "../support/client_run.ts";
import { photoRoutes, photos } from "../support/photo_routes.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { startWireServer, writeAll } from "../support/wire_server.ts";

const { ko } = CATALOGUES;

const hasOpenssl = await new Deno.Command("openssl", { args: ["version"] }).output()
  .then(({ success }) => success, () => false);

/**
 * A certificate for localhost that nobody signed but itself; with days below 0, one of the past.
 */
async function makeCertificate(folder: string, constraints = "CA:FALSE", days = 2) {
  const certFile = join(folder, "cert.pem"), keyFile = join(folder, "key.pem");
  const { success } = await new Deno.Command("openssl", {
    args: [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(" "),
      ...["-subj", "/CN=localhost", "-addext", `basicConstraints=critical,${constraints}`],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", keyFile, "-out", certFile],
    ],
    stderr: "null",
  }).output();
  assert(success);
  if (days < 0) {
    const args = ["-in", certFile, "-signkey", keyFile, "-days", `${days}`, "-out", certFile];
    assert(
      (await new Deno.Command("openssl", { args: ["x509", ...args], stderr: "null" }).output())
        .success,
    );
  }
  return { certFile, cert: Deno.readTextFileSync(certFile), key: Deno.readTextFileSync(keyFile) };
}

Deno.test({
  name: "the whole flow over TLS, to a name and to an address, with Secure cookies",
  ignore: !hasOpenssl,
  async fn() {
    using folder = temporaryFolder();
    const { certFile, ...pair } = await makeCertificate(folder.path);
    const rightly = photoRoutes(photos({ "a.gif": new Uint8Array([1, 2, 3]) }));
    await using server = startWireServer(async (request, conn) => {
      const answer = await rightly(request, conn) as Uint8Array;
      const text = String.fromCharCode(...answer).replaceAll(";SameSite=Strict", ";Secure");
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
    }, pair);
    for (const host of ["localhost", "www.server.com", "127.0.0.1"]) {
      const data = join(folder.path, `data of ${host}`);
      const run = (command: string[], input = "") =>
        runClient(
          [host, `${server.port}`, "--tls", "--ca", certFile, ...command],
          { data, env: { SERVER_IP: "127.0.0.1" } },
          input,
        );
      if (host === "www.server.com") {
        // The certificate does not name it, whatever address it is at.
        const { code, stderr } = await run(["privilege"]);
        assertEquals(code, 1);
        assertEquals(stderr, ko.tlsCertificateName(`${host}:${server.port}`) + "\n");
        continue;
      }
      const { code, stdout, stderr } = await run([], `1\n${host}\n1\n2\n${host}\n1\n3\n4\na.gif\n`);
      assertEquals([code, stderr], [0, ""]);
      assertStringIncludes(stdout, ko.privilegeChanged);
      assertEquals((await run(["image", "a.gif", "--json"])).code, 0);
      const cookies = Deno.readTextFileSync(join(data, "cookies.json"));
      assertStringIncludes(cookies, `https://${host}:${server.port}`);
      assertStringIncludes(cookies, '"secure": true');
    }
  },
});

Deno.test({
  name: "a certificate that is not trusted is a sentence that says what to do",
  ignore: !hasOpenssl,
  async fn() {
    using folder = temporaryFolder();
    const { certFile: _, ...pair } = await makeCertificate(folder.path);
    await using server = startWireServer(photoRoutes(photos()), pair);
    const { code, stdout, stderr } = await runClient(
      ["localhost", `${server.port}`, "--tls"],
      { data: folder.path, env: { SERVER_IP: "127.0.0.1" } },
    );
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `localhost:${server.port}`);
    assertStringIncludes(stderr, "--ca");
    assertEquals(stderr.split("\n").length, 2);
  },
});

Deno.test({
  name: "a certificate that was named with --ca and cannot serve is a sentence that says why",
  ignore: !hasOpenssl,
  async fn() {
    const cases = [["CA:TRUE", 2, ko.tlsCertificateKind], [
      "CA:FALSE",
      -1,
      ko.tlsCertificateTime,
    ]] as const;
    for (const [constraints, days, sentence] of cases) {
      using folder = temporaryFolder();
      const { certFile, ...pair } = await makeCertificate(folder.path, constraints, days);
      await using server = startWireServer(photoRoutes(photos()), pair);
      const { code, stderr } = await runClient(
        ["localhost", `${server.port}`, "--tls", "--ca", certFile, "privilege"],
        { data: folder.path, env: { SERVER_IP: "127.0.0.1" } },
      );
      assertEquals([code, stderr], [1, sentence(`localhost:${server.port}`) + "\n"]);
    }
  },
});

Deno.test({
  name: "a server with TLS that is spoken to without is a sentence that names --tls",
  ignore: !hasOpenssl,
  async fn() {
    using folder = temporaryFolder();
    const { certFile: _, ...pair } = await makeCertificate(folder.path);
    await using server = startWireServer(photoRoutes(photos()), pair);
    const { code, stdout, stderr } = await runClient(
      ["127.0.0.1", `${server.port}`, "register", "1", "--password-stdin"],
      { data: folder.path },
      "1\n",
    );
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "--tls");
    assertEquals(stderr.split("\n").length, 2);
  },
});

Deno.test("a server without TLS, and files that are no certificates, are one sentence each", async () => {
  using folder = temporaryFolder();
  // Answers the first octets, as servers do that take them for a bad request.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const conn of listener) {
      await conn.read(new Uint8Array(4096));
      await writeAll(conn, "HTTP/1.1 400 Bad Request\r\n\r\n").catch(() => {});
      conn.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const at = ["127.0.0.1", `${port}`, "--tls"];
  const missing = join(folder.path, "missing.pem"), wrong = join(folder.path, "wrong.pem");
  Deno.writeTextFileSync(wrong, "no certificate");
  const cases: [string[], string][] = [
    [[], ko.tlsFailed(`127.0.0.1:${port}`)],
    [["--ca", missing], ko.caUnreadable(missing, ko.fileError(new Deno.errors.NotFound()))],
    [["--ca", wrong], ko.caInvalid(wrong)],
  ];
  for (const [args, sentence] of cases) {
    assertEquals(await runClient([...at, ...args], { data: folder.path }), {
      code: 1,
      stdout: "",
      stderr: sentence + "\n",
    });
  }
});
