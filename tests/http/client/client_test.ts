/** The client against scripted servers: parsing, framing, reuse, retries, limits. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { HttpClient, HttpError, TruncatedResponse } from "../../../lib/http/mod.ts";
import { streamPair } from "../support/memory_stream.ts";
import { type Script, ScriptedServer } from "../support/scripted_server.ts";
import { toBytes } from "../support/test_server.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const GET = { method: "GET", target: "/" };

/** A client of a server that sends these responses, all on one connection. */
function clientOf(...scripted: (string | Script)[]): HttpClient {
  const scripts = scripted.map((script) =>
    typeof script === "string" ? { pieces: [script] } : script
  );
  return new HttpClient({ connect: new ScriptedServer(scripts).connect, host: "a" });
}

/** The content of the one response, or what reading it throws. */
async function contentOf(script: string | Script, limit = 1000): Promise<string> {
  const client = clientOf(typeof script === "string" ? { pieces: [script], close: true } : script);
  try {
    return await (await client.request(GET)).text(limit);
  } finally {
    client.close();
  }
}

Deno.test("head and content of a request leave in one piece, with Host and Content-Length", async () => {
  const server = new ScriptedServer([{ pieces: ["HTTP/1.1 200 OK\r\n\r\n"] }, { pieces: [OK] }]);
  const client = new HttpClient({ connect: server.connect, host: "example.org:81" });
  const fields = [["X", "y"], ["Set-Cookie", "key=\u00e9"]] as const;
  await (await client.request({ method: "HEAD", target: "/images", fields, body: '{"한":1}' }))
    .text(9);
  await (await client.request({ method: "POST", target: "/" })).text(9);
  client.close();
  assertEquals(server.received, [[
    "HEAD /images HTTP/1.1\r\nHost: example.org:81\r\nX: y\r\nSet-Cookie: key=\u00e9\r\n" +
    'Content-Length: 9\r\n\r\n{"\u00ed\u0095\u009c":1}',
    "POST / HTTP/1.1\r\nHost: example.org:81\r\nContent-Length: 0\r\n\r\n",
  ]]);
});

Deno.test("a request that would split is refused before anything is sent", async () => {
  const client = new HttpClient({
    connect: () => Promise.reject(new Error("connected")),
    host: "a",
  });
  for (
    const request of [
      { method: "GE T", target: "/" },
      { method: "", target: "/" },
      { method: "GET", target: "/ HTTP/1.1\r\nX: y" },
      { method: " GET", target: "/" },
      { method: "GET", target: " /" },
      { method: "GET", target: "/", fields: [["\u4e00X", "a"]] as const },
      { method: "GET", target: "/", fields: [["X", "\na"]] as const },
      { method: "GET", target: "/\u00e9" },
      { method: "GET", target: "" },
      { method: "GET", target: "/", fields: [["X", "a\r\nY: b"]] as const },
      { method: "GET", target: "/", fields: [["X:", "a"]] as const },
      { method: "GET", target: "/", fields: [["X", "\u4e00"]] as const },
      { method: "GET", target: "/", fields: [["content-length", "5"]] as const },
      { method: "GET", target: "/", fields: [["Host", "b"]] as const },
    ]
  ) await assertRejects(() => client.request(request), TypeError);
});

Deno.test("RFC 9112 §4: status, reason, version and fields of a response", async () => {
  const client = clientOf("HTTP/1.0 404 Not \u00e9 Found\r\nA: 1\r\nb: x\r\na: 2\r\n\r\n");
  const response = await client.request(GET);
  assertEquals([response.status, response.reason, response.minorVersion], [
    404,
    "Not \u00e9 Found",
    0,
  ]);
  assertEquals(response.fields.get("a"), "1, 2");
  assertEquals([...response.fields], [["A", "1"], ["b", "x"], ["a", "2"]]);
  client.close();
});

Deno.test("RFC 9112 §4: a reason may be empty or missing, and LF alone ends a line", async () => {
  for (const line of ["HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.1 200 OK"]) {
    for (const end of ["\r\n", "\n"]) {
      const script = [line, "Content-Length: 2", "", "ok"].join(end);
      assertEquals(await contentOf(script), "ok", JSON.stringify(script));
    }
  }
});

Deno.test("RFC 9112 §4: a malformed status line is an error", async () => {
  for (
    const line of [
      "HTTP/2 200 OK",
      "HTTP/2.0 200 OK",
      "HTTP/1.1  200 OK",
      "HTTP/1.1 20 OK",
      "HTTP/1.1 2000 OK",
      "HTTP/1.1 099 OK",
      "HTTP/1.1 abc",
      "http/1.1 200 OK",
      "SSH-2.0-OpenSSH",
      "<html>",
      "HTTP/1.1 200 O\u0000K",
      "\r\nHTTP/1.1 200 OK",
      "HTTP/1.1 200 OK\rX: y",
    ]
  ) await assertRejects(() => contentOf(`${line}\r\nContent-Length: 2\r\n\r\nok`), HttpError);
});

Deno.test("malformed field lines are skipped, and the others stay", async () => {
  const client = clientOf(
    "HTTP/1.1 200 OK\r\nfilename=image.jpg\r\nA: 1\r\nB C: 2\r\n: 3\r\nD : 4\r\nE: 5\u00006\r\nF: 7\rG: 8\r\n" +
      "\u00e9: 9\r\nContent-Length: 2\r\n\r\nok",
  );
  const response = await client.request(GET);
  assertEquals([...response.fields], [["A", "1"], ["Content-Length", "2"]]);
  assertEquals(await response.text(10), "ok");
  client.close();
});

Deno.test("RFC 9112 §5.2: the continuation of a skipped line is skipped, too", async () => {
  const head = "HTTP/1.1 200 OK\r\n lost\r\nA: b\r\nfilename=x\r\n lost\r\n\tlost\r\n" +
    "\rodd\r\n lost\r\nC: d\r\n e\r\nContent-Length: 2\r\n\r\n";
  const client = clientOf(head + "ok");
  const response = await client.request(GET);
  assertEquals([...response.fields], [["A", "b"], ["C", "d e"], ["Content-Length", "2"]]);
  client.close();
});

Deno.test("RFC 9112 §5.2: a folded field line is read as one", async () => {
  const client = clientOf(
    "HTTP/1.1 200 OK\r\nA: 1\r\n  2 \r\n\t3\r\nContent-Length: 2\r\n\r\nok",
  );
  const response = await client.request(GET);
  assertEquals(response.fields.get("a"), "1 2 3");
  client.close();
  for (const blank of ["A:\r\n \r\n b", "A: b\r\n ", "A: b\n\t\n ", "A:\r\n b\r\n\t"]) {
    const client = clientOf(`HTTP/1.1 200 OK\r\n${blank}\r\nContent-Length: 2\r\n\r\nok`);
    assertEquals((await client.request(GET)).fields.get("a"), "b");
    client.close();
  }
});

Deno.test("RFC 9112 §6.3: content by length, in chunks, or to the end of the connection", async () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const chunked =
    `${head}Transfer-Encoding: chunked\r\n\r\n2;x\r\no\r\r\n3\r\n\nk!\r\n0\r\nT: t\r\n\r\n`;
  assertEquals(await contentOf(`${head}Content-Length: 5\r\n\r\nhello`), "hello");
  assertEquals(await contentOf(chunked), "o\r\nk!");
  assertEquals(await contentOf(`${head}\r\nto the end`), "to the end");
  assertEquals(await contentOf({ pieces: [...chunked] }), "o\r\nk!");
});

Deno.test("RFC 9112 §6.3: length is the announced length of the content, or null", async () => {
  const lengths = [];
  for (const field of ["Content-Length: 2", "Transfer-Encoding: chunked", "X: y"]) {
    const client = clientOf(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
    lengths.push((await client.request(GET)).length);
    client.close();
  }
  assertEquals(lengths, [2, null, null]);
});

Deno.test("RFC 9112 §6.3: ambiguous framing is an error", async () => {
  for (
    const fields of [
      "Content-Length: 2\r\nContent-Length: 3",
      "Content-Length: 2\r\nContent-Length: 2",
      "Content-Length: -2",
      "Content-Length: 2, 2",
      "Content-Length: 2\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: gzip",
      "Transfer-Encoding: gzip, chunked",
      "Transfer-Encoding: chunked, gzip",
      "Transfer-Encoding: chunked, chunked",
      // Skipped like other malformed lines, these would leave the content without an end of its own.
      "Content-Length : 2",
      "content-length\t: 2",
      "Content-Length: 2\u0000",
      "Content-Length: 2\rA: 1",
      "Content-Length",
      "Content-Length: 2\r\nTransfer-Encoding : chunked",
      "Transfer-Encoding: chunked\u007f",
    ]
  ) {
    await assertRejects(
      () => contentOf(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
      HttpError,
    );
  }
});

Deno.test("RFC 9112 §6.3: responses to HEAD, 204 and 304 have no content", async () => {
  for (const status of [204, 304]) {
    assertEquals(await contentOf(`HTTP/1.1 ${status} x\r\nContent-Length: 5\r\n\r\n`), "");
  }
  const client = clientOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", OK);
  const response = await client.request({ method: "HEAD", target: "/" });
  assertEquals([response.length, await response.text(10)], [0, ""]);
  assertEquals(response.fields.get("content-length"), "5");
  assertEquals(await (await client.request(GET)).text(10), "ok");
  client.close();
});

Deno.test("RFC 9110 §15.2: interim responses are skipped, up to a limit", async () => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  assertEquals(await contentOf(interim + OK), "ok");
  assertEquals(await contentOf({ pieces: [...interim + OK] }), "ok");
  await assertRejects(() => contentOf(interim.repeat(9) + OK), HttpError, "interim");
  await assertRejects(
    () => contentOf("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    HttpError,
    "upgrade",
  );
});

Deno.test("RFC 9112 §8: a truncated response is not taken for a complete one", async () => {
  const head = "HTTP/1.1 200 OK\r\n";
  for (
    const script of [
      `${head}Content-Length: 5\r\n\r\nhell`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`,
      `${head}Content-Le`,
      "HTTP/1.1 2",
    ]
  ) {
    const error = await assertRejects(() => contentOf(script), TruncatedResponse);
    assertInstanceOf(error, Deno.errors.UnexpectedEof);
  }
});

Deno.test("RFC 9112 §8: a length too large for a number is not the end of the connection", async () => {
  const client = clientOf({
    pieces: ["HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello"],
    close: true,
  });
  const response = await client.request(GET);
  assertEquals(await response.read(new Uint8Array(10)), 5);
  await assertRejects(() => response.read(new Uint8Array(10)), TruncatedResponse);
  client.close();
});

Deno.test("LF alone ends a line in chunks as it does in a head", async () => {
  const content = "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: t\r\n\r\n";
  const response = `HTTP/1.1 200 OK\r\n${content}`.replaceAll("\r\n", "\n");
  assertEquals(await contentOf(response), "hello");
  assertEquals(await contentOf({ pieces: [...response] }), "hello");
});

Deno.test("RFC 9112 §7.1: malformed chunks are an error", async () => {
  for (const chunks of ["x\r\n", "5\r\nhello!\r\n0\r\n\r\n", "-1\r\n", "ffffffffffffffff\r\n"]) {
    const script = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
    const error = await assertRejects(() => contentOf(script), HttpError);
    assertEquals(error.status, 502);
  }
});

Deno.test("a head above 64 KB, or without end, is an error", async () => {
  const fields = `A: ${"x".repeat(1000)}\r\n`.repeat(70);
  await assertRejects(() => contentOf(`HTTP/1.1 200 OK\r\n${fields}\r\n`), HttpError, "too large");
  await assertRejects(() => contentOf(`HTTP/1.1 200 ${"x".repeat(70_000)}`), HttpError, "too long");
  await assertRejects(
    () => contentOf(`HTTP/1.1 200 OK\r\n${"A:\r\n".repeat(1001)}\r\n`),
    HttpError,
  );
  const rest = `\r\n${`A: ${"x".repeat(1000)}\r\n`.repeat(60)}Content-Length: 2\r\n\r\n`;
  const most = `HTTP/1.1 200 ${"x".repeat(64 * 1024 - 13 - rest.length)}`;
  assertEquals(await contentOf(`${most}${rest}ok`), "ok");
  await assertRejects(() => contentOf(`${most}x${rest}ok`), HttpError, "too large");
  const interim = `HTTP/1.1 103 Early Hints\r\nA: ${"x".repeat(30_000)}\r\n\r\n`;
  await assertRejects(() => contentOf(interim.repeat(3) + OK), HttpError, "too large");
});

Deno.test("content above the caller's limit is an error, however it is framed", async () => {
  const head = "HTTP/1.1 200 OK\r\n";
  for (
    const script of [
      `${head}Content-Length: 11\r\n\r\n01234567890`,
      `${head}Content-Length: 99999999999999999999\r\n\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n`,
      `${head}\r\n01234567890`,
    ]
  ) await assertRejects(() => contentOf(script, 10), HttpError, "larger than 10 bytes");
  assertEquals(await contentOf(`${head}\r\n0123456789`, 10), "0123456789");
});

Deno.test("content is streamed in pieces of the caller's size", async () => {
  const client = clientOf("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", OK);
  const response = await client.request(GET);
  const into = new Uint8Array(4);
  const counts = [];
  for (let read; (read = await response.read(into)) !== null;) counts.push(read);
  assertEquals(counts, [4, 4, 2]);
  assertEquals(await response.read(into), null);
  assertEquals(await (await client.request(GET)).text(10), "ok");
  client.close();
});

Deno.test("several requests go over one connection", async () => {
  const server = new ScriptedServer([{ pieces: [OK] }, { pieces: [OK] }, { pieces: [OK] }]);
  const client = new HttpClient({ connect: server.connect, host: "a" });
  for (let i = 0; i < 3; i++) assertEquals(await (await client.request(GET)).text(10), "ok");
  assertEquals(server.received.map((requests) => requests.length), [3]);
  client.close();
});

Deno.test("RFC 9112 §9.6: after Connection: close, or HTTP/1.0, a new connection is opened", async () => {
  const closing = OK.replace("\r\n", "\r\nConnection: close\r\n");
  const server = new ScriptedServer(
    [{ pieces: [closing] }],
    [{ pieces: [OK.replace("1.1", "1.0")] }],
    [{ pieces: [OK] }],
  );
  const client = new HttpClient({ connect: server.connect, host: "a" });
  for (let i = 0; i < 3; i++) assertEquals(await (await client.request(GET)).text(10), "ok");
  assertEquals(server.received.length, 3);
  client.close();
});

Deno.test("bytes after a response to HEAD are not taken for the next response", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
  for (const pieces of [[head + "Valid key"], [head, "Valid key"]]) {
    const server = new ScriptedServer([{ pieces }, { pieces: [OK] }], [{ pieces: [OK] }]);
    const client = new HttpClient({ connect: server.connect, host: "a" });
    const check = await client.request({ method: "HEAD", target: "/" });
    assertEquals([check.status, await check.text(100)], [200, ""]);
    const post = await client.request({ method: "POST", target: "/", body: "x" });
    assertEquals(await post.text(10), "ok");
    assertEquals(server.received.map((requests) => requests.length), [1, 1]);
    client.close();
  }
});

Deno.test("the old connection is closed before the new one is opened", async () => {
  let open = 0;
  const server = new ScriptedServer([{ pieces: [OK + "stray"] }], [{ pieces: [OK] }]);
  const client = new HttpClient({
    connect: async () => {
      assertEquals(open, 0);
      open++;
      const stream = await server.connect();
      const close = stream.close.bind(stream);
      stream.close = () => {
        open--;
        close();
      };
      return stream;
    },
    host: "a",
  });
  for (let i = 0; i < 2; i++) assertEquals(await (await client.request(GET)).text(10), "ok");
  client.close();
  assertEquals(open, 0);
});

Deno.test("unsolicited bytes before a response are recognized, and the request is sent again", async () => {
  const server = new ScriptedServer([{ pieces: [OK] }, { pieces: ["Valid key" + OK] }], [{
    pieces: [OK],
  }]);
  const client = new HttpClient({ connect: server.connect, host: "a" });
  for (let i = 0; i < 2; i++) assertEquals(await (await client.request(GET)).text(10), "ok");
  assertEquals(server.received.map((requests) => requests.length), [2, 1]);
  client.close();
});

Deno.test("a connection that was closed while idle is replaced, whatever the method", async () => {
  const server = new ScriptedServer([{ pieces: [OK], close: true }], [{ pieces: [OK] }]);
  const client = new HttpClient({ connect: server.connect, host: "a" });
  await (await client.request(GET)).text(10);
  const response = await client.request({ method: "POST", target: "/", body: "x" });
  assertEquals(await response.text(10), "ok");
  assertEquals(server.received.map((requests) => requests.length), [1, 1]);
  client.close();
});

Deno.test("RFC 9110 §9.2.2: a request without a response is sent again once if it is idempotent", async () => {
  for (
    const [method, repeated] of [["GET", true], ["PUT", true], ["HEAD", true], ["POST", false], [
      "PATCH",
      false,
    ]] as const
  ) {
    const lost: Script = { pieces: [], close: true };
    const server = new ScriptedServer([{ pieces: [OK] }, lost], [{ pieces: [OK.slice(0, -2)] }]);
    const client = new HttpClient({ connect: server.connect, host: "a" });
    await (await client.request(GET)).text(10);
    const second = client.request({ method, target: "/" });
    if (repeated) assertEquals((await second).status, 200);
    else await assertRejects(() => second, Deno.errors.UnexpectedEof);
    assertEquals(server.received.map((requests) => requests.length), repeated ? [2, 1] : [2]);
    client.close();
  }
});

Deno.test("RFC 9110 §9.2.2: a request is not sent again on a new connection, nor after its response has begun", async () => {
  const fresh = new ScriptedServer([{ pieces: [], close: true }], [{ pieces: [OK] }]);
  const first = new HttpClient({ connect: fresh.connect, host: "a" });
  await assertRejects(() => first.request(GET), Deno.errors.UnexpectedEof);
  assertEquals(fresh.received.length, 1);

  const begun = new ScriptedServer([{ pieces: [OK] }, { pieces: ["HTT"], close: true }], [{
    pieces: [OK],
  }]);
  const second = new HttpClient({ connect: begun.connect, host: "a" });
  await (await second.request(GET)).text(10);
  await assertRejects(() => second.request(GET), TruncatedResponse);
  assertEquals(begun.received.length, 1);
});

Deno.test("a response whose content was not read is discarded with its connection", async () => {
  const server = new ScriptedServer([{ pieces: [OK] }], [{ pieces: [OK] }]);
  const client = new HttpClient({ connect: server.connect, host: "a" });
  await client.request(GET);
  assertEquals(await (await client.request(GET)).text(10), "ok");
  assertEquals(server.received.length, 2);
  client.close();
});

const HOUR = 3_600_000;

Deno.test("a server that does not respond, or stops in the middle, is a timeout", async () => {
  for (const pieces of [[], ["HTTP/1.1 20"], ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"]]) {
    const [near] = await silent(pieces);
    const client = new HttpClient({
      connect: () => Promise.resolve(near),
      host: "a",
      // Whoever waits for the other of the two fails the test by never ending.
      limits: pieces.length === 0
        ? { responseTimeoutMs: 20, readTimeoutMs: HOUR }
        : { responseTimeoutMs: HOUR, readTimeoutMs: 20 },
    });
    await assertRejects(
      async () => await (await client.request(GET)).text(10),
      Deno.errors.TimedOut,
    );
    client.close();
  }
});

/** A connection that gives these and then nothing. */
async function silent(pieces: string[]) {
  const pair = streamPair();
  for (const piece of pieces) await pair[1].write(toBytes(piece));
  return pair;
}

Deno.test("a response that comes before the whole request was sent is still read", async () => {
  const [near, far] = await silent([
    "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno",
  ]);
  far.closeWrite();
  near.write = () => Promise.reject(new Deno.errors.BrokenPipe("gone"));
  const client = new HttpClient({ connect: () => Promise.resolve(near), host: "a" });
  const response = await client.request({ method: "POST", target: "/", body: "x" });
  assertEquals([response.status, await response.text(10)], [413, "no"]);
  client.close();
});

Deno.test("two requests at a time are refused", async () => {
  const client = clientOf(OK);
  const first = client.request(GET);
  await assertRejects(() => client.request(GET), TypeError, "one request at a time");
  assertEquals((await first).status, 200);
  client.close();
});

Deno.test("an error of connect is thrown, and the next request connects again", async () => {
  let tries = 0;
  const server = new ScriptedServer([{ pieces: [OK] }]);
  const client = new HttpClient({
    connect: () => ++tries === 1 ? Promise.reject(new Error("refused")) : server.connect(),
    host: "a",
  });
  await assertRejects(() => client.request(GET), Error, "refused");
  assertEquals((await client.request(GET)).status, 200);
  client.close();
});

Deno.test("the observer sees every byte of both directions", async () => {
  let sent = "", received = "";
  const server = new ScriptedServer([{ pieces: [...OK] }, { pieces: [OK] }]);
  const client = new HttpClient({
    connect: server.connect,
    host: "a",
    observer: {
      sent: (bytes) => sent += new TextDecoder().decode(bytes),
      received: (bytes) => received += new TextDecoder().decode(bytes),
    },
  });
  for (let i = 0; i < 2; i++) await (await client.request(GET)).text(10);
  client.close();
  assertEquals(sent, server.received[0].join(""));
  assertEquals(received, OK + OK);
});

Deno.test("a response that ends with the connection closes it here, too, once it is read", async () => {
  const [near, far] = streamPair();
  const client = new HttpClient({ connect: () => Promise.resolve(near), host: "a" });
  await far.write(toBytes("HTTP/1.1 200 OK\r\n\r\nab"));
  await far.closeWrite();
  const response = await client.request(GET);
  assertEquals([await response.read(new Uint8Array(0)), near.closed], [0, false]);
  assertEquals([await response.read(new Uint8Array(9)), near.closed], [2, false]);
  assertEquals([await response.read(new Uint8Array(9)), near.closed], [null, true]);
  assertEquals(await response.read(new Uint8Array(9)), null);
});
