/** What the observer hears of a request when it ends, however it ends. */
import { assertEquals } from "@std/assert";
import type { Handler, RequestEnd, ServeOptions } from "../../../lib/http/mod.ts";
import { readTo, TestServer, toBytes } from "../support/test_server.ts";

const GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

/** A server whose observer keeps how requests end; `next` waits for the next one. */
class WatchedServer extends TestServer {
  readonly #ends: RequestEnd[];
  readonly #news: { arrived: () => void };

  constructor(handler: Handler, { limits }: Pick<ServeOptions, "limits"> = {}) {
    const ends: RequestEnd[] = [];
    const news = { arrived: () => {} };
    super(handler, {
      limits,
      observer: {
        responded: (end) => {
          ends.push(end);
          news.arrived();
        },
      },
    });
    this.#ends = ends;
    this.#news = news;
  }

  async next(): Promise<RequestEnd> {
    while (this.#ends.length === 0) {
      await new Promise<void>((resolve) => this.#news.arrived = resolve);
    }
    return this.#ends.shift()!;
  }
}

const summary = ({ status, bodyBytes, outcome }: RequestEnd) => [status, bodyBytes, outcome];

/** Content that gives pieces of 1000 bytes, and ends never or fails at once. */
function endlessSource(length = 1e9) {
  return {
    length,
    read: (into: Uint8Array) => Promise.resolve(Math.min(1000, into.length)),
    close() {},
  };
}

Deno.test("a complete response is reported with its content's bytes, and the handler's notes", async () => {
  await using server = new WatchedServer((request) => {
    request.note("alice", "sea.jpg");
    return { status: 200, body: "four" };
  });
  await server.exchange(GET);
  const end = await server.next();
  assertEquals(summary(end), [200, 4, "complete"]);
  assertEquals([end.peer, end.method, end.path], ["192.0.2.7", "GET", "/a"]);
  assertEquals([end.user, end.subject], ["alice", "sea.jpg"]);
});

Deno.test("a response is not reported before the transport has accepted its last byte", async () => {
  await using server = new WatchedServer(() => ({ status: 200, body: new Uint8Array(20_000) }));
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET));
  let reported = false;
  const end = server.next().then((end) => {
    reported = true;
    return end;
  });
  const buffer = new Uint8Array(1000);
  for (let read = 0; read < 10_000;) read += (await stream.read(buffer))!;
  assertEquals(reported, false);
  while (!reported) await Promise.race([stream.read(buffer), end]);
  assertEquals(summary(await end), [200, 20_000, "complete"]);
  stream.close();
});

Deno.test("a download that the peer breaks off is reported as aborted, with the bytes accepted", async () => {
  await using server = new WatchedServer(() => ({ status: 200, body: new Uint8Array(1_000_000) }));
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET));
  const head = await readTo(stream, "\r\n\r\n");
  let read = head.length - head.indexOf("\r\n\r\n") - 4;
  const buffer = new Uint8Array(1000);
  while (read < 10_000) read += (await stream.read(buffer))!;
  stream.reset();
  const { status, bodyBytes, outcome } = await server.next();
  assertEquals([status, outcome], [200, "aborted"]);
  assertEquals(bodyBytes >= read && bodyBytes <= read + 2000, true, `${bodyBytes} of ${read}`);
});

Deno.test("a streamed download that the peer breaks off is reported as aborted", async () => {
  await using server = new WatchedServer(() => ({ status: 200, body: endlessSource() }));
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET));
  await readTo(stream, "\r\n\r\n");
  stream.reset();
  assertEquals((await server.next()).outcome, "aborted");
});

Deno.test("a peer that stops reading is reported as stalled", async () => {
  await using server = new WatchedServer(() => ({ status: 200, body: endlessSource() }), {
    limits: { writeTimeoutMs: 40 },
  });
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET));
  const { status, bodyBytes, outcome } = await server.next();
  assertEquals([status, outcome], [200, "stalled"]);
  assertEquals(bodyBytes < 1000, true);
  stream.close();
});

Deno.test("a request whose body breaks off is reported as aborted, without a status", async () => {
  await using server = new WatchedServer(() => ({ status: 200 }));
  const stream = server.connect();
  await stream.write(toBytes("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"));
  await readUntilRead(stream, server);
  stream.reset();
  const end = await server.next();
  assertEquals([end.method, end.path], ["POST", "/b"]);
  assertEquals(summary(end), [0, 0, "aborted"]);
});

Deno.test("a request whose peer disconnects before it reads the 100 Continue is reported as aborted", async () => {
  await using server = new WatchedServer(() => ({ status: 200, body: "x".repeat(3000) }));
  const stream = server.connect("192.0.2.7", 1000);
  const post = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n";
  await stream.write(toBytes(GET + post));
  await readTo(stream, "\r\n\r\n");
  stream.reset();
  const ends = [await server.next(), await server.next()];
  assertEquals(ends.map(({ path, status, outcome }) => [path, status, outcome]), [
    ["/a", 200, "aborted"],
    ["/b", 0, "aborted"],
  ]);
});

/** Waits until the server has taken what was written: it says 100 to a second connection's request. */
async function readUntilRead(_: unknown, server: TestServer): Promise<void> {
  await server.exchange(GET);
  assertEquals((await (server as WatchedServer).next()).path, "/a");
}

Deno.test("a request that shutdown aborts is reported as aborted, once", async () => {
  const asked = Promise.withResolvers<void>();
  const response = Promise.withResolvers<{ status: number }>();
  const server = new WatchedServer(() => {
    asked.resolve();
    return response.promise;
  });
  const stream = server.connect();
  await stream.write(toBytes(GET));
  await asked.promise;
  await server.server.shutdown(0);
  assertEquals(summary(await server.next()), [0, 0, "aborted"]);
  response.resolve({ status: 200 });
  stream.close();
});

Deno.test("pipelined requests are reported each, in order", async () => {
  await using server = new WatchedServer(({ path }) => ({ status: 200, body: path }));
  await server.exchange(GET + GET.replace("/a", "/bb") + GET.replace("/a", "/ccc"));
  const ends = [await server.next(), await server.next(), await server.next()];
  assertEquals(ends.map(({ path, bodyBytes }) => [path, bodyBytes]), [
    ["/a", 2],
    ["/bb", 3],
    ["/ccc", 4],
  ]);
});

Deno.test("content that fails before its first byte is reported once, as the 500 that it became", async () => {
  await using server = new WatchedServer(() => ({
    status: 200,
    body: { length: 10, read: () => Promise.reject(new Error("gone")), close() {} },
  }));
  await server.exchange(GET + GET);
  assertEquals((await server.next()).status, 500);
  assertEquals((await server.next()).status, 500);
});

Deno.test("the duration of a request is measured from its arrival", async () => {
  const gate = Promise.withResolvers<void>();
  await using server = new WatchedServer(async ({ path }) => {
    if (path === "/slow") await gate.promise;
    return { status: 200, body: path };
  });
  const begun = performance.now();
  const slow = server.connect();
  await slow.write(toBytes(GET.replace("/a", "/slow")));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const sent = performance.now();
  const quick = server.connect();
  await quick.write(toBytes(GET));
  const first = await server.next();
  const quickest = performance.now() - sent;
  assertEquals([first.path, first.milliseconds <= quickest], ["/a", true]);
  gate.resolve();
  const second = await server.next();
  assertEquals([second.path, second.milliseconds <= performance.now() - begun], ["/slow", true]);
  assertEquals(second.milliseconds > first.milliseconds, true);
  for (const stream of [slow, quick]) stream.close();
});

Deno.test("responses that one write carries are reported at once, on a connection that stays open", async () => {
  await using server = new WatchedServer(({ path }) => ({
    status: 200,
    body: path === "/large" ? new Uint8Array(20_000) : path,
  }));
  const stream = server.connect("192.0.2.7", 1000);
  await stream.write(toBytes(GET + GET + GET.replace("/a", "/large") + GET));
  // The small ones fit into what the peer accepts; the others are still under way.
  assertEquals(summary(await server.next()), [200, 2, "complete"]);
  assertEquals(summary(await server.next()), [200, 2, "complete"]);
  const buffer = new Uint8Array(4000);
  const ends: unknown[] = [];
  const all = (async () => {
    while (ends.length < 2) ends.push(summary(await server.next()));
  })();
  while (ends.length < 2) await Promise.race([stream.read(buffer), all]);
  assertEquals(ends, [[200, 20_000, "complete"], [200, 2, "complete"]]);
  stream.close();
});
