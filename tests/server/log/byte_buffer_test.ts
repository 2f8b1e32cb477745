/** The buffer that lines of the log are built in. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { ByteBuffer } from "../../../lib/server/log/byte_buffer.ts";

Deno.test("the buffer holds the UTF-8 of all that was appended", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary" }),
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
