/** The buffer that lines of the log are built in. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { ByteBuffer } from "../../../lib/server/log/byte_buffer.ts";
import { scalarValue } from "../../support/text.ts";

Deno.test("the buffer holds the UTF-8 of all that was appended", () => {
  const part = fc.oneof(
    fc.string({ unit: scalarValue }),
    fc.string({ unit: fc.constantFrom("a", "\x7f", "\x80", "\ud800", "한") }),
    fc.nat(20_000).map((length) => "x".repeat(length)),
    fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(fc.array(part), fc.nat(100), (parts, start) => {
      const buffer = new ByteBuffer();
      for (const part of parts) {
        if (typeof part === "string") buffer.text(part);
        else if (typeof part === "number") buffer.number(part);
        else buffer.append(part);
      }
      const expected = Buffer.concat(
        parts.map((part) => part instanceof Uint8Array ? part : Buffer.from(String(part))),
      );
      assertEquals(buffer.length, expected.length);
      assert(expected.equals(buffer.view()));
      const from = Math.min(start, expected.length);
      assert(expected.subarray(from).equals(buffer.view(from)));
      buffer.truncate(from);
      assert(expected.subarray(0, from).equals(buffer.view()));
      buffer.clear();
      assertEquals(buffer.text("a").length, 1);
    }),
    { numRuns: 30 },
  );
});

Deno.test("the buffer grows when the next piece does not fit, and shrinks when it is cleared", () => {
  const pieces: [(buffer: ByteBuffer) => void, string][] = [
    [(buffer) => buffer.text("12345"), "12345"],
    [(buffer) => buffer.text("한글"), "한글"],
    [(buffer) => buffer.number(12345), "12345"],
    [(buffer) => buffer.append(new TextEncoder().encode("12345")), "12345"],
  ];
  for (const [add, text] of pieces) {
    const buffer = new ByteBuffer().text("x".repeat(16 * 1024 - 3));
    add(buffer);
    assertEquals(new TextDecoder().decode(buffer.view(16 * 1024 - 3)), text);
  }
  const capacity = (buffer: ByteBuffer) => buffer.view().buffer.byteLength / 1024;
  const buffer = new ByteBuffer().text("x".repeat(16 * 1024));
  assertEquals(capacity(buffer), 16);
  for (const [more, grown, kept] of [[1, 32, 32], [240 * 1024, 256, 256], [256 * 1024, 512, 16]]) {
    buffer.text("x".repeat(more));
    assertEquals(capacity(buffer), grown);
    buffer.clear();
    assertEquals(capacity(buffer), kept);
    buffer.text("x".repeat(16 * 1024));
  }
});
