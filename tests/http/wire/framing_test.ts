/** Where a message ends (RFC 9112 §6, §7). */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readAll, readTo, statuses, TestServer, toBytes } from "../support/test_server.ts";

/** A POST with these field lines, and what follows the head. */
const post = (lines: string[], rest: string, path = "/") =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\n${lines.map((line) => line + "\r\n").join("")}\r\n${rest}`;

/** What a smuggled request would look like, behind the content. */
const SECOND = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";

/** The statuses that a message followed by another gets: the second only if the first left no doubt. */
async function statusesOf(lines: string[], content: string): Promise<number[]> {
  await using server = new TestServer();
  return statuses(await server.exchange(post(lines, content + SECOND)));
}

/** The body that the handler got. */
async function bodyOf(lines: string[], content: string): Promise<string> {
  await using server = new TestServer();
  const received = await server.exchange(post(lines, content + SECOND));
  assertEquals(statuses(received), [200, 200], received);
  assertEquals(server.asked[1].path, "/second");
  return server.asked[0].body;
}

const CHUNKED = ["Transfer-Encoding: chunked"];

Deno.test("RFC 9112 §6.3: without Content-Length or Transfer-Encoding there is no content", async () => {
  assertEquals(await bodyOf([], ""), "");
});

Deno.test("RFC 9112 §6.3: Content-Length says where the content ends", async () => {
  assertEquals(await bodyOf(["Content-Length: 5"], "hello"), "hello");
  assertEquals(await bodyOf(["Content-Length: 0"], ""), "");
  assertEquals(await bodyOf(["Content-Length: 0005"], "hello"), "hello");
});

Deno.test("RFC 9110 §9.3.1: GET and HEAD may have content", async () => {
  await using server = new TestServer();
  const head = "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
  assertEquals(statuses(await server.exchange(head + SECOND)), [200, 200]);
  assertEquals(server.asked[0].body, "{}");
});

Deno.test("RFC 9110 §8.6: a Content-Length that is not digits alone, one value, is 400", async () => {
  for (
    const value of [
      "",
      "+5",
      "-5",
      "5 5",
      "5, 5",
      "5,",
      "0x5",
      "5a",
      "5.0",
      "1e1",
      "\u0665",
      '"5"',
      "five",
    ]
  ) assertEquals(await statusesOf([`Content-Length: ${value}`], "hello"), [400], value);
});

Deno.test("RFC 9112 §6.3: Content-Length twice is 400, even with one value", async () => {
  assertEquals(await statusesOf(["Content-Length: 5", "Content-Length: 5"], "hello"), [400]);
  assertEquals(await statusesOf(["Content-Length: 5", "Content-Length: 6"], "hello"), [400]);
});

Deno.test("RFC 9112 §6.1: Content-Length together with Transfer-Encoding is 400", async () => {
  const chunked = "0\r\n\r\n";
  assertEquals(await statusesOf(["Content-Length: 5", ...CHUNKED], chunked), [400]);
  assertEquals(await statusesOf([...CHUNKED, "Content-Length: 5"], chunked), [400]);
  assertEquals(await statusesOf(["content-length: 0", "transfer-ENCODING: x"], ""), [400]);
});

Deno.test("RFC 9112 §6.1: a transfer coding other than chunked is 501", async () => {
  for (const value of ["gzip", "gzip, chunked", "identity", "x-chunked", "deflate, chunked"]) {
    assertEquals(await statusesOf([`Transfer-Encoding: ${value}`], "0\r\n\r\n"), [501], value);
  }
  const apart = ["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"];
  assertEquals(await statusesOf(apart, "0\r\n\r\n"), [501]);
});

Deno.test("RFC 9112 §6.3: chunked that does not come last, once, is 400", async () => {
  for (const value of ["chunked, gzip", "chunked, identity", "chunked, chunked", "chunked,"]) {
    assertEquals(await statusesOf([`Transfer-Encoding: ${value}`], "0\r\n\r\n"), [400], value);
  }
  const apart = ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"];
  assertEquals(await statusesOf(apart, "0\r\n\r\n"), [400]);
  assertEquals(await statusesOf([...CHUNKED, ...CHUNKED], "0\r\n\r\n"), [400]);
});

Deno.test("RFC 9112 §7: a Transfer-Encoding that is no list of tokens is 400", async () => {
  for (const value of ["", ",chunked", "chunked;q=1", '"chunked"', "chun ked", "[chunked]"]) {
    assertEquals(await statusesOf([`Transfer-Encoding: ${value}`], "0\r\n\r\n"), [400], value);
  }
});

Deno.test("RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0 is 400", async () => {
  await using server = new TestServer();
  const head = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n";
  assertEquals(statuses(await server.exchange(head + "0\r\n\r\n" + SECOND)), [400]);
});

Deno.test("RFC 9112 §7.1: chunks are put together", async () => {
  assertEquals(await bodyOf(CHUNKED, "5\r\nhello\r\n1\r\n,\r\n0\r\n\r\n"), "hello,");
  assertEquals(await bodyOf(["Transfer-Encoding: Chunked"], "0\r\n\r\n"), "");
  assertEquals(
    await bodyOf(CHUNKED, "00A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n"),
    "0123456789".repeat(2),
  );
});

Deno.test("RFC 9112 §7.1: a chunk may hold line ends", async () => {
  assertEquals(await bodyOf(CHUNKED, "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"), "\r\n0\r\n\r\n");
});

Deno.test("RFC 9112 §7.1: a chunk size with sign, prefix, space or without digits is 400", async () => {
  const sizes = ["", "+5", "-5", "0x5", " 5", "5h", "G", "\u0665", ";a", "5_0"];
  for (const size of [...sizes, "5 0", "5 a", "5\t5", "5 =", " ", " ;a"]) {
    assertEquals(await statusesOf(CHUNKED, `${size}\r\nhello\r\n0\r\n\r\n`), [400], size);
  }
});

Deno.test("RFC 9112 §7.1: a chunk size that overflows is refused", async () => {
  for (const size of ["ffffffffffffffff", "10000000000000005", "fffffffffffff", "80000000"]) {
    const [status, ...more] = await statusesOf(CHUNKED, `${size}\r\nhello\r\n0\r\n\r\n`);
    assertEquals([status === 400 || status === 413, more], [true, []], size);
  }
});

Deno.test("RFC 9112 §7.1: a chunk size may have zeros in front, but not without end", async () => {
  const size = "0".repeat(40) + "5";
  assertEquals(await bodyOf(CHUNKED, `${size}\r\nhello\r\n${"0".repeat(40)}\r\n\r\n`), "hello");
  assertEquals(await statusesOf(CHUNKED, "0".repeat(17 * 1024)), [400]);
});

Deno.test("RFC 9112 §7.1: a chunk must end where its size says, with CR LF", async () => {
  for (
    const content of [
      "5\r\nhell\r\n0\r\n\r\n",
      "5\r\nhello!\r\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\nhello\r\n0\r\n\r\n",
      "5\r\rhello\r\n0\r\n\r\n",
      "5\r\nhello\r\n0\r\n\rx",
      "5\r\nhello\r\n0\n\n",
    ]
  ) assertEquals(await statusesOf(CHUNKED, content), [400], JSON.stringify(content));
});

/** A body of one chunk, `hello`, with this behind the size. */
const extended = (extension: string) => `5${extension}\r\nhello\r\n0\r\n\r\n`;

Deno.test("RFC 9112 §7.1.1: well-formed chunk extensions are ignored", async () => {
  for (
    const extension of [
      ";a",
      ";a=b",
      ";a=b;c;d=e",
      ' ;\ta = "b"',
      ';a=""',
      ';a="d e;\\"\r"'.replace("\r", ""),
      ';a="\u00e9";b',
      ";a ;b\t= c",
      "; a= b",
    ]
  ) assertEquals(await bodyOf(CHUNKED, extended(extension)), "hello", extension);
});

Deno.test("RFC 9112 §7.1.1: white space without an extension, empty and unbalanced ones are 400", async () => {
  for (
    const extension of [
      " ",
      " \t",
      ";",
      "; ",
      ";;a",
      ";a;",
      ";=b",
      ";a=",
      ";a= ",
      ";a b",
      ";a=b c",
      ";a=b ",
      ";a ",
      ';a="b',
      ';a="b"c',
      ';a="b\\',
      ';"a"=b',
      ";a=b=c",
      ";a\n",
      ";\u0000",
      ";a\rb",
      ';a="\u0000"',
      ';a="\\\u0001"',
      " 5",
    ]
  ) {
    const content = extended(extension);
    assertEquals(await statusesOf(CHUNKED, content), [400], JSON.stringify(content));
  }
});

Deno.test("RFC 9112 §7.1.2: trailers are dropped and do not become fields", async () => {
  await using server = new TestServer();
  const content = "2\r\nok\r\n0\r\nX: y\r\nCookie: z\r\n\r\n";
  assertEquals(statuses(await server.exchange(post(CHUNKED, content + SECOND))), [200, 200]);
  assertEquals(server.asked[0].body, "ok");
  assertEquals(server.asked[0].fields.map(([name]) => name), ["Host", "Transfer-Encoding"]);
});

Deno.test("RFC 9112 §7.1.2: a malformed trailer is 400", async () => {
  for (const trailer of ["X: y\n", "X: \u0000", "X: y\rZ: 1", " folded", "no colon", "X : y"]) {
    const content = `0\r\n${trailer}\r\n\r\n`;
    assertEquals(await statusesOf(CHUNKED, content), [400], JSON.stringify(trailer));
  }
});

Deno.test("RFC 9112 §7.1.1: extensions and trailers are bounded together", async () => {
  const extensions = `0;${"a".repeat(17 * 1024)}\r\n\r\n`;
  assertEquals(await statusesOf(CHUNKED, extensions), [400]);
  assertEquals(await statusesOf(CHUNKED, `0\r\nX: ${"a".repeat(17 * 1024)}\r\n\r\n`), [400]);
  assertEquals(await statusesOf(CHUNKED, "1;aaaaaaaa\r\nx\r\n".repeat(2000) + "0\r\n\r\n"), [400]);
});

Deno.test("RFC 9110 §15.5.14: content of 64 KB passes, one byte more is 413", async () => {
  const most = "x".repeat(64 * 1024);
  assertEquals((await bodyOf([`Content-Length: ${most.length}`], most)).length, most.length);
  assertEquals(await statusesOf([`Content-Length: ${most.length + 1}`], most + "x"), [413]);
  const chunk = `8000\r\n${"x".repeat(32768)}\r\n`;
  assertEquals((await bodyOf(CHUNKED, chunk + chunk + "0\r\n\r\n")).length, 65536);
  assertEquals(await statusesOf(CHUNKED, chunk + chunk + "1\r\nx\r\n0\r\n\r\n"), [413]);
});

Deno.test("RFC 9110 §15.5.14: content that is too long is refused by its announced length alone", async () => {
  await using server = new TestServer();
  for (
    const [lines, content] of [[["Content-Length: 99999999999999999999"], ""], [
      CHUNKED,
      "fffff\r\n",
    ]] as const
  ) {
    const stream = server.connect();
    await stream.write(toBytes(post([...lines], content)));
    assertStringIncludes(await readAll(stream), "HTTP/1.1 413 ");
    stream.close();
  }
  assertEquals(server.asked, []);
});

Deno.test("RFC 9112 §8: a connection that ends within a message gets 400, and its request is not served", async () => {
  await using server = new TestServer();
  assertEquals(statuses(await server.exchange("GET / HT")), [400]);
  assertEquals(statuses(await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n")), [400]);
  assertEquals(statuses(await server.exchange(post(["Content-Length: 5"], "hell"))), [400]);
  assertEquals(statuses(await server.exchange(post(CHUNKED, "5\r\nhello\r\n0\r\n"))), [400]);
  assertEquals(server.asked, []);
});

Deno.test("RFC 9110 §10.1.1: Expect: 100-continue gets its 100 before the content is read", async () => {
  await using server = new TestServer();
  const stream = server.connect();
  await stream.write(toBytes(post(["Expect: 100-Continue", "Content-Length: 5"], "")));
  assertEquals(await readTo(stream, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  assertEquals(server.asked, []);
  await stream.write(toBytes("hello"));
  assertStringIncludes(await readTo(stream, "ok"), "HTTP/1.1 200 OK\r\n");
  assertEquals(server.asked[0].body, "hello");
  stream.close();
});

Deno.test("RFC 9110 §10.1.1: no 100 where the content has come already, or the client is HTTP/1.0", async () => {
  await using server = new TestServer();
  const lines = ["Expect: 100-continue", "Content-Length: 5"];
  assertEquals(statuses(await server.exchange(post(lines, "hello"))), [200]);
  const old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  assertEquals(statuses(await server.exchange(old, "hello")), [200]);
});

Deno.test("RFC 9110 §10.1.1: a refusal comes instead of the 100", async () => {
  const lines = ["Expect: 100-continue", "Content-Length: 1000000"];
  assertEquals(await statusesOf(lines, ""), [413]);
});

Deno.test("RFC 9110 §15.5.18: another expectation is 417", async () => {
  assertEquals(await statusesOf(["Expect: 200-ok", "Content-Length: 0"], ""), [417]);
  assertEquals(await statusesOf(["Expect: 100-continue, x", "Content-Length: 0"], ""), [417]);
  assertEquals(await statusesOf(["Expect: 100-continue", "Expect: x"], ""), [417]);
});

Deno.test("a content that comes in many pieces is put together", async () => {
  const content = Array.from({ length: 300 }, (_, i) => `line ${i}\n`);
  await using server = new TestServer();
  const length = content.join("").length;
  const received = await server.exchange(
    post([`Content-Length: ${length}`], ""),
    ...content,
    SECOND,
  );
  assertEquals(statuses(received), [200, 200]);
  assertEquals(server.asked[0].body, content.join(""));
});
