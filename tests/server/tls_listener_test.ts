/** TLS over real sockets: what the peer cannot hold up, and that nothing is lost on the way. */
import { assert, assertEquals } from "@std/assert";
import type { ServerLimits } from "../../lib/http/limits.ts";
import type { Handler } from "../../lib/http/message.ts";
import { serve } from "../../lib/http/server.ts";
import { TlsListener } from "../../lib/server/tls_listener.ts";
import { temporaryDirectory } from "../e2e/programs.ts";
import { hasOpenssl, makeCertificate } from "./certificate.ts";

/** Short enough for a test, and still far from what a handshake on a busy machine takes. */
const SHORT = 500;

/** A server of TLS on a free port of loopback. */
async function listen(handler: Handler, limits: Partial<ServerLimits> = {}) {
  await using home = await temporaryDirectory();
  const { keyFile, pem: cert } = await makeCertificate(home.path, "server");
  const key = await Deno.readTextFile(keyFile);
  const listener = new TlsListener({ hostname: "127.0.0.1", port: 0, cert, key });
  const { port } = listener.addr;
  const closed = Promise.withResolvers<void>();
  const server = serve(listener, handler, { limits, observer: { closed: () => closed.resolve() } });
  return {
    port,
    listener,
    /** Resolves when the first connection has been given up. */
    closed: closed.promise,
    connect: () => Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] }),
    async [Symbol.asyncDispose]() {
      await server.shutdown(0);
      await listener.cut();
    },
  };
}

/** Reads until the connection has ended, in whatever way; how many octets came. */
async function readToEnd(conn: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(64 * 1024);
  let length = 0;
  for (;;) {
    const read = await conn.read(buffer).catch(() => null);
    if (read === null) return length;
    length += read;
  }
}

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test({
  name: "a TLS handshake that does not come to its end is cut, socket and all",
  ignore: !hasOpenssl,
  async fn() {
    await using server = await listen(() => ({ status: 200 }), { handshakeTimeoutMs: SHORT });
    // Nothing, the beginning of a record, and what is none.
    for (
      const octets of [[], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], [0x47, 0x45, 0x54, 0x20, 0x2f]]
    ) {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      if (octets.length > 0) await conn.write(new Uint8Array(octets));
      assert(await readToEnd(conn) < 100);
    }
  },
});

Deno.test({
  name: "a TLS peer that does not read is cut, though it never takes what was written",
  ignore: !hasOpenssl,
  async fn() {
    // More than sockets and relay hold.
    const content = new Uint8Array(50_000_000);
    await using server = await listen(
      () => ({ status: 200, body: content }),
      { writeTimeoutMs: SHORT },
    );
    using conn = await server.connect();
    await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    await server.closed;
    assertEquals(server.listener.open, 0);
    assert(await readToEnd(conn) < content.length);
  },
});

Deno.test({
  name: "what a TLS connection was sent arrives, though the server has closed and the peer is slow",
  ignore: !hasOpenssl,
  async fn() {
    const content = new Uint8Array(3_000_000);
    await using server = await listen(() => ({ status: 200, body: content }), { lingerMs: 1 });
    using conn = await server.connect();
    await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert(await readToEnd(conn) > content.length);
  },
});
