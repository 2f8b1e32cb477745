import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  checkPassword,
  checkUsername,
  PASSWORD_BYTES,
  possibleUsernames,
  USERNAME_CHARACTERS,
} from "../../lib/accounts/credentials.ts";
import { scalarValue } from "../support/text.ts";

function reason(checked: { value: string } | { reason: string }): string {
  assert("reason" in checked, `${JSON.stringify(checked)} was accepted`);
  return checked.reason;
}

Deno.test("one character is enough for a username and for a password", () => {
  assertEquals(checkUsername("1"), { value: "1" });
  assertEquals(checkPassword("1"), { value: "1" });
});

Deno.test("a username is normalised to NFC", () => {
  assertEquals(checkUsername("e\u0301"), { value: "\u00e9" });
  assertEquals(checkUsername("\u1112\u1161\u11ab"), { value: "한" });
});

Deno.test("a username has at most 64 characters, counted after normalisation, astral ones as one", () => {
  for (const character of ["a", "한", "\u{20000}"]) {
    assertEquals(checkUsername(character.repeat(USERNAME_CHARACTERS)), {
      value: character.repeat(USERNAME_CHARACTERS),
    });
    assertStringIncludes(reason(checkUsername(character.repeat(USERNAME_CHARACTERS + 1))), "64");
  }
  // α with three marks: one character in NFC, four before.
  const decomposed = "\u03b1\u0313\u0300\u0345";
  assert("value" in checkUsername(decomposed.repeat(USERNAME_CHARACTERS)));
  assertStringIncludes(reason(checkUsername("a".repeat(1_000_000))), "64");
});

Deno.test("a username with a control character, half a surrogate pair or a text direction override is refused", () => {
  const bad = { "\0": "U+0000", "\n": "U+000A", "\x1b[2J": "U+001B", "\x7f": "U+007F" };
  const more = { "\x9b": "U+009B", "\ud800": "U+D800", "\u202e": "U+202E", "\u2028": "U+2028" };
  for (const [text, name] of Object.entries({ ...bad, ...more })) {
    assertStringIncludes(reason(checkUsername(`al${text}ice`)), name);
  }
  reason(checkUsername(""));
});

Deno.test("a username consists of letters, digits and printable ASCII (RFC 8265 §3.5)", () => {
  for (
    const good of [
      "juliet@example.com",
      "fussball",
      "fu\u00dfball",
      "\u03c0",
      "\u03a3",
      "\u03c3",
      "\u03c2",
    ]
      .concat(
        "1",
        "~!@#$%^&*()_+`-={}|[]:\";'<>?,./\\",
        "foo bar",
        "foo  bar",
        "가나다",
        "山田太郎",
      )
      .concat("\u0e2a\u0e21\u0e0a\u0e32\u0e22", "\u3007", "col\u00b7lecci\u00f3", "cel\u00b7la")
      .concat("\u0375\u03b1", "\u05d0\u05f3", "\u30d0\u30fb\u30d0")
  ) assertEquals(checkUsername(good), { value: good });
  for (
    const bad of [
      "\u265a",
      "\u2163",
      "\u{1f600}",
      "\u00a0",
      "a\u2003b",
      "\u00b2",
      "\ufb01",
      "\u2126\u00bd",
    ]
      .concat(
        "henry\u2163",
        "a\u00b7b",
        "l\u00b7",
        "\u0375a",
        "a\u05f3",
        "a\u30fbb",
        "\u3131",
        "\u1100",
      )
      .concat("\u0640\u0628", "\u302e", "\u3031", "a\u0378", "\ue000", "\ufdd0", "\u{1d7d8}")
  ) reason(checkUsername(bad));
});

Deno.test("a username has no invisible characters and no leading, trailing or lone blank", () => {
  for (
    const invisible of [
      "\u00ad",
      "\u034f",
      "\u115f",
      "\u180e",
      "\u200b",
      "\u200c",
      "\u200d",
      "\u2060",
    ]
      .concat("\u2800", "\u3164", "\ufe0f", "\ufeff", "\uffa0", "\u{e0061}", "\u{e0100}")
  ) {
    reason(checkUsername(`al${invisible}ice`));
    reason(checkUsername(invisible));
  }
  for (const bad of [" ", "  ", " a", "a ", "\u3000", "a\u3000"]) {
    assertStringIncludes(reason(checkUsername(bad)), "space");
  }
});

Deno.test("fullwidth and halfwidth forms become the ordinary characters (RFC 8265 §3.4.1)", () => {
  assertEquals(checkUsername("\uff21\uff4c\uff49\uff43\uff45"), { value: "Alice" });
  assertEquals(checkUsername("\uff76\uff9e"), { value: "\u30ac" });
  assertEquals(checkUsername("a\u3000b"), { value: "a b" });
  assertStringIncludes(reason(checkUsername("\uff3f\uff3fproto\uff3f\uff3f")), "reserved");
});

Deno.test("letters written from right to left follow the bidi rule (RFC 5893 §2)", () => {
  for (
    const good of [
      "\u05d0\u05d1",
      "\u0627\u0628",
      "\u05d0.\u05d1",
      "\u05d01",
      "\u0627\u0661",
      "\u0627\u064b",
    ]
      .concat("\u0627\u06f1", "\u05d0\u05b7", "alice \u05d0\u05d1", "\u0782\u07a6")
  ) assertEquals(checkUsername(good), { value: good });
  for (
    const bad of [
      "a\u05d0",
      "\u05d0a",
      "1\u05d0",
      ".\u05d0",
      "\u05d0.",
      "\u0661",
      "a\u0661",
      "\u0627\u0661x",
    ]
      .concat("\u06271\u0661")
  ) assertStringIncludes(reason(checkUsername(bad)), "direction");
  assertStringIncludes(reason(checkUsername("\u0627\u0661\u06f1")), "U+0661");
});

Deno.test("a name that version 1.0.0 accepted still identifies its user", () => {
  assertEquals(possibleUsernames("alice"), ["alice"]);
  assertEquals(possibleUsernames("zoe\u0308"), ["zo\u00eb"]);
  assertEquals(possibleUsernames("\u{1f600}"), ["\u{1f600}"]);
  assertEquals(possibleUsernames(" a "), [" a "]);
  assertEquals(possibleUsernames("\uff21"), ["\uff21", "A"]);
  // An emoji, which is refused now, is one character of the old rule's 64.
  const longest = "\u{1f600}".repeat(USERNAME_CHARACTERS);
  assertEquals(possibleUsernames(longest), [longest]);
  assertEquals(possibleUsernames(`${longest}\u{1f600}`), []);
  for (const none of ["", "a\nb", "\u202e", "__proto__", "x".repeat(65), "x".repeat(1e6)]) {
    assertEquals(possibleUsernames(none), []);
  }
});

Deno.test("property names that every object inherits are refused as usernames", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assertStringIncludes(reason(checkUsername(name)), "reserved");
  }
});

Deno.test("a password has 1 to 1024 bytes of UTF-8", () => {
  assert("value" in checkPassword("a".repeat(PASSWORD_BYTES)));
  assert("value" in checkPassword("가".repeat(341)));
  reason(checkPassword("a".repeat(PASSWORD_BYTES + 1)));
  reason(checkPassword("가".repeat(342)));
  reason(checkPassword(""));
  reason(checkPassword("\ud800"));
});

Deno.test("the reason for a refused password does not repeat it", () => {
  const secret = "hunter2".repeat(200);
  assert(!reason(checkPassword(secret)).includes("hunter2"));
});

Deno.test("an accepted username is in NFC, within the limit, and accepted again unchanged", () => {
  fc.assert(fc.property(fc.string({ unit: scalarValue, maxLength: 80 }), (raw) => {
    const checked = checkUsername(raw);
    if ("reason" in checked) return;
    assertEquals(checked.value, checked.value.normalize("NFC"));
    assert([...checked.value].length <= USERNAME_CHARACTERS);
    assertEquals(checkUsername(checked.value), checked);
    assertEquals(possibleUsernames(checked.value), [checked.value]);
  }));
});
