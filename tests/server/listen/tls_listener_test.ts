/** TLS over real sockets: it behaves as plain TCP does, and no peer can hold anything up. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Handler, type RequestEnd, serve, type ServerLimits } from "../../../lib/http/mod.ts";
import { TlsCredentials } from "../../../lib/server/listen/tls_credentials.ts";
import { TlsListener } from "../../../lib/server/listen/tls_listener.ts";
import { TlsStream, wholeBuffer } from "../../../lib/server/listen/tls_stream.ts";
import { temporaryDirectory } from "../../e2e/support/programs.ts";
import { hasOpenssl, makeCertificate } from "../support/certificate.ts";

/** Short enough for a test, and still far from what a handshake on a busy machine takes. */
const SHORT = 500;

/** A server of TLS on a free port of loopback. */
async function listen(handler: Handler, limits: Partial<ServerLimits> = {}) {
  await using home = await temporaryDirectory();
  const { pem: cert, ...files } = await makeCertificate(home.path, "server");
  const credentials = await TlsCredentials.load(files);
  const listener = new TlsListener(
    Deno.listen({ hostname: "127.0.0.1", port: 0 }),
    credentials,
  );
  const { port } = listener.addr;
  const closed = Promise.withResolvers<void>();
  const failures: string[] = [];
  const ended: RequestEnd[] = [];
  const server = serve(listener, handler, {
    limits,
    observer: {
      closed: () => closed.resolve(),
      responded: (request) => ended.push(request),
      failed: (_peer, error) => failures.push(String(error)),
    },
  });
  return {
    port,
    /** What the server reported. */
    failures,
    /** The requests that have ended. */
    ended,
    /** Resolves when the first connection has been given up. */
    closed: closed.promise,
    connect: (alpnProtocols?: string[], to = port) =>
      Deno.connectTls({ hostname: "localhost", port: to, caCerts: [cert], alpnProtocols }),
    connectPlain: () => Deno.connect({ hostname: "127.0.0.1", port }),
    [Symbol.asyncDispose]: () => server.shutdown(0),
  };
}

const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, ignore: !hasOpenssl, fn });

/** Reads until the connection has ended, in whatever way. */
async function readToEnd(conn: Deno.Conn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const buffer = new Uint8Array(64 * 1024);
    const read = await conn.read(buffer).catch(() => null);
    if (read === null) break;
    parts.push(buffer.subarray(0, read));
    length += read;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Bytes that differ from one place to another. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, at) => at ^ (at >> 8) * 31);
}

/** What stands behind the head of a response. */
function contentOf(response: Uint8Array): Uint8Array {
  return response.subarray(decode(response.subarray(0, 4096)).indexOf("\r\n\r\n") + 4);
}

test("a TLS handshake that does not complete is aborted, and its socket closed", async () => {
  await using server = await listen(() => ({ status: 200 }), { handshakeTimeoutMs: SHORT });
  // Nothing, and the beginning of a record.
  for (const bytes of [[], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]]) {
    using conn = await server.connectPlain();
    if (bytes.length > 0) await conn.write(new Uint8Array(bytes));
    assertEquals((await readToEnd(conn)).length, 0);
  }
  assertEquals(server.failures, []);
});

test("a peer that ends before the handshake is done is closed at once", async () => {
  for (const bytes of [[], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]]) {
    await using server = await listen(() => ({ status: 200 }), { handshakeTimeoutMs: 3_600_000 });
    using conn = await server.connectPlain();
    if (bytes.length > 0) await conn.write(new Uint8Array(bytes));
    await conn.closeWrite();
    await server.closed;
    assertEquals((await readToEnd(conn)).length, 0);
    assertEquals(server.failures, []);
  }
});

test("a peer that does not speak TLS gets an alert, and the log a line", async () => {
  await using server = await listen(() => ({ status: 200 }), { handshakeTimeoutMs: 3_600_000 });
  using conn = await server.connectPlain();
  await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  const [type] = await readToEnd(conn);
  assertEquals(type, 0x15, "a record of the type alert (RFC 8446 §5.1)");
  await server.closed;
  assertEquals(server.failures.length, 1);
  assertMatch(server.failures[0], /^InvalidData: TLS failed: /);
});

test("a record that is damaged after the handshake ends the connection, and the log has a line", async () => {
  await using server = await listen(() => ({ status: 200 }), { idleTimeoutMs: 3_600_000 });
  using between = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connecting = server.connect([], between.addr.port);
  const inside = await between.accept();
  const outside = await server.connectPlain();
  const relaying = Promise.all([
    inside.readable.pipeTo(outside.writable),
    outside.readable.pipeTo(inside.writable),
  ]).catch(() => {});
  const conn = await connecting;
  await conn.handshake();
  // One request with its response, so that the handshake is done on the server's side, too.
  await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await conn.read(new Uint8Array(1000));
  const record = new Uint8Array(5 + 100);
  record.set([0x17, 3, 3, 0, 100]);
  await outside.write(record);
  await server.closed;
  assertEquals(server.failures.length, 1);
  assertMatch(server.failures[0], /^InvalidData: TLS failed: /);
  conn.close();
  await relaying;
});

/** A connection of a `TlsStream` that takes little at once, and its time. */
class SlowConnection {
  readonly remoteAddr: Deno.NetAddr;
  /** The bytes that were taken. */
  taken = 0;
  /** The buffers that were to be written, with the length of each. */
  readonly buffers = new Map<ArrayBufferLike, number>();
  /** The writes at this time, and at most. */
  writing = 0;
  mostWriting = 0;
  /** What comes next, before what the peer sends. */
  next: Uint8Array | null = null;
  readonly #connection: Deno.TcpConn;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.remoteAddr = connection.remoteAddr as Deno.NetAddr;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const { next } = this;
    if (next !== null) {
      into.set(next);
      this.next = null;
      return next.length;
    }
    const length = await this.#connection.read(into);
    // The end of the peer's direction is not told.
    return length ?? await new Promise(() => {});
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (!this.buffers.has(bytes.buffer)) this.buffers.set(bytes.buffer, bytes.length);
    this.mostWriting = Math.max(this.mostWriting, ++this.writing);
    const part = bytes.slice(0, 5000);
    await new Promise((resolve) => setTimeout(resolve));
    const written = await this.#connection.write(part);
    this.taken += written;
    this.writing--;
    return written;
  }

  async closeWrite(): Promise<void> {
    assertEquals(this.writing, 0);
    await this.#connection.closeWrite();
  }

  close(): void {
    this.#connection.close();
  }

  setNoDelay(): void {}
}

/** A client and the server's side of a connection that is slow. */
async function connectSlowly() {
  await using home = await temporaryDirectory();
  const { pem, ...files } = await makeCertificate(home.path, "server");
  const { context } = await TlsCredentials.load(files);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const connecting = Deno.connectTls({ hostname: "localhost", port, caCerts: [pem] });
  const connection = new SlowConnection(await listener.accept());
  const stream = new TlsStream(connection, context);
  const client = await connecting;
  await Promise.all([client.handshake(), stream.handshake()]);
  return { client, connection, stream };
}

test("a write over TLS ends once all is taken, in order, and frees large ciphertext", async () => {
  const { client, connection, stream } = await connectSlowly();
  const received = readToEnd(client);
  const content = pattern(100_000);
  const before = connection.taken;
  // Two at a time, the second of which waits for the first.
  const parts = [content.subarray(0, 40_000), content.subarray(40_000, 80_000)];
  assertEquals(await Promise.all(parts.map((part) => stream.write(part))), [40_000, 40_000]);
  assert(connection.taken - before > 80_000);
  assertEquals(await stream.write(content.subarray(80_000)), 20_000);
  assert(connection.taken - before > 100_000);
  await stream.closeWrite();
  assertEquals(await received, content);
  for (const [buffer, length] of connection.buffers) {
    assertEquals((buffer as ArrayBuffer).detached, length >= 16 * 1024, `${length}`);
  }
  const whole = new Uint8Array(4);
  assertEquals(wholeBuffer(whole), whole.buffer);
  for (const other of [whole.subarray(1), "text", undefined]) {
    assertEquals(wholeBuffer(other), other);
  }
  // What the peer ends is TLS: that it ends TCP, too, is not waited for.
  await client.closeWrite();
  assertEquals(await stream.read(new Uint8Array(100)), null);
  stream.close();
  client.close();
});

test("an alert waits for the write that is under way", async () => {
  const { client, connection, stream } = await connectSlowly();
  const received = readToEnd(client);
  const writing = stream.write(pattern(40_000)).catch(() => {});
  // A record that is damaged.
  connection.next = new Uint8Array(5 + 100);
  connection.next.set([0x17, 3, 3, 0, 100]);
  await assertRejects(() => stream.read(new Uint8Array(1000)), Deno.errors.InvalidData);
  await writing;
  stream.close();
  await received;
  assertEquals(connection.mostWriting, 1);
  client.close();
});

test("300 hung handshakes do not block other clients", async () => {
  await using server = await listen(() => ({ status: 200, body: "in" }));
  const hung = await Promise.all(Array.from({ length: 300 }, () => server.connectPlain()));
  await Promise.all(
    hung.slice(100).map((conn) => conn.write(new Uint8Array([0x16, 3, 1, 2, 0, 1]))),
  );
  using conn = await server.connect();
  await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  assertMatch(decode(await readToEnd(conn)), /^HTTP\/1\.1 200 .*in$/s);
  for (const conn of hung) conn.close();
});

test("a TLS peer that does not read is aborted with bytes still to be written", async () => {
  // More than the sockets hold.
  const content = new Uint8Array(50_000_000);
  await using server = await listen(
    () => ({ status: 200, body: content }),
    { writeTimeoutMs: SHORT },
  );
  using conn = await server.connect();
  await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await server.closed;
  assert((await readToEnd(conn)).length < content.length);
  const [{ status, outcome, bodyBytes }] = server.ended;
  assertEquals([status, outcome], [200, "stalled"]);
  assert(bodyBytes < content.length);
});

test("a download over TLS that the peer breaks off is reported as aborted", async () => {
  const content = new Uint8Array(50_000_000);
  await using server = await listen(() => ({ status: 200, body: content }));
  const conn = await server.connect();
  await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await conn.read(new Uint8Array(1000));
  conn.close();
  await server.closed;
  const [{ status, outcome, bodyBytes }] = server.ended;
  assertEquals([status, outcome], [200, "aborted"]);
  assert(bodyBytes < content.length);
});

test("bytes sent before the server closes arrive over TLS, even if the peer is slow", async () => {
  const content = pattern(200_000);
  await using server = await listen(() => ({ status: 200, body: content }), { lingerMs: 1 });
  using conn = await server.connect();
  await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  await server.closed;
  assertEquals(contentOf(await readToEnd(conn)), content);
});

test("content goes both ways unchanged, of any size", async () => {
  await using server = await listen((request) => ({ status: 200, body: request.body.slice() }));
  for (const length of [1, 1000, 16_383, 16_384, 16_385, 49_152, 60_000]) {
    using conn = await server.connect();
    const content = pattern(length);
    const head =
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
    await writeAll(conn, encode(head));
    await writeAll(conn, content);
    assertEquals(contentOf(await readToEnd(conn)), content);
  }
});

test("a TLS peer that ends its direction still gets its response", async () => {
  const content = pattern(3_000_000);
  await using server = await listen(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { status: 200, body: content };
  });
  using conn = await server.connect();
  await conn.write(encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await conn.closeWrite();
  assertEquals(contentOf(await readToEnd(conn)), content);
  await server.closed;
  assertEquals(server.failures, []);
});

test("requests that come together over TLS get responses in order", async () => {
  await using server = await listen((request) => ({ status: 200, body: request.path }));
  using conn = await server.connect();
  const paths = Array.from({ length: 500 }, (_, number) => `/${number}`);
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await writeAll(conn, encode(requests.join("")));
  await conn.closeWrite();
  const received = decode(await readToEnd(conn)).match(/(?<=\r\n\r\n)\/\d+/g);
  assertEquals(received, paths);
});

test("bytes after the last request over TLS do not truncate the last response", async () => {
  await using server = await listen(() => ({ status: 200 }));
  using conn = await server.connect();
  await writeAll(conn, encode("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n"));
  const sending = writeAll(conn, new Uint8Array(2_000_000)).catch(() => {});
  assertMatch(decode(await readToEnd(conn)), /^HTTP\/1\.1 413 /);
  await sending;
});

test("a TLS connection over the limit gets 503", async () => {
  await using server = await listen(() => ({ status: 200 }), { connections: 1 });
  using first = await server.connect();
  await first.handshake();
  using second = await server.connect();
  assertMatch(decode(await readToEnd(second)), /^HTTP\/1\.1 503 .*\r\nRetry-After: /s);
});

test("HTTP/1.1 is agreed on where the client offers it", async () => {
  await using server = await listen(() => ({ status: 200 }));
  for (const [offered, agreed] of [[["h2", "http/1.1"], "http/1.1"], [[], null]] as const) {
    using conn = await server.connect([...offered]);
    assertEquals((await conn.handshake()).alpnProtocol, agreed);
  }
});
