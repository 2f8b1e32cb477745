/** The exact limits of the decoder of chunks. */
import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../../lib/http/mod.ts";
import { ChunkedDecoder } from "../../../lib/http/wire/chunked.ts";
import { asText, toBytes } from "../support/test_server.ts";

/** Decodes a whole chunked body. */
function decode(text: string, overheadBytes: number): string {
  const decoder = new ChunkedDecoder(overheadBytes, false);
  const bytes = toBytes(text);
  let content = "";
  for (let at = 0; !decoder.done && at < bytes.length; at += decoder.consumed) {
    decoder.decode(bytes, at, bytes.length);
    content += asText(bytes.subarray(decoder.dataFrom, decoder.dataTo));
  }
  assertEquals(decoder.done, true);
  return content;
}

/** Bodies, and the bytes besides data and sizes: extensions, trailers and leading zeros. */
const OVERHEADS: [body: string, overhead: number][] = [
  ["2\r\nok\r\n0\r\n\r\n", 1],
  ["2;ab\r\nok\r\n0\r\n\r\n", 4],
  ["2\r\nok\r\n0\r\nX: y\r\n\r\n", 6],
  ["0002\r\nok\r\n0\r\n\r\n", 4],
];

for (const [body, overhead] of OVERHEADS) {
  Deno.test(`RFC 9112 §7.1.1: ${JSON.stringify(body)} passes a limit of ${overhead}, not of one less`, () => {
    assertEquals(decode(body, overhead), "ok");
    assertThrows(() => decode(body, overhead - 1), HttpError, "too large");
  });
}

Deno.test("RFC 9112 §7.1: a chunk size is exact up to 2^52, and no digit follows 2^48", () => {
  for (const [digits, size] of [["1000000000000", 2 ** 48], ["fffffffffffff", 2 ** 52 - 1]]) {
    const decoder = new ChunkedDecoder(0, false);
    const bytes = toBytes(`${digits}\r\n`);
    decoder.decode(bytes, 0, bytes.length);
    assertEquals(decoder.remaining, size);
  }
  const decoder = new ChunkedDecoder(0, false);
  assertThrows(() => decoder.decode(toBytes("10000000000000"), 0, 14), HttpError, "too large");
});

Deno.test("RFC 9112 §7.1: exactly the hexadecimal digits make a size", () => {
  for (let code = 0; code < 256; code++) {
    const decoder = new ChunkedDecoder(0, false);
    const character = String.fromCharCode(code);
    const bytes = toBytes(`1${character}\r\n`);
    if (/[0-9A-Fa-f]/.test(character)) {
      decoder.decode(bytes, 0, bytes.length);
      assertEquals(decoder.remaining, parseInt(`1${character}`, 16));
    } else assertThrows(() => decoder.decode(bytes, 0, bytes.length), HttpError);
  }
});
