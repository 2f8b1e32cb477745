import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  checkPassword,
  checkUsername,
  PASSWORD_BYTES,
  USERNAME_CHARACTERS,
} from "../../lib/accounts/credentials.ts";

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
  for (const character of ["a", "한", "\u{1F600}"]) {
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
  for (
    const bad of ["\0", "\n", "\x1b[2J", "\x7f", "\x9b", "\ud800", "\udc00", "\u202e", "\u2028"]
  ) {
    assertStringIncludes(reason(checkUsername(`al${bad}ice`)), "control");
  }
  reason(checkUsername(""));
});

Deno.test("names that every object inherits are refused as usernames", () => {
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

Deno.test("what is accepted is in NFC, within the limit, and accepted again unchanged", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 80 }), (raw) => {
    const checked = checkUsername(raw);
    if ("reason" in checked) return;
    assertEquals(checked.value, checked.value.normalize("NFC"));
    assert([...checked.value].length <= USERNAME_CHARACTERS);
    assertEquals(checkUsername(checked.value), checked);
  }));
});
