/** Byte ranges (RFC 9110 §14). */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseRange } from "../../../lib/http/mod.ts";

Deno.test("a first and last position, an open end and a suffix (RFC 9110 §14.1.2)", () => {
  assertEquals(parseRange("bytes=0-0", 10), { start: 0, end: 1 });
  assertEquals(parseRange("bytes=2-5", 10), { start: 2, end: 6 });
  assertEquals(parseRange("bytes=2-", 10), { start: 2, end: 10 });
  assertEquals(parseRange("bytes=-3", 10), { start: 7, end: 10 });
  assertEquals(parseRange("Bytes=-3", 10), { start: 7, end: 10 });
  assertEquals(parseRange("bytes=-30", 10), { start: 0, end: 10 });
  assertEquals(parseRange("bytes=2-99999999999999999999999999", 10), { start: 2, end: 10 });
});

Deno.test("a range after the end is not satisfiable (RFC 9110 §15.5.17)", () => {
  assertEquals(parseRange("bytes=10-", 10), "unsatisfiable");
  assertEquals(parseRange("bytes=99999999999999999999999999-", 10), "unsatisfiable");
  assertEquals(parseRange("bytes=-0", 10), "unsatisfiable");
  assertEquals(parseRange("bytes=0-0", 0), "unsatisfiable");
  assertEquals(parseRange("bytes=-1", 0), "unsatisfiable");
});

Deno.test("another unit, a syntax error or several ranges are ignored (RFC 9110 §14.2)", () => {
  for (
    const field of ["", "bytes", "bytes=", "bytes=-", "lines=0-1", "bytes=5-2", "bytes=a-b"]
      .concat("bytes=0-1,4-5", "bytes=0x0-1", "bytes=+1-2", "bytes=1-2-3", "bytes 0-1")
  ) assertEquals(parseRange(field, 10), null, field);
});

Deno.test("a satisfiable range lies within the content", () => {
  const position = fc.option(fc.nat(50), { nil: "" });
  fc.assert(fc.property(position, position, fc.nat(40), (first, last, size) => {
    const range = parseRange(`bytes=${first}-${last}`, size);
    if (range === null || range === "unsatisfiable") return;
    assert(0 <= range.start && range.start < range.end && range.end <= size);
  }));
});
