/** Request lines (RFC 9112 §3). */
import { assertEquals } from "@std/assert";
import { statuses, TestServer } from "../support/test_server.ts";

/** A request with that first line. */
const withLine = (line: string) => `${line}\r\nHost: example.org\r\n\r\n`;

/** The status that a request line gets. */
async function statusOf(line: string): Promise<number[]> {
  await using server = new TestServer();
  return statuses(await server.exchange(withLine(line)));
}

/** What the handler was asked for that request line. */
async function askedOf(line: string) {
  await using server = new TestServer();
  const received = await server.exchange(withLine(line));
  assertEquals(statuses(received), [200], received);
  return server.asked[0];
}

Deno.test("RFC 9112 §3.2.1: origin-form gives path and query", async () => {
  const asked = await askedOf("GET /a/b?c=d&e=f HTTP/1.1");
  assertEquals(asked.target, "/a/b?c=d&e=f");
  assertEquals(asked.path, "/a/b");
  assertEquals(asked.query, "c=d&e=f");
  assertEquals(asked.minorVersion, 1);
});

Deno.test("RFC 9112 §3.2.2: absolute-form gives the path, and its authority overrides Host", async () => {
  const asked = await askedOf("GET http://other.example:81/a?b=c HTTP/1.1");
  assertEquals(asked.path, "/a");
  assertEquals(asked.query, "b=c");
  assertEquals(asked.fields, [["Host", "other.example:81"]]);
});

Deno.test("RFC 9112 §3.2.2: absolute-form without a path means /", async () => {
  assertEquals((await askedOf("GET http://other.example HTTP/1.1")).path, "/");
  assertEquals((await askedOf("GET https://other.example?q HTTP/1.1")).path, "/");
});

Deno.test("RFC 9112 §3.2.2: another scheme, user information or no authority is 400", async () => {
  assertEquals(await statusOf("GET ftp://example.org/ HTTP/1.1"), [400]);
  assertEquals(await statusOf("GET http://user@example.org/ HTTP/1.1"), [400]);
  assertEquals(await statusOf("GET http:///a HTTP/1.1"), [400]);
  assertEquals(await statusOf("GET example.org/a HTTP/1.1"), [400]);
});

Deno.test("RFC 9112 §3.2.3: CONNECT takes authority-form and nothing else", async () => {
  assertEquals((await askedOf("CONNECT example.org:443 HTTP/1.1")).path, "example.org:443");
  assertEquals(await statusOf("CONNECT /a HTTP/1.1"), [400]);
  assertEquals(await statusOf("CONNECT example.org HTTP/1.1"), [400]);
});

Deno.test("RFC 9110 §9.3.7: OPTIONS * reaches the handler with the path *", async () => {
  assertEquals((await askedOf("OPTIONS * HTTP/1.1")).path, "*");
  assertEquals((await askedOf("OPTIONS http://example.org HTTP/1.1")).path, "*");
  assertEquals((await askedOf("OPTIONS http://example.org/ HTTP/1.1")).path, "/");
  assertEquals((await askedOf("OPTIONS http://example.org/a HTTP/1.1")).path, "/a");
  assertEquals((await askedOf("OPTIONS http://example.org?q HTTP/1.1")).path, "/");
});

Deno.test("RFC 9112 §3.2.4: * with another method is 400", async () => {
  assertEquals(await statusOf("GET * HTTP/1.1"), [400]);
});

Deno.test("RFC 9110 §9.1: a method is a token and case counts; an unknown one is 501", async () => {
  assertEquals(await statusOf("BREW / HTTP/1.1"), [501]);
  assertEquals(await statusOf("get / HTTP/1.1"), [501]);
  assertEquals(await statusOf("M!#$%&'*+-.^_`|~9 / HTTP/1.1"), [501]);
  assertEquals(await statusOf(`${"M".repeat(5000)} / HTTP/1.1`), [501]);
  assertEquals(await statusOf("G@T / HTTP/1.1"), [400]);
  assertEquals(await statusOf("G\u00e9T / HTTP/1.1"), [400]);
  assertEquals(await statusOf(" GET / HTTP/1.1"), [400]);
});

Deno.test("RFC 9110 §9.1: the known methods reach the handler", async () => {
  for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
    assertEquals((await askedOf(`${method} / HTTP/1.1`)).method, method);
  }
});

Deno.test("RFC 9112 §2.3: no version or a malformed one is 400", async () => {
  for (
    const version of [
      "",
      " ",
      " HTTP",
      " HTTP/",
      " HTTP/1",
      " HTTP/1.",
      " HTTP/1.1x",
      " HTTP/1.10",
      " HTTP/11.1",
      " HTTP/x.1",
      " HTTP/1,1",
      " http/1.1",
      " HTTPS/1.1",
      " HTTP/+1.1",
      " ICE/1.0",
      " XTTP/1.1",
      " HHTTP/1.1",
      " HTTP/:.1",
      " HTTP/1.:",
      " HTTP//.1",
      " HTTP/1./",
      " HTTP/1.1 ",
      "  HTTP/1.1",
      "\tHTTP/1.1",
    ]
  ) assertEquals(await statusOf(`GET /${version}`), [400], version);
});

Deno.test("RFC 9110 §2.5: a major version other than 1 is 505", async () => {
  assertEquals(await statusOf("GET / HTTP/2.0"), [505]);
  assertEquals(await statusOf("GET / HTTP/0.9"), [505]);
  assertEquals(await statusOf("GET / HTTP/3.1"), [505]);
  assertEquals(await statusOf("PRI * HTTP/2.0"), [505]);
});

Deno.test("RFC 9110 §2.5: a later minor version gets a response of 1.1", async () => {
  assertEquals((await askedOf("GET / HTTP/1.2")).minorVersion, 1);
  assertEquals((await askedOf("GET / HTTP/1.0")).minorVersion, 0);
});

Deno.test("RFC 9112 §3: one space between the parts, no more", async () => {
  assertEquals(await statusOf("GET  / HTTP/1.1"), [400]);
  assertEquals(await statusOf("GET\t/ HTTP/1.1"), [400]);
  assertEquals(await statusOf("GET HTTP/1.1"), [400]);
  assertEquals(await statusOf("GET"), [400]);
});

Deno.test("RFC 9110 §15.5.15: a target of 8 KB passes, one byte more is 414", async () => {
  const longest = "/" + "a".repeat(8191);
  assertEquals((await askedOf(`GET ${longest} HTTP/1.1`)).target, longest);
  assertEquals(await statusOf(`GET ${longest}a HTTP/1.1`), [414]);
  assertEquals(await statusOf(`GET ${longest}? HTTP/1.1`), [414]);
  assertEquals(await statusOf(`GET /${"a".repeat(100_000)}`), [414]);
});

Deno.test("RFC 9112 §2.2: one empty line before a request is tolerated, a second is not", async () => {
  await using server = new TestServer();
  assertEquals(statuses(await server.exchange("\r\n" + withLine("GET / HTTP/1.1"))), [200]);
  const twice = withLine("GET / HTTP/1.1") + "\r\n" + withLine("GET / HTTP/1.1");
  assertEquals(statuses(await server.exchange(twice)), [200, 200]);
  assertEquals(statuses(await server.exchange("\r\n\r\n" + withLine("GET / HTTP/1.1"))), [400]);
  assertEquals(statuses(await server.exchange("\n" + withLine("GET / HTTP/1.1"))), [400]);
  assertEquals(statuses(await server.exchange("\rGET / HTTP/1.1\r\n\r\n")), [400]);
  assertEquals(statuses(await server.exchange("\r\n")), []);
});

Deno.test("RFC 9112 §2.2: the request line ends in CR LF and nothing else", async () => {
  await using server = new TestServer();
  assertEquals(statuses(await server.exchange("GET / HTTP/1.1\nHost: a\n\n")), [400]);
  assertEquals(statuses(await server.exchange("GET / HTTP/1.1\rHost: a\r\r")), [400]);
  assertEquals(statuses(await server.exchange("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n")), [400]);
  assertEquals(statuses(await server.exchange("GET /\nx HTTP/1.1\r\nHost: a\r\n\r\n")), [400]);
});

Deno.test("RFC 3986 §2.1: percent-encoding is decoded once", async () => {
  assertEquals((await askedOf("GET /a%20b%2Fc%252e HTTP/1.1")).path, "/a b/c%2e");
  assertEquals((await askedOf("GET /%ed%95%9c HTTP/1.1")).path, "/한");
  assertEquals((await askedOf("GET /a?b=%26%3D%25 HTTP/1.1")).query, "b=%26%3D%25");
});

Deno.test("RFC 3986 §2.1: a malformed encoding, or a path that is not UTF-8, is 400", async () => {
  for (const target of ["/%", "/%1", "/%zz", "/%%20", "/a?b=%", "/a?b=%4", "/%ff", "/%c0%af"]) {
    assertEquals(await statusOf(`GET ${target} HTTP/1.1`), [400], target);
  }
});

Deno.test("RFC 3986 §3.5: bytes that a target cannot hold are 400", async () => {
  for (const target of ["/#a", "/a\u0000", "/a\u007f", "/\u00e9", "/a\tb", "/a\u000bb"]) {
    assertEquals(await statusOf(`GET ${target} HTTP/1.1`), [400], JSON.stringify(target));
  }
});
