import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { printable, PRINTABLE_LIMIT } from "../../lib/client/printable.ts";

Deno.test("text from outside can neither move the cursor nor change colours nor retitle the window", () => {
  assertEquals(printable("\x1b[2J\x1b]0;owned\x07red\x1b[31m"), "[2J]0;ownedred[31m");
  assertEquals(printable("\x9b31mC1\x85"), "31mC1");
  assertEquals(printable("a\r\nb\tc\0\b"), "abc");
});

Deno.test("text from outside cannot show itself in another order than it has", () => {
  assertEquals(printable("photo\u202egpj.exe\u2066\u2069\u200f"), "photogpj.exe");
});

Deno.test("letters of every script and emoji stay", () => {
  const text = "사진 1.jpg – Grüße 👩‍👩‍👧 ok";
  assertEquals(printable(text), text);
});

Deno.test("a text over the limit is cut between characters", () => {
  const cut = printable("👍".repeat(PRINTABLE_LIMIT + 1));
  assertEquals(cut, "👍".repeat(PRINTABLE_LIMIT) + "…");
});

Deno.test("no string whatever keeps a control character, and safe text is not changed again", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
    const shown = printable(text);
    assert(!/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(shown));
    assertEquals(printable(shown), shown);
  }));
});
