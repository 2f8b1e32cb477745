/** Server and client over real sockets. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Handler, HttpClient, serve } from "../../lib/http/mod.ts";
import { byteAt, CountedSource } from "./support/body_source.ts";
import { statuses, toBytes } from "./support/test_server.ts";

/** Whether there is an OpenSSL to make certificates with. */
const hasOpenssl = await new Deno.Command("openssl", { args: ["version"] }).output()
  .then(({ success }) => success, () => false);

const GET = { method: "GET", target: "/" };

/** A server on a free port of loopback. */
function listen(handler: Handler = () => ({ status: 200, body: "ok" })) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const server = serve(listener, handler);
  return {
    connect: () => Deno.connect({ hostname: "127.0.0.1", port }),
    [Symbol.asyncDispose]: () => server.shutdown(0),
  };
}

/** Everything that comes, as text. */
async function readAll(conn: Deno.Conn): Promise<string> {
  let text = "";
  for await (const piece of conn.readable.pipeThrough(new TextDecoderStream())) text += piece;
  return text;
}

Deno.test("over TCP: client and server exchange requests on one connection", async () => {
  await using server = listen(({ method, body }) => ({
    status: 200,
    body: `${method} ${body.length}`,
  }));
  let connections = 0;
  const client = new HttpClient({
    connect: () => {
      connections++;
      return server.connect();
    },
    host: "localhost",
  });
  for (let i = 0; i < 20; i++) {
    const response = await client.request({
      method: "POST",
      target: "/",
      body: "x".repeat(i * 3000),
    });
    assertEquals(await response.text(100), `POST ${i * 3000}`);
  }
  assertEquals(connections, 1);
  client.close();
});

Deno.test("over TCP: large content arrives whole, from memory and as it is read", async () => {
  const size = 3_000_000;
  const bytes = Uint8Array.from({ length: size }, (_, i) => byteAt(i));
  await using server = listen(({ path }) => ({
    status: 200,
    body: path === "/memory" ? bytes : new CountedSource(size),
  }));
  const client = new HttpClient({ connect: server.connect, host: "localhost" });
  for (const target of ["/memory", "/source", "/memory"]) {
    const content = await (await client.request({ method: "GET", target })).bytes(size);
    assertEquals(content.length, size);
    assert(content.every((byte, i) => byte === byteAt(i)), target);
  }
  client.close();
});

Deno.test("RFC 9112 §9.6: over TCP, an error response reaches a client that never stops sending", async () => {
  await using server = listen();
  const conn = await server.connect();
  await conn.write(toBytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n"));
  // Without a lingering close the first write after the server's close would reset the connection, and the
  // response, not read yet, would be lost.
  const piece = new Uint8Array(1_000_000);
  for (let sent = 0; sent < 50_000_000;) sent += await conn.write(piece);
  const received = await readAll(conn);
  assertEquals(statuses(received), [413]);
});

Deno.test("RFC 9112 §9.6: over TCP, a client that half-closes gets its responses", async () => {
  await using server = listen();
  const conn = await server.connect();
  await conn.write(toBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3)));
  await conn.closeWrite();
  assertEquals(statuses(await readAll(conn)), [200, 200, 200]);
});

Deno.test("over TCP: a client that resets its connection does not affect others", async () => {
  await using server = listen(() => ({ status: 200, body: new CountedSource(50_000_000) }));
  for (let i = 0; i < 5; i++) {
    const conn = await server.connect();
    await conn.write(toBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    await conn.read(new Uint8Array(100));
    // Closing with bytes unread resets.
    conn.close();
  }
  const conn = await server.connect();
  await conn.write(toBytes("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  assertEquals(statuses(await readAll(conn)), [200]);
});

Deno.test({
  name: "over TLS: the same code serves, and an error response arrives",
  ignore: !hasOpenssl,
}, async () => {
  const { cert, key } = await selfSigned();
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const { port } = listener.addr as Deno.NetAddr;
  const server = serve(listener, () => ({ status: 200, body: "x".repeat(100_000) }));
  const connect = () => Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] });
  try {
    const client = new HttpClient({ connect, host: "localhost" });
    for (let i = 0; i < 3; i++) {
      assertEquals((await (await client.request(GET)).text(100_000)).length, 100_000);
    }
    client.close();

    const conn = await connect();
    await conn.write(toBytes("GET / HTTP/1.1\r\nHost : a\r\n\r\n"));
    await conn.write(new Uint8Array(100_000));
    const received = await readAll(conn);
    assertEquals(statuses(received), [400]);
    assertStringIncludes(received, "Connection: close\r\n");
  } finally {
    await server.shutdown(0);
  }
});

Deno.test({
  name: "over TLS: a client that sends plain HTTP is disconnected and does not affect others",
  ignore: !hasOpenssl,
}, async () => {
  const { cert, key } = await selfSigned();
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const { port } = listener.addr as Deno.NetAddr;
  const server = serve(listener, () => ({ status: 200 }));
  try {
    const plain = await Deno.connect({ hostname: "127.0.0.1", port });
    await plain.write(toBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    const buffer = new Uint8Array(1000);
    while (await plain.read(buffer).catch(() => null) !== null);
    plain.close();
    const client = new HttpClient({
      connect: () => Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] }),
      host: "localhost",
    });
    assertEquals((await client.request(GET)).status, 200);
    client.close();
  } finally {
    await server.shutdown(0);
  }
});

/** A certificate for `localhost` and its key, made for this run. */
async function selfSigned(): Promise<{ cert: string; key: string }> {
  const directory = await Deno.makeTempDir();
  try {
    const [key, cert] = [`${directory}/key.pem`, `${directory}/cert.pem`];
    const { success, stderr } = await new Deno.Command("openssl", {
      args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        .concat("-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost")
        .concat("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        // Without it OpenSSL makes an authority, which may not stand for a server.
        .concat("-addext", "basicConstraints=critical,CA:FALSE"),
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
