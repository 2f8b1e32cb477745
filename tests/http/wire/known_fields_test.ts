/** The fields that concern framing and connection, which the parser itself looks for. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CLIENT_LIMITS, HttpError } from "../../../lib/http/mod.ts";
import { FieldParser } from "../../../lib/http/wire/field_parser.ts";
import {
  bodyLength,
  CHUNKED,
  hasValue,
  isPersistent,
  isPlainHost,
} from "../../../lib/http/wire/framing.ts";
import { FieldsView } from "../../../lib/http/wire/fields_view.ts";
import { ResponseHead } from "../../../lib/http/wire/response_head.ts";
import { isHost } from "../../../lib/http/wire/target.ts";
import { toBytes } from "../support/test_server.ts";

/** Parses field lines, behind bytes that belong to something else. */
function parse(...lines: string[]): [FieldParser, Uint8Array, number] {
  const fields = new FieldParser({ bytes: 10_000, lines: 100, tolerant: false });
  const bytes = toBytes(`????????${lines.map((line) => line + "\r\n").join("")}\r\n`);
  // As behind a start line of three bytes, in a head that begins at the fifth.
  fields.reset(3);
  assertEquals(fields.parse(bytes, 5, 8, bytes.length), bytes.length);
  return [fields, bytes, 5];
}

const FILL = ["A: b", "A-name-of-14: b"];

Deno.test("the first line of each known name is found, wherever it stands, and a second noticed", () => {
  for (
    const [name, member] of [
      ["Host", "host"],
      ["EXPECT", "expect"],
      ["connection", "connection"],
      ["Content-length", "contentLength"],
      ["transfer-Encoding", "transferEncoding"],
    ] as const
  ) {
    const line = `${name}: x`;
    const none = { host: -1, expect: -1, connection: -1, contentLength: -1, transferEncoding: -1 };
    const once = { host: false, expect: false, contentLength: false };
    assertEquals(parse(...FILL)[0].known, none);
    for (const before of [[], FILL]) {
      const [single] = parse(...before, line, ...FILL);
      assertEquals([single.known, single.repeated], [{ ...none, [member]: before.length }, once]);
      const [double] = parse(...before, line, ...FILL, line.toLowerCase());
      assertEquals(double.known, { ...none, [member]: before.length });
      assertEquals(double.repeated, member in once ? { ...once, [member]: true } : once);
    }
    // Nothing of it is left when the parser is used again.
    const [fields, bytes] = parse(line, line);
    fields.reset(3);
    fields.parse(bytes, 5, bytes.length - 2, bytes.length);
    assertEquals([fields.known, fields.repeated, fields.count], [none, once, 0]);
  }
});

Deno.test("names of the same length, or that begin alike, are other names", () => {
  for (
    const name of ["Hose", "Hosts", "Expecd", "Connectiom", "Content-Lengtg", "Transfer-Encodinf"]
      .concat("Connection-X", "X-Connection", "Content-Lengths", "Transfer-Encoding2")
  ) {
    const [{ known, repeated }] = parse(`${name}: 1`, `${name}: 2`);
    assertEquals(Object.values(known), [-1, -1, -1, -1, -1], name);
    assertEquals(Object.values(repeated), [false, false, false], name);
  }
});

Deno.test("RFC 9112 §6.3: a length is digits alone, exact up to 2^53 - 1, then larger than any limit", () => {
  const length = (value: string) => bodyLength(...parse("A: b", `Content-Length: ${value}`), 1);
  for (const value of ["0", "9", "0090", String(Number.MAX_SAFE_INTEGER)]) {
    assertEquals(length(value), Number(value));
  }
  for (const value of ["9007199254740992", "9".repeat(400)]) assertEquals(length(value), Infinity);
  for (const value of ["", "/", ":", "1:", "-1", "1/"]) {
    assertThrows(() => length(value), HttpError, "an invalid Content-Length");
  }
});

Deno.test("RFC 9112 §6.1: the codings of all Transfer-Encoding lines count, and of no others", () => {
  const length = (...lines: string[]) => bodyLength(...parse(...lines), 1);
  const other = ["X-transfer-codin: gzip", "Transfer-Encoding-2: gzip"];
  assertEquals(length(...other, "Transfer-Encoding: \tchunked \t", ...other), CHUNKED);
  assertEquals(length("transfer-encoding:CHUNKED", "A: b"), CHUNKED);
  assertThrows(() => length("Transfer-Encoding: chunked", "Transfer-Encoding: gzip"), HttpError);
  assertThrows(() => length("Transfer-Encoding: chunked \t,\t chunked"), HttpError, "come last");
});

Deno.test("RFC 9112 §9.3: the options of all Connection lines count, and of no others", () => {
  const other = ["X-connecti: close", "Connection-X: close", "X-connecti: keep-alive"];
  const persists = (minor: 0 | 1, ...options: string[]) =>
    isPersistent(
      ...parse(...other, ...options.map((option) => `Connection: ${option}`), ...other),
      minor,
    );
  for (
    const options of [
      ["close"],
      ["CLOSE"],
      ["x,close"],
      ["close,x"],
      ["x \t,\t close \t"],
      ["x", "close"],
      [",, ,close"],
      ["keep-alive", "close"],
      ["close, keep-alive"],
    ]
  ) {
    assertEquals([persists(1, ...options), persists(0, ...options)], [false, false], `${options}`);
  }
  for (
    const option of ["", "x", "closer", "clos", "c lose", "close;", "keep-alive2", "keep-alivf"]
  ) {
    assertEquals([persists(1, option), persists(0, option)], [true, false], option);
  }
  for (const option of ["keep-alive", "Keep-Alive", "x, keep-alive", "keep-alive\t, x"]) {
    assertEquals([persists(1, option), persists(0, option)], [true, true], option);
  }
  assertEquals([isPersistent(...parse("A: b"), 1), isPersistent(...parse(...other), 0)], [
    true,
    false,
  ]);
});

Deno.test("a value is compared as a whole, ignoring case", () => {
  const matches = (value: string) => hasValue(...parse("A: b", `Expect: ${value}`), 1, "100-ok");
  assertEquals(["100-OK", " 100-ok\t"].map(matches), [true, true]);
  assertEquals(["100-o", "100-okk", "100-oj", ""].map(matches), [false, false, false, false]);
});

Deno.test("the usual forms of Host are recognized by the fast path", () => {
  const isPlain = (host: string) => isPlainHost(...parse("A: b", `Host: ${host}`), 1);
  for (
    const host of ["a", "Example.ORG", "z-0.9", "127.0.0.1", "a:0", "a:1", "a:8080", "Z:65535"]
  ) {
    assert(isPlain(host), host);
  }
  for (const host of ["", ":1", "a:65536", "a:123456", "a:/", "a::", "a_b", "[::1]:1", "a b"]) {
    assert(!isPlain(host), host);
  }
  const part = fc.constantFrom("a", "Z", "0", "9", ".", "-", ":", "/", "655", "[", "]", "%4", "_");
  fc.assert(fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
    const host = parts.join("");
    if (isPlain(host)) assert(isHost(host), host);
  }));
});

Deno.test("bytes of a longer head do not affect the next head", () => {
  const text = `A: ${"b".repeat(25)}\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n`;
  for (
    const [line, length, persists] of [
      ["Transfer-Encoding: chunked", CHUNKED, true],
      ["Connection: x", 0, true],
    ] as const
  ) {
    const fields = new FieldParser({ bytes: 10_000, lines: 100, tolerant: false });
    fields.reset(0);
    assertEquals(fields.parse(toBytes(text), 0, 0, text.length), text.length);
    fields.reset(0);
    // The next head lies where the first line was, and the other lines are still there.
    const next = `${line}\r\n\r\n`;
    const bytes = toBytes(next + text.slice(next.length));
    assertEquals(fields.parse(bytes, 0, 0, bytes.length), next.length);
    assertEquals(bodyLength(fields, bytes, 0, 1), length);
    assertEquals(isPersistent(fields, bytes, 0, 1), persists);
    const view = new FieldsView(fields, { headText: () => next + text.slice(next.length) });
    assertEquals(["connection", "transfer-encoding"].map((name) => view.getAll(name).length), [
      line.startsWith("C") ? 1 : 0,
      line.startsWith("T") ? 1 : 0,
    ]);
    assertEquals([...view], [line.split(": ")]);
  }
});

/** The lines of a response whose malformed lines are skipped; else the status of its error. */
function responseLines(...lines: string[]): number {
  const head = new ResponseHead(CLIENT_LIMITS);
  const bytes = toBytes(`HTTP/1.1 200 OK\r\n${lines.join("\r\n")}\r\n\r\n`);
  try {
    assert(head.parse(bytes, 0, bytes.length));
    return head.fields.count;
  } catch (error) {
    assert(error instanceof HttpError);
    return error.status;
  }
}

Deno.test("RFC 9112 §11.2: a malformed line of a response is skipped, but not one about its length", () => {
  for (const rest of [" : 1", ": \0", ": 1\rx", "\r\n", ""]) {
    assertEquals(responseLines("A: b", `Content-Length${rest}`, "C: d"), 400, rest);
    assertEquals(responseLines("A: b", `transfer-encoding${rest}`, "C: d"), 400, rest);
    for (const name of ["A", "Content-Lengtg", "Transfer-Encodinf", "Content-Length2"]) {
      const empty = rest === "\r\n" ? 1 : 2;
      assertEquals(responseLines("A: b", `${name}${rest}`, "C: d"), empty, name + rest);
    }
  }
  assertEquals(responseLines("Content-Length: 1", "\rx", " y", "C: d"), 2);
});

Deno.test("RFC 9112 §2.2, §5.2: values are folded only by a continuation of a line that counts", () => {
  for (
    const [lines, folded] of [
      ["A: b\r\n", false],
      ["A: b\r\n c\r\n", true],
      [" lost\r\nA: b\r\n", false],
      ["no colon\r\n lost\r\nA: b\r\n", false],
    ] as const
  ) {
    const head = new ResponseHead(CLIENT_LIMITS);
    for (let use = 0; use < 2; use++) {
      const bytes = toBytes(`HTTP/1.1 200 OK\r\n${lines}\r\n`);
      assert(head.parse(bytes, 0, bytes.length));
      assertEquals([head.fields.folded, head.fields.count], [folded, 1], lines);
      head.reset();
    }
  }
});

Deno.test("RFC 9112 §5.2: a folded Content-Length is one line, which is no number then", () => {
  const head = new ResponseHead(CLIENT_LIMITS);
  for (
    const [text, isRepeated] of [["1\r\n 2", false], ["1\r\nContent-Length: 2", true]] as const
  ) {
    head.reset();
    const bytes = toBytes(`HTTP/1.1 200 OK\r\nContent-Length: ${text}\r\n\r\n`);
    assert(head.parse(bytes, 0, bytes.length));
    assertEquals(head.fields.repeated.contentLength, isRepeated);
    assertThrows(() => bodyLength(head.fields, bytes, 0, 1), HttpError);
  }
});
