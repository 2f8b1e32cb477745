/** The parts of the encoder of response heads, at their exact limits. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  CONNECTION_CLOSE,
  CONNECTION_DEFAULT,
  CONNECTION_KEEP_ALIVE,
  contentLength,
  dateLine,
  fieldLines,
  NO_LENGTH,
  textLength,
  writeHead,
  writeText,
} from "../../../lib/http/wire/response_encoder.ts";
import { asText, toBytes } from "../support/test_server.ts";

/** The first and last characters of each length in UTF-8, and lone surrogates. */
const EDGES = ["\0", "\x7f", "\x80", "\u07ff", "\u0800", "\uffff", "\u{10000}", "\u{10ffff}"]
  .concat("\ud800", "\udbff", "\udc00", "\udfff");
const anyText = fc.array(fc.oneof(fc.constantFrom(...EDGES), fc.string())).map((parts) =>
  parts.join("")
);

Deno.test("the length of a text, and its bytes, are those of UTF-8", () => {
  fc.assert(fc.property(anyText, fc.nat(8), fc.nat(3), (text, at, room) => {
    const expected = new TextEncoder().encode(text);
    assertEquals(textLength(text), expected.length);
    const out = new Uint8Array(at + expected.length + room);
    assertEquals(writeText(out, at, text), at + expected.length);
    assertEquals(out.subarray(at, at + expected.length), expected);
    assertEquals(out.subarray(0, at), new Uint8Array(at));
  }));
});

Deno.test("the length of a text is right whatever stands beside a surrogate", () => {
  for (const first of EDGES) {
    for (const second of EDGES) {
      const text = first + second;
      assertEquals(textLength(text), new TextEncoder().encode(text).length);
    }
  }
});

Deno.test("a text that does not fit is not written whole", () => {
  fc.assert(fc.property(anyText, (text) => {
    const { length } = new TextEncoder().encode(text);
    if (length > 0) assertEquals(writeText(new Uint8Array(length + 1), 2, text), -1);
  }));
});

Deno.test("RFC 9110 §8.6: 204 has no Content-Length, 304 only that of its content", () => {
  assertEquals(contentLength(204, undefined), NO_LENGTH);
  assertEquals(contentLength(204, "abc"), NO_LENGTH);
  assertEquals(contentLength(304, undefined), NO_LENGTH);
  assertEquals(contentLength(304, "abc"), 3);
  assertEquals(contentLength(200, undefined), 0);
  assertEquals(contentLength(200, ""), 0);
  assertEquals(contentLength(200, "\u00e9"), 2);
  assertEquals(contentLength(200, new Uint8Array(5)), 5);
});

/** The head with these parts, in as much room as it takes and `less` bytes fewer. */
function headOf(
  status: number,
  fields: [string, string][] | undefined,
  length: number,
  connection: number,
): string {
  const room = new Uint8Array(4096);
  const end = writeHead(room, 3, status, toBytes("Date: x\r\n"), fields, length, connection);
  // Without room, the end is the same, and nothing is written behind the memory.
  for (let size = 0; size < end; size++) {
    const small = new Uint8Array(size);
    assertEquals(
      writeHead(small, 3, status, toBytes("Date: x\r\n"), fields, length, connection),
      end,
    );
  }
  assertEquals(room.subarray(0, 3), new Uint8Array(3));
  return asText(room.subarray(3, end));
}

Deno.test("RFC 9112 §4, §5: a head has status line, fields, length and connection", () => {
  assertEquals(
    headOf(200, [["A", ""], ["B-c", "\t \x7e\x80\xff"]], 10, CONNECTION_CLOSE),
    "HTTP/1.1 200 OK\r\nDate: x\r\nA: \r\nB-c: \t \x7e\x80\xff\r\n" +
      "Content-Length: 10\r\nConnection: close\r\n\r\n",
  );
  assertEquals(
    headOf(599, undefined, 0, CONNECTION_KEEP_ALIVE),
    "HTTP/1.1 599 \r\nDate: x\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
  );
  assertEquals(
    headOf(204, [], NO_LENGTH, CONNECTION_DEFAULT),
    "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n",
  );
});

Deno.test("RFC 9110 §15: a status is an integer from 200 to 599", () => {
  for (const status of [199, 600, 200.5, NaN, -200]) {
    assertThrows(
      () => headOf(status, undefined, 0, CONNECTION_DEFAULT),
      TypeError,
      `got ${status}`,
    );
  }
});

Deno.test("RFC 9110 §5: exactly what the grammar allows can be sent as a field", () => {
  const isToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, isText = /^[\t\x20-\x7e\x80-\xff]*$/;
  for (let code = 0; code <= 0x180; code++) {
    const character = String.fromCharCode(code);
    for (const [name, value] of [[`A${character}`, "b"], ["A", `b${character}`]]) {
      if (isToken.test(name) && isText.test(value)) {
        assertEquals(fieldLines([[name, value]]).length, name.length + value.length + 4);
      } else assertThrows(() => fieldLines([[name, value]]), TypeError, "RFC 9110 §5");
    }
  }
  const lines = fieldLines([["A", "\x80\xff"]]);
  assertEquals(lines, "A: \x80\xff\r\n");
  assertEquals(asText(dateLine(0, lines)), `Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n${lines}`);
  assertThrows(() => fieldLines([["", "b"]]), TypeError, 'got ""');
  assertThrows(() => fieldLines([["A", "b\u4e00"]]), TypeError, "got U+4E00");
});

Deno.test("the fields that the connection writes are refused, and no others", () => {
  const own = ["Date", "CONNECTION", "content-length", "Transfer-Encoding"];
  for (const name of own) {
    assertThrows(() => fieldLines([[name, "x"]]), TypeError, `Field ${name} must be left out`);
  }
  for (const name of ["Data", "Connections", "Last-Event", "content-lengths", "Age"]) {
    assertEquals(fieldLines([[name, "x"]]), `${name}: x\r\n`);
  }
});
