/** Dates (RFC 9110 §5.6.7). */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatHttpDate, parseHttpDate } from "../../../lib/http/mod.ts";

const RFC_EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37) / 1000;

Deno.test("the three forms of a date mean the same instant (RFC 9110 §5.6.7)", () => {
  const now = Date.UTC(2026, 0, 1);
  assertEquals(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", now), RFC_EXAMPLE);
  assertEquals(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", now), RFC_EXAMPLE);
  assertEquals(parseHttpDate("Sun Nov  6 08:49:37 1994", now), RFC_EXAMPLE);
});

Deno.test("a two-digit year is at most 50 years ahead (RFC 9110 §5.6.7)", () => {
  const now = Date.UTC(2026, 0, 1);
  const year = (text: string) => new Date(parseHttpDate(text, now)! * 1000).getUTCFullYear();
  assertEquals(year("Sunday, 06-Nov-76 08:49:37 GMT"), 2076);
  assertEquals(year("Sunday, 06-Nov-77 08:49:37 GMT"), 1977);
});

Deno.test("an invalid date is null, and a condition with it is ignored", () => {
  for (
    const text of [
      "",
      "0",
      "yesterday",
      "1994-11-06T08:49:37Z",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 24:49:37 GMT",
      "Sun, 32 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT",
      " Sun, 06 Nov 1994 08:49:37 GMT",
    ]
  ) assertEquals(parseHttpDate(text), null, text);
});

Deno.test("each part of a date has its limits, a leap second within", () => {
  const seconds = (day: string, time: string) => parseHttpDate(`Sun, ${day} 1994 ${time} GMT`);
  const first = Date.UTC(1994, 0, 1) / 1000, last = Date.UTC(1994, 11, 31) / 1000;
  assertEquals(seconds("01 Jan", "00:00:00"), first);
  assertEquals(seconds("31 Dec", "23:59:59"), last + 86_399);
  assertEquals(seconds("31 Dec", "23:59:60"), last + 86_400);
  for (const day of ["00 Jan", "32 Dec", "01 Xyz", "32 Xyz"]) {
    assertEquals(seconds(day, "00:00:00"), null, day);
  }
  for (const time of ["24:00:00", "00:60:00", "00:00:61"]) {
    assertEquals(seconds("01 Jan", time), null, time);
  }
});

Deno.test("a formatted date is parsed to the same time", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 250_000_000_000 }), (seconds) => {
    assertEquals(parseHttpDate(formatHttpDate(seconds)), seconds);
  }));
});
