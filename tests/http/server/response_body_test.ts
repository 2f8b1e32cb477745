/** Content of every kind and size, sent whole or not at all. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { BodySource, Response } from "../../../lib/http/mod.ts";
import { byteAt, CountedSource } from "../support/body_source.ts";
import { readAll, statuses, TestServer, toBytes } from "../support/test_server.ts";

const get = (path = "/") => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** The content of the only response in a text. */
const contentOf = (received: string) => received.slice(received.indexOf("\r\n\r\n") + 4);

/** Whether the text is the content that a `CountedSource` gives. */
function isCounted(content: string): boolean {
  for (let i = 0; i < content.length; i++) {
    if (content.charCodeAt(i) !== byteAt(i)) return false;
  }
  return true;
}

Deno.test("content of every size around the limits of the buffers arrives whole", async () => {
  for (const size of [0, 1, 8191, 8192, 8193, 16_000, 16_384, 16_385, 65_536, 200_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => byteAt(i));
    for (
      const body of [bytes, new TextDecoder().decode(bytes), new CountedSource(size, size, 5000)]
    ) {
      await using server = new TestServer(({ path }) =>
        path === "/1" ? { status: 200, body } : { status: 404 }
      );
      const received = await server.exchange(get("/1") + get("/2"));
      assertEquals(statuses(received), [200, 404]);
      assertStringIncludes(received, `Content-Length: ${size}\r\n`);
      const content = contentOf(received).slice(0, size);
      assert(content.length === size && isCounted(content));
    }
  }
});

Deno.test("a small response leaves in one write, head and content", async () => {
  await using server = new TestServer(() => ({ status: 200, body: "x".repeat(4000) }));
  const stream = server.connect();
  await stream.write(toBytes(get()));
  const buffer = new Uint8Array(8192);
  const read = await stream.read(buffer);
  assertMatch(new TextDecoder().decode(buffer.subarray(0, read!)), /\r\n\r\nx{4000}$/);
  stream.close();
});

Deno.test("content that is read as it is sent costs one buffer, whatever its size", async () => {
  const source = new CountedSource(3_000_000);
  await using server = new TestServer(() => ({ status: 200, body: source }));
  // The stream holds 20,000 bytes: the reader decides how fast the source is read.
  const stream = server.connect("192.0.2.7", 20_000);
  await stream.write(toBytes(get()));
  await stream.closeWrite();
  const received = await readAll(stream);
  assert(isCounted(contentOf(received)) && contentOf(received).length === 3_000_000);
  assert(source.largest <= 256 * 1024, `${source.largest}`);
  assertEquals(source.closes, 1);
});

Deno.test("a source is closed once, read or not", async () => {
  const source = new CountedSource(100_000);
  await using server = new TestServer(() => ({ status: 200, body: source }));
  await server.exchange("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals([source.reads, source.closes], [0, 1]);

  const invalid = new CountedSource(100_000);
  await using mistaken = new TestServer(() => ({
    status: 200,
    fields: [["X", "\n"]],
    body: invalid,
  }));
  assertEquals(statuses(await mistaken.exchange(get())), [500]);
  assertEquals([invalid.reads, invalid.closes], [0, 1]);
});

Deno.test("a source is closed when the client disconnects", async () => {
  const closed = Promise.withResolvers<void>();
  const source = new CountedSource(100_000_000);
  source.close = () => closed.resolve();
  await using server = new TestServer(() => ({ status: 200, body: source }));
  const stream = server.connect("192.0.2.7", 20_000);
  await stream.write(toBytes(get()));
  await stream.read(new Uint8Array(1000));
  stream.close();
  await closed.promise;
});

Deno.test("RFC 9112 §8: a source that ends early aborts the connection, and is reported", async () => {
  const faults: unknown[] = [];
  await using server = new TestServer(
    () => ({ status: 200, body: new CountedSource(100_000, 99_999, 10_000) }),
    { observer: { failed: (_, error) => faults.push(error) } },
  );
  const received = await server.exchange(get() + get());
  assertEquals(statuses(received), [200]);
  assert(contentOf(received).length < 100_000);
  assertEquals(faults.length, 1);
});

Deno.test("a source that fails before its first byte becomes 500", async () => {
  const source: BodySource = {
    length: 5,
    read: () => Promise.reject(new Error("no such disk")),
    close: () => {},
  };
  const faults: unknown[] = [];
  await using server = new TestServer(
    ({ path }): Response => path === "/bad" ? { status: 200, body: source } : { status: 404 },
    { observer: { failed: (_, error) => faults.push(error) } },
  );
  const received = await server.exchange(get() + get("/bad") + get());
  assertEquals(statuses(received), [404, 500, 404]);
  assertEquals(received.includes("no such disk"), false);
  assertEquals(faults.length, 1);
});

Deno.test("a source that has more than its length is sent up to its length", async () => {
  let given = 0;
  const source: BodySource = {
    length: 10,
    read: (into) => {
      given += into.length;
      return Promise.resolve(into.fill(0x78).length);
    },
    close: () => {},
  };
  await using server = new TestServer(({ path }) =>
    path === "/1" ? { status: 200, body: source } : { status: 404 }
  );
  const received = await server.exchange(get("/1") + get("/2"));
  assertEquals(statuses(received), [200, 404]);
  assertMatch(received, /\r\n\r\nx{10}HTTP/);
  assertEquals(given, 10);
});

Deno.test("head and content that together are larger than the buffer arrive whole", async () => {
  for (const [fieldLength, length] of [[9_000, 8_000], [16_000, 1_000], [12_000, 8_192]]) {
    await using server = new TestServer(() => ({
      status: 200,
      fields: [["X", "a".repeat(fieldLength)]],
      body: "x".repeat(length),
    }));
    const received = await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2));
    assertEquals(statuses(received), [200, 200]);
    assertEquals(received.match(/x+/g)?.map((content) => content.length), [length, length]);
  }
});
