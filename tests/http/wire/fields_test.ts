/** Field sections (RFC 9112 §5). */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CLIENT_LIMITS, type Fields } from "../../../lib/http/mod.ts";
import { ResponseHead } from "../../../lib/http/wire/response_head.ts";
import { statuses, TestServer, toBytes } from "../support/test_server.ts";

/** A request whose field lines are these, each ended by CR LF. */
const withFields = (...lines: string[]) => `GET / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;

async function statusOf(...lines: string[]): Promise<number[]> {
  await using server = new TestServer();
  return statuses(await server.exchange(withFields("Host: a", ...lines)));
}

/** Runs `look` on the fields of a request while its handler has them. */
async function withHandlerFields(lines: string[], look: (fields: Fields) => void): Promise<void> {
  let seen = false;
  await using server = new TestServer(({ fields }) => {
    look(fields);
    seen = true;
    return { status: 200 };
  });
  await server.exchange(withFields("Host: a", ...lines));
  assert(seen);
}

Deno.test("RFC 9110 §5.1: field names are compared without regard to case", async () => {
  await withHandlerFields(["X-ONE: 1", "x-two: 2", "X-Empty:"], (fields) => {
    assertEquals(fields.get("x-one"), "1");
    assertEquals(fields.get("x-two"), "2");
    assertEquals(fields.get("x-empty"), "");
    assertEquals(fields.get("x-three"), null);
    assertEquals([fields.has("x-one"), fields.has("x-on"), fields.has("x-one1")], [
      true,
      false,
      false,
    ]);
    assertEquals([...fields].map(([name]) => name), ["Host", "X-ONE", "x-two", "X-Empty"]);
  });
});

Deno.test("RFC 9110 §5.3: repeated fields are combined in order, and can be had apart", async () => {
  await withHandlerFields(["A: 1", "B: x", "a: 2", "A: 3, 4"], (fields) => {
    assertEquals(fields.get("a"), "1, 2, 3, 4");
    assertEquals(fields.getAll("a"), ["1", "2", "3, 4"]);
    assertEquals(fields.getAll("c"), []);
  });
});

Deno.test("RFC 6265 §4.2.1: lines of Cookie are combined with a semicolon", async () => {
  await withHandlerFields(["Cookie: a=1", "Cookie: b=2"], (fields) => {
    assertEquals(fields.get("cookie"), "a=1; b=2");
  });
});

Deno.test("RFC 9110 §5.5: optional white space around a value is not part of it", async () => {
  await withHandlerFields(["A: \t b\t c \t", "D:e", "F: \t ", "G:\th"], (fields) => {
    assertEquals(fields.get("a"), "b\t c");
    assertEquals(fields.get("d"), "e");
    assertEquals(fields.get("f"), "");
    assertEquals(fields.get("g"), "h");
  });
});

Deno.test("RFC 9110 §5.5: bytes above 0x7F are kept, one character each", async () => {
  await withHandlerFields(["A: \u0080\u00e9\u00ff x", "B: y"], (fields) => {
    assertEquals(fields.get("a"), "\u0080\u00e9\u00ff x");
    assertEquals(fields.get("b"), "y");
  });
});

Deno.test("RFC 9110 §5.6.2: every token character may be in a field name", async () => {
  const name = "!#$%&'*+-.^_`|~09azAZ";
  await withHandlerFields([`${name}: 1`], (fields) => {
    assertEquals(fields.get(name.toLowerCase()), "1");
  });
});

Deno.test("RFC 9112 §5.1: white space between field name and colon is 400", async () => {
  assertEquals(await statusOf("A : b"), [400]);
  assertEquals(await statusOf("A\t: b"), [400]);
  assertEquals(await statusOf("Content-Length : 5"), [400]);
});

Deno.test("RFC 9112 §5.2: line folding is 400", async () => {
  assertEquals(await statusOf("A: b", " c"), [400]);
  assertEquals(await statusOf("A: b", "\tc"), [400]);
  await using server = new TestServer();
  assertEquals(statuses(await server.exchange("GET / HTTP/1.1\r\n Host: a\r\n\r\n")), [400]);
});

Deno.test("RFC 9110 §5.1: a field name that is no token is 400", async () => {
  for (const line of ["A B: c", "A(: b", "A\u0000: b", "\u00e9: b", ": b", "A", "A;b", "A[]: b"]) {
    assertEquals(await statusOf(line), [400], JSON.stringify(line));
  }
});

Deno.test("RFC 9112 §2.2: a bare LF or bare CR within the fields is 400", async () => {
  for (const text of ["A: b\nC: d", "A: b\rC: d", "A: b\r\rC: d", "A\n: b", "A: b\n"]) {
    assertEquals(await statusOf(text), [400], JSON.stringify(text));
  }
  await using server = new TestServer();
  assertEquals(statuses(await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\n")), [400]);
  assertEquals(statuses(await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\rx")), [400]);
});

Deno.test("RFC 9110 §5.5: NUL and other control characters in a value are 400", async () => {
  for (let code = 0; code < 0x20; code++) {
    if (code === 0x09) continue;
    assertEquals(await statusOf(`A: b${String.fromCharCode(code)}c`), [400], `0x${code}`);
  }
  assertEquals(await statusOf("A: b\u007fc"), [400]);
  assertEquals(await statusOf("A: b\tc"), [200]);
});

Deno.test("RFC 9112 §3.2: Host is needed on HTTP/1.1, once", async () => {
  await using server = new TestServer();
  const send = async (head: string) => statuses(await server.exchange(head + "\r\n"));
  assertEquals(await send("GET / HTTP/1.1\r\n"), [400]);
  assertEquals(await send("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n"), [400]);
  assertEquals(await send("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n"), [400]);
  assertEquals(await send("GET http://a/ HTTP/1.1\r\n"), [400]);
  assertEquals(await send("GET / HTTP/1.0\r\n"), [200]);
  assertEquals(await send("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n"), [400]);
});

Deno.test("RFC 9110 §7.2: a valid Host passes, an empty or invalid one is 400", async () => {
  await using server = new TestServer();
  const send = async (host: string) =>
    statuses(await server.exchange(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`))[0];
  for (
    const host of [
      "localhost",
      "LOCALHOST:8080",
      "127.0.0.1:1",
      "a:65535",
      "[::1]",
      "[2001:db8::7]:80",
      "[::ffff:192.0.2.1]",
      "xn--a_b~c",
      "a%20b",
      "a:",
      "a:65535",
      "a:065535",
      "example.org.",
    ]
  ) assertEquals(await send(host), 200, host);
  for (
    const host of [
      "",
      " ",
      ":80",
      "a b",
      "a:b",
      "a:65536",
      "a:80:81",
      "a/b",
      "u@a",
      "[::1",
      "[g]",
      "[.]",
      "[1]",
      "[:::]",
      "[::1::]",
      "::1",
      "a\\b",
      "a\u00e9",
      "a%2",
      "http://a",
    ]
  ) assertEquals(await send(host), 400, host);
});

Deno.test("RFC 6585 §5: a hundred fields pass, one more is 431", async () => {
  const lines = (count: number) => Array.from({ length: count - 1 }, (_, i) => `A${i}: ${i}`);
  assertEquals(await statusOf(...lines(100)), [200]);
  assertEquals(await statusOf(...lines(101)), [431]);
});

Deno.test("RFC 6585 §5: fields of 16 KB together pass, one byte more is 431", async () => {
  // "Host: a" and "A: …" with their line ends, and the empty line: 9 + 5 + 2 bytes.
  const longest = "x".repeat(16 * 1024 - 16);
  assertEquals(await statusOf(`A: ${longest}`), [200]);
  assertEquals(await statusOf(`A: ${longest}x`), [431]);
  assertEquals(await statusOf(`A: ${"x".repeat(100_000)}`), [431]);
});

Deno.test("RFC 9112 §3.2.2: the authority of a target overrides Host, however fields are read", async () => {
  for (const [target, host] of [["/", "a"], ["http://b:1/", "b:1"]]) {
    let seen: unknown;
    await using server = new TestServer(({ fields }) => {
      const read = (name: string) => [fields.get(name), fields.getAll(name), fields.has(name)];
      seen = [...["host", "x-one", "hose", "host2"].map(read), [...fields]];
      return { status: 200 };
    });
    await server.exchange(`GET ${target} HTTP/1.1\r\nHOST: a\r\nX-One: 1\r\n\r\n`);
    assertEquals(seen, [
      [host, [host], true],
      ["1", ["1"], true],
      [null, [], false],
      [null, [], false],
      [["HOST", host], ["X-One", "1"]],
    ]);
  }
  await using old = new TestServer(({ fields }) => {
    assertEquals([fields.get("host"), fields.getAll("host"), fields.has("host")], [
      null,
      [],
      false,
    ]);
    return { status: 204 };
  });
  assertEquals(statuses(await old.exchange("GET / HTTP/1.0\r\n\r\n")), [204]);
  await withHandlerFields(["X-~Z: 1", "AZ: 2", "^: 3", "A^: 4"], (fields) => {
    assertEquals(["x-~z", "az", "^", "~", "a~"].map((name) => fields.get(name)), [
      ...["1", "2", "3"],
      null,
      null,
    ]);
  });
});

Deno.test("a request that is used after its response throws an error that says so", async () => {
  let kept: Fields | undefined;
  await using server = new TestServer(({ fields }) => {
    kept = fields;
    return { status: 200 };
  });
  await server.exchange(withFields("Host: a"));
  const error = assertThrows(() => kept!.get("host"), Error);
  assertStringIncludes(error.message, "until its handler has responded");
});

Deno.test("a skipped line of a response counts when it is not ASCII", () => {
  for (const [byte, ascii] of [["\u007f", true], ["\u0080", false]] as const) {
    const head = new ResponseHead(CLIENT_LIMITS);
    const bytes = toBytes(`HTTP/1.1 200 OK\r\nno colon ${byte}\r\nX: 1\r\n\r\n`);
    assertEquals([head.parse(bytes, 0, bytes.length), head.ascii], [true, ascii]);
  }
});
