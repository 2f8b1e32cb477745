/** Persistence, pipelining, HEAD, errors: one connection of the server. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { HttpError, PreparedResponse, type Response, serve } from "../../../lib/http/mod.ts";
import { MemoryListener } from "../support/memory_listener.ts";
import { asText, readAll, readTo, statuses, TestServer, toBytes } from "../support/test_server.ts";

const get = (path = "/", ...lines: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines.map((line) => line + "\r\n").join("")}\r\n`;

/** A handler that responds with the path. */
const echo = ({ path }: { path: string }): Response => ({ status: 200, body: path });

Deno.test("RFC 9112 §9.3: HTTP/1.1 keeps the connection until it is closed", async () => {
  await using server = new TestServer(echo);
  const stream = server.connect();
  for (const path of ["/1", "/2", "/3"]) {
    await stream.write(toBytes(get(path)));
    const received = await readTo(stream, path);
    assertEquals(received.includes("Connection:"), false, received);
  }
  await stream.closeWrite();
  assertEquals(await readAll(stream), "");
});

Deno.test("RFC 9112 §9.6: Connection: close is confirmed in the response, and the connection closed", async () => {
  for (const option of ["close", "Close", "TE, close", "keep-alive, close", "x,\tclose ,y"]) {
    await using server = new TestServer(echo);
    const stream = server.connect();
    await stream.write(toBytes(get("/1", `Connection: ${option}`) + get("/2")));
    const received = await readAll(stream);
    assertEquals(statuses(received), [200], option);
    assertStringIncludes(received, "Connection: close\r\n");
    stream.close();
  }
});

Deno.test("RFC 9112 §9.3: options that only look like close keep the connection", async () => {
  await using server = new TestServer(echo);
  for (const option of ["closed", "clos", "x-close", "", "close2, xclose"]) {
    const received = await server.exchange(get("/1", `Connection: ${option}`), get("/2"));
    assertEquals(statuses(received), [200, 200], option);
  }
});

Deno.test("RFC 9112 §9.3: HTTP/1.0 closes unless keep-alive is requested, which the response confirms", async () => {
  await using server = new TestServer(echo);
  const old = "GET /1 HTTP/1.0\r\n\r\n";
  assertEquals(statuses(await server.exchange(old + old)), [200]);
  const kept = "GET /1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
  const received = await server.exchange(kept + kept + old);
  assertEquals(statuses(received), [200, 200, 200]);
  assertEquals(received.match(/Connection: [a-z-]+/g), [
    "Connection: keep-alive",
    "Connection: keep-alive",
    "Connection: close",
  ]);
});

Deno.test("RFC 9112 §2.3: the response to an HTTP/1.0 request has the server's own version", async () => {
  await using server = new TestServer();
  assertMatch(await server.exchange("GET / HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 OK\r\n/);
});

Deno.test("RFC 9112 §9.3.2: pipelined requests get their responses in order", async () => {
  await using server = new TestServer(async ({ path }) => {
    // The first would overtake nobody even if it took longest.
    for (let turns = path === "/slow" ? 50 : 0; turns > 0; turns--) await null;
    return { status: 200, body: path };
  });
  const received = await server.exchange(get("/slow") + get("/b") + get("/c") + get("/slow"));
  assertEquals(
    received.match(/\r\n\r\n(\/[a-z]+)/g),
    ["/slow", "/b", "/c", "/slow"].map((x) => "\r\n\r\n" + x),
  );
});

Deno.test("immediate responses to pipelined requests leave in one write", async () => {
  await using server = new TestServer(echo);
  const stream = server.connect();
  await stream.write(toBytes(get("/1") + get("/2") + get("/3")));
  const buffer = new Uint8Array(4096);
  const read = await stream.read(buffer);
  assertEquals(statuses(new TextDecoder().decode(buffer.subarray(0, read!))).length, 3);
  stream.close();
});

Deno.test("a response does not wait for the one to the next request", async () => {
  const second = Promise.withResolvers<Response>();
  await using server = new TestServer(({ path }) =>
    path === "/1" ? { status: 200, body: "first" } : second.promise
  );
  const stream = server.connect();
  await stream.write(toBytes(get("/1") + get("/2")));
  assertStringIncludes(await readTo(stream, "first"), "200 OK");
  second.resolve({ status: 200, body: "second" });
  assertStringIncludes(await readTo(stream, "second"), "200 OK");
  stream.close();
});

Deno.test("more pipelined responses than a buffer holds all arrive", async () => {
  await using server = new TestServer(({ path }) => ({ status: 200, body: path.repeat(50) }));
  const received = await server.exchange(get("/abc").repeat(500));
  assertEquals(statuses(received).length, 500);
  assertEquals(received.split("/abc".repeat(50)).length, 501);
});

Deno.test("a buffer of responses may be full anywhere in the next head", async () => {
  const failures: unknown[] = [];
  const observer = { failed: (_peer: string, error: unknown) => failures.push(error) };
  await using server = new TestServer(({ path }) => ({
    status: 200,
    fields: [["Content-Type", "text/plain"]],
    body: "x".repeat(Number(path.slice(1))),
  }), { observer });
  // Three such responses leave from 600 bytes of the 16 KB to none.
  for (let length = 5200; length < 5400; length++) {
    const received = await server.exchange(get(`/${length}`).repeat(6));
    assertEquals(statuses(received), Array(6).fill(200), String(length));
  }
  assertEquals(failures, []);
});

Deno.test("RFC 9110 §10.1.1: 100 Continue comes after earlier responses, however large", async () => {
  for (const length of [3, 8_000, 20_000, 200_000]) {
    await using server = new TestServer(({ path }) => ({
      status: 200,
      body: path === "/first" ? "x".repeat(length) : "second",
    }));
    const stream = server.connect();
    const expecting =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    await stream.write(toBytes(get("/first") + expecting));
    const before = await readTo(stream, "100 Continue\r\n\r\n");
    assertMatch(before, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nx+HTTP\/1\.1 100 Continue\r\n\r\n$/s);
    assertEquals(before.match(/x+(?=HTTP)/)![0].length, length);
    await stream.write(toBytes("ab"));
    assertStringIncludes(await readTo(stream, "second"), "200 OK");
    stream.close();
  }
});

Deno.test("RFC 9110 §9.3.2: the response to HEAD is that to GET without content", async () => {
  await using server = new TestServer(() => ({ status: 200, body: "0123456789" }));
  const received = await server.exchange("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get());
  const [head, ...rest] = received.split("HTTP/1.1 200 OK\r\n").slice(1);
  assertMatch(head, /Content-Length: 10\r\n\r\n$/);
  assertMatch(rest[0], /Content-Length: 10\r\n\r\n0123456789$/);
});

Deno.test("RFC 9110 §15.3.5, §15.4.5: 204 and 304 have no content", async () => {
  for (const status of [204, 304]) {
    await using server = new TestServer(({ path }) =>
      path === "/1" ? { status, body: "x" } : { status }
    );
    const received = await server.exchange(get("/1") + get("/2"));
    assertEquals(statuses(received), [status, status]);
    assertMatch(received, /\r\n\r\n$/);
    assertEquals(received.includes("\r\n\r\nx"), false);
    // RFC 9110 §8.6: never with 204; with 304 only what the content would be.
    assertEquals(
      received.match(/Content-Length: \d/g) ?? [],
      status === 204 ? [] : ["Content-Length: 1"],
    );
  }
});

Deno.test("RFC 9110 §6.6.1: every response has a Date", async () => {
  await using server = new TestServer(({ path }) => {
    if (path === "/throw") throw new Error("on purpose");
    return { status: path === "/204" ? 204 : 200 };
  });
  for (
    const request of [
      get(),
      get("/204"),
      get("/throw"),
      "nonsense\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
  ) {
    const received = await server.exchange(request);
    const date = /\r\nDate: ([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)\r\n/.exec(
      received,
    );
    assert(date !== null, received);
    assert(Math.abs(Date.parse(date[1]) - Date.now()) < 5000, received);
  }
});

Deno.test("refusals carry the fields of every response, and no cache stores them", async () => {
  const standing = new PreparedResponse({ status: 200, body: "standing" });
  const fields = [["X-One", "1"], ["X-Two", "2"]] as const;
  await using server = new TestServer(({ path }) => {
    if (path === "/throw") throw new Error("on purpose");
    return path === "/standing" ? standing : { status: 200, body: "made" };
  }, { fields });
  const requests: [string, status: number][] = [
    [get("/made"), 200],
    [get("/standing"), 200],
    [get("/throw"), 500],
    ["nonsense\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nHost: a\r\nA: ${"a".repeat(20_000)}\r\n\r\n`, 431],
  ];
  const responses: [string, number][] = [];
  for (const [request, status] of requests) {
    responses.push([await server.exchange(request), status]);
  }
  await using full = new TestServer(undefined, { fields, limits: { connections: 0 } });
  responses.push([await readAll(full.connect()), 503]);
  for (const [received, status] of responses) {
    assertEquals(statuses(received), [status]);
    assertStringIncludes(received, "\r\nX-One: 1\r\nX-Two: 2\r\n");
    assertEquals(/\r\nCache-Control: no-store\r\n/.test(received), status >= 400, received);
  }
});

Deno.test("a field that cannot be sent is refused when the server starts", () => {
  for (const field of [["A b", "1"], ["A", "1\r\n"], ["Date", "today"]] as [string, string][]) {
    assertThrows(() => serve(new MemoryListener(), () => ({ status: 200 }), { fields: [field] }));
  }
});

Deno.test("RFC 9112 §9.6: a client that half-closes after its request still gets the response", async () => {
  const response = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  await using server = new TestServer(() => {
    asked.resolve();
    return response.promise;
  });
  const stream = server.connect();
  await stream.write(toBytes(get()));
  await stream.closeWrite();
  await asked.promise;
  response.resolve({ status: 200, body: "later" });
  assertMatch(await readAll(stream), /\r\n\r\nlater$/);
});

Deno.test("a request that comes a byte at a time gets one response", async () => {
  await using server = new TestServer(echo);
  const text =
    "POST /one HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  assertEquals(statuses(await server.exchange(...text)), [200]);
  assertEquals(server.asked[0].body, "abc");
});

Deno.test("an error of a handler becomes 500, is reported once, and the connection persists", async () => {
  const faults: unknown[] = [];
  const fault = new Error("a secret that stays here");
  for (
    const handler of [() => {
      throw fault;
    }, () => Promise.reject(fault)]
  ) {
    faults.length = 0;
    await using server = new TestServer(handler, {
      observer: { failed: (_, error) => faults.push(error) },
    });
    const received = await server.exchange(get() + get());
    assertEquals(statuses(received), [500, 500]);
    assertEquals(received.includes("secret"), false);
    assertEquals(faults, [fault, fault]);
  }
});

Deno.test("an HttpError that a handler throws becomes the response and is not reported", async () => {
  const faults: unknown[] = [];
  await using server = new TestServer(() => {
    throw new HttpError(429, "slow down", [["Retry-After", "7"]]);
  }, { observer: { failed: (_, error) => faults.push(error) } });
  const received = await server.exchange(get() + get());
  assertEquals(statuses(received), [429, 429]);
  assertStringIncludes(received, "Retry-After: 7\r\n");
  assertMatch(received, /\r\n\r\nslow down$/);
  assertEquals(faults, []);
});

Deno.test("an invalid response becomes 500, and none of it is sent", async () => {
  const invalid: Response[] = [
    { status: 200, fields: [["X", "a\r\nSet-Cookie: b"]] },
    { status: 200, fields: [["X", "a\nb"]] },
    { status: 200, fields: [["X\r\nY", "a"]] },
    { status: 200, fields: [["", "a"]] },
    { status: 200, fields: [["X Y", "a"]] },
    { status: 200, fields: [["X", "\u4e00"]] },
    { status: 200, fields: [["X", "\u0000"]] },
    { status: 200, fields: [["Content-Length", "5"]] },
    { status: 200, fields: [["transfer-encoding", "chunked"]] },
    { status: 200, fields: [["Connection", "upgrade"]] },
    { status: 200, fields: [["Date", "today"]] },
    { status: 200, fields: [["X", "a".repeat(20_000)]] },
    { status: 101 },
    { status: 600 },
    { status: 200.5 },
  ];
  for (const response of invalid) {
    const faults: unknown[] = [];
    await using server = new TestServer(() => response, {
      observer: { failed: (_, error) => faults.push(error) },
    });
    const text = await server.exchange(get() + get());
    assertEquals(statuses(text), [500, 500], JSON.stringify(response));
    assertEquals(/^(X|Set-Cookie)/m.test(text), false, text);
    assertEquals(faults.length, 2);
  }
});

Deno.test("a text is sent as UTF-8 and measured so", async () => {
  for (const text of ["한글", "é".repeat(3000), "a\u{1F600}b", "\ud800", "x".repeat(9000) + "한"]) {
    await using server = new TestServer(() => ({ status: 200, body: text }));
    const received = await server.exchange(get() + get());
    const content = asText(new TextEncoder().encode(text));
    assertEquals(received.split(content).length, 3, text);
    assertStringIncludes(received, `Content-Length: ${new TextEncoder().encode(text).length}\r\n`);
  }
});

Deno.test("an error response reaches a client that is still sending, then the connection is closed", async () => {
  await using server = new TestServer();
  const stream = server.connect();
  await stream.write(toBytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"));
  // Whatever is sent is accepted, as long as the client goes on.
  for (let sent = 0; sent < 1_000_000; sent += 50_000) await stream.write(new Uint8Array(50_000));
  await stream.closeWrite();
  const received = await readAll(stream);
  assertEquals(statuses(received), [413]);
  assertStringIncludes(received, "Connection: close\r\n");
});

Deno.test("nothing after a malformed request is served", async () => {
  await using server = new TestServer();
  const received = await server.exchange("GET / HTTP/1.1\r\nHost : a\r\n\r\n" + get("/second"));
  assertEquals(statuses(received), [400]);
  assertEquals(server.asked, []);
});

Deno.test("the observer sees connections and responses", async () => {
  const seen: unknown[] = [];
  const ended = Promise.withResolvers<void>();
  await using server = new TestServer(echo, {
    observer: {
      opened: (...event) => seen.push(["opened", ...event]),
      closed: (...event) => {
        seen.push(["closed", ...event]);
        ended.resolve();
      },
      responded: ({ peer, method, path, status, bodyBytes, milliseconds, outcome }) => {
        seen.push(["responded", peer, method, path, status, bodyBytes, outcome]);
        assert(milliseconds >= 0);
      },
    },
  });
  const malformed = "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n";
  await server.exchange(get("/a%20b?c") + malformed);
  await ended.promise;
  assertEquals(seen, [
    ["opened", "192.0.2.7", 50000],
    ["responded", "192.0.2.7", "GET", "/a b", 200, 4, "complete"],
    ["responded", "192.0.2.7", "POST", "/c", 400, 25, "complete"],
    ["closed", "192.0.2.7", 50000],
  ]);
});

Deno.test("the observer sees the response to bytes that are not a request", async () => {
  const seen = Promise.withResolvers<unknown[]>();
  await using server = new TestServer(echo, {
    observer: {
      responded: ({ peer, method, path, status }) => seen.resolve([peer, method, path, status]),
    },
  });
  await server.exchange("\u0000");
  assertEquals(await seen.promise, ["192.0.2.7", "-", "-", 400]);
});

Deno.test("an IPv4 peer on an IPv6 socket has an IPv4 address", async () => {
  await using server = new TestServer(({ peer }) => ({ status: 200, body: peer }));
  for (
    const [address, peer] of [["::ffff:192.0.2.1", "192.0.2.1"], ["2001:db8::7", "2001:db8::7"]]
  ) {
    const stream = server.connect(address);
    await stream.write(toBytes(get("/", "Connection: close")));
    assertMatch(await readAll(stream), new RegExp(`\r\n\r\n${peer}$`));
    stream.close();
  }
});
