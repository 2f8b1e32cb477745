/** Bodies in memory whose head is written in front of them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { CachedBody, type Response } from "../../lib/http/mod.ts";
import { byteAt } from "./support/body_source.ts";
import { asText, readAll, TestServer, toBytes } from "./support/test_server.ts";

function counted(length: number): CachedBody {
  const content = new CachedBody(length);
  for (let i = 0; i < length; i++) content.bytes[i] = byteAt(i);
  return content;
}

/** Responds to the path `/<n>` with the `n`th content, always by the same object. */
function serverOf(...contents: CachedBody[]): TestServer {
  const responses = contents.map((body, n): Response => ({
    status: 200,
    fields: [["X-Number", String(n)]],
    body,
  }));
  return new TestServer(({ path }) => responses[Number(path.slice(1))]);
}

const LONGEST_HEAD = 512;

Deno.test("head and content of repeated content leave in one write, again and again", async () => {
  await using server = serverOf(counted(86_000));
  const stream = server.connect();
  const buffer = new Uint8Array(86_000 + LONGEST_HEAD);
  for (let i = 0; i < 3; i++) {
    await stream.write(toBytes("GET /0 HTTP/1.1\r\nHost: a\r\n\r\n"));
    const read = await stream.read(buffer);
    const received = asText(buffer.subarray(0, read!));
    const from = received.indexOf("\r\n\r\n") + 4;
    assertMatch(received, /^HTTP\/1\.1 200 OK\r\nDate: [^\r]+\r\nX-Number: 0\r\n/);
    assertEquals(received.slice(from), asText(counted(86_000).bytes));
  }
  stream.close();
});

Deno.test("a head that is still being sent is not overwritten for another connection", async () => {
  await using server = serverOf(counted(20_000));
  // It takes no more than 50 bytes: its head stays where it is.
  const slow = server.connect("192.0.2.7", 50);
  await slow.write(toBytes("GET /0 HTTP/1.1\r\nHost: a\r\n\r\n"));
  await slow.read(new Uint8Array(1));
  const other = await server.exchange("GET /0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assertMatch(other, /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*Connection: close\r\n\r\n/);
  await slow.closeWrite();
  const received = await readAll(slow);
  assertMatch(received, /^TTP\/1\.1 200 OK\r\n(.+\r\n)*Content-Length: 20000\r\n\r\n/);
  assert(!received.includes("Connection"));
  slow.close();
});

Deno.test("a peer that disconnects in the middle of a head releases the cached body", async () => {
  const closed = Promise.withResolvers<void>();
  const response = { status: 200, body: counted(9000) };
  await using server = new TestServer(() => response, {
    observer: { closed: () => closed.resolve() },
  });
  const leaving = server.connect("192.0.2.7", 50);
  await leaving.write(toBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await leaving.read(new Uint8Array(1));
  leaving.close();
  await closed.promise;
  const stream = server.connect();
  await stream.write(toBytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const buffer = new Uint8Array(9000 + LONGEST_HEAD);
  const received = asText(buffer.subarray(0, (await stream.read(buffer))!));
  assert(received.includes("Connection: close") && received.endsWith(asText(response.body.bytes)));
  stream.close();
});

Deno.test("a head longer than the headroom is sent separately", async () => {
  const body = counted(9000);
  const value = "v".repeat(LONGEST_HEAD);
  await using server = new TestServer(() => ({ status: 200, fields: [["X-Long", value]], body }));
  const received = await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert(received.includes(value) && received.endsWith(asText(body.bytes)));
});

Deno.test("a cached body that several connections send gives each its own response", async () => {
  const sizes = [1, 8192, 8193, 98_304, 98_305, 200_000];
  const form = fc.record({
    content: fc.nat(sizes.length - 1),
    method: fc.constantFrom("GET", "HEAD"),
    version: fc.constantFrom("1.0", "1.1"),
    connection: fc.constantFrom("close", "keep-alive"),
  });
  const client = fc.record({
    forms: fc.array(form, { minLength: 1, maxLength: 3 }),
    capacity: fc.constantFrom(100, 5000, 70_000, Infinity),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(client, { minLength: 1, maxLength: 6 }), async (clients) => {
      await using server = serverOf(...sizes.map(counted));
      await Promise.all(clients.map(async ({ forms, capacity }) => {
        const stream = server.connect("127.0.0.1", capacity);
        const written = (async () => {
          for (const { method, version, content, connection } of forms) {
            const request = toBytes(
              `${method} /${content} HTTP/${version}\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`,
            );
            for (let at = 0; at < request.length;) at += await stream.write(request.subarray(at));
          }
          await stream.closeWrite();
        })();
        const received = await readAll(stream);
        await written;
        const last = forms.findIndex(({ connection }) => connection === "close");
        const expected = forms.slice(0, last < 0 ? forms.length : last + 1).map((form) => {
          const field = form.connection === "close"
            ? "Connection: close\r\n"
            : form.version === "1.0"
            ? "Connection: keep-alive\r\n"
            : "";
          return `HTTP/1.1 200 OK\r\nX-Number: ${form.content}\r\n` +
            `Content-Length: ${sizes[form.content]}\r\n${field}\r\n` +
            (form.method === "GET" ? asText(counted(sizes[form.content]).bytes) : "");
        });
        assert(received.replaceAll(/Date: [^\r]+\r\n/g, "") === expected.join(""));
        stream.close();
      }));
    }),
    { numRuns: 60 },
  );
});
