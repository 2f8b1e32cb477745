import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { escape, PRINTABLE_LIMIT, strip } from "../../lib/text/printable.ts";
import { scalarValue } from "../support/text.ts";

Deno.test("text from outside can neither move the cursor nor change colours nor retitle the window", () => {
  assertEquals(strip("\x1b[2J\x1b]0;owned\x07red\x1b[31m"), "[2J]0;ownedred[31m");
  assertEquals(strip("\x9b31mC1\x85"), "31mC1");
  assertEquals(strip("a\r\nb\tc\0\b"), "abc");
});

Deno.test("text from outside cannot show itself in another order than it has", () => {
  assertEquals(strip("photo\u202egpj.exe\u2066\u2069\u200f"), "photogpj.exe");
});

Deno.test("invisible characters, with which one text looks like another, are not shown", () => {
  assertEquals(strip("pa\u00ady\u200bpal\u2060\ufeff"), "paypal");
});

Deno.test("letters of every script and emoji stay", () => {
  const text = "사진 1.jpg – Grüße 👩‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 می‌خواهم";
  assertEquals(strip(text), text);
});

Deno.test("a text over the limit is cut between characters", () => {
  const cut = strip("👍".repeat(PRINTABLE_LIMIT + 1));
  assertEquals(cut, "👍".repeat(PRINTABLE_LIMIT) + "…");
});

Deno.test("no text keeps a control character, and safe text is unchanged", () => {
  fc.assert(fc.property(fc.string({ unit: scalarValue, maxLength: 400 }), (text) => {
    const shown = strip(text);
    assert(!/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(shown));
    assertEquals(strip(shown), shown);
  }));
});

Deno.test("escaping shows every unsafe character in a form of its own", () => {
  assertEquals(
    escape("a\nb\r\t\\ \x1b[2J\x9b\u202e\u2028\ud800 사진"),
    String.raw`a\nb\r\t\\ \x1b[2J\x9b\u{202e}\u{2028}\u{d800} 사진`,
  );
});

Deno.test("different texts stay different when escaped, and nothing unsafe is left", () => {
  const unescape = (text: string) =>
    text.replace(/\\(?:(.)\{([0-9a-f]+)\}|x(..)|(.))/g, (_, __, point, byte, letter) => {
      if (point ?? byte) return String.fromCodePoint(parseInt(point ?? byte, 16));
      return ({ n: "\n", r: "\r", t: "\t" } as Record<string, string>)[letter] ?? letter;
    });
  fc.assert(fc.property(fc.string({ unit: scalarValue, maxLength: 100 }), (text) => {
    const shown = escape(text);
    assert(!/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(shown));
    assertEquals(unescape(shown), text);
  }));
});
