import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  COOKIE_SIZE_LIMIT,
  LIFETIME_LIMIT,
  parseSetCookie,
} from "../../../lib/client/cookies/set_cookie.ts";
import { scalarValue } from "../../support/text.ts";

const plain = { maxAgeSeconds: null, secure: false, domain: null };

Deno.test("the line of this server: bare semicolons before the attributes (RFC 6265 §5.2)", () => {
  assertEquals(parseSetCookie("key=a.b-c;HttpOnly;SameSite=Strict; Max-Age=3600", 0), {
    ...plain,
    name: "key",
    value: "a.b-c",
    maxAgeSeconds: 3600,
  });
});

Deno.test("the line of the original server", () => {
  assertEquals(parseSetCookie("key=ABCD; Max-Age=3600", 0), {
    ...plain,
    name: "key",
    value: "ABCD",
    maxAgeSeconds: 3600,
  });
});

Deno.test("Max-Age takes precedence over Expires, and either may remove a cookie (RFC 6265 §5.3)", () => {
  const expires = "Expires=Thu, 01 Jan 1970 00:01:40 GMT";
  assertEquals(parseSetCookie(`a=b; ${expires}`, 40_000)?.maxAgeSeconds, 60);
  assertEquals(parseSetCookie(`a=b; ${expires}; max-age=5`, 40_000)?.maxAgeSeconds, 5);
  assertEquals(parseSetCookie("a=b; Max-Age=-1", 0)?.maxAgeSeconds, -1);
  assertEquals(parseSetCookie("a=b; Max-Age=soon", 0)?.maxAgeSeconds, null);
  assertEquals(parseSetCookie("a=b; Expires=soon; Version=1", 0)?.maxAgeSeconds, null);
});

Deno.test("a cookie's expiry is at most the largest date", () => {
  for (const time of ["Max-Age=99999999999999999999", "Expires=Fri, 31 Dec 9999 23:59:59 GMT"]) {
    assertEquals(parseSetCookie(`a=b; ${time}`, 0)?.maxAgeSeconds, LIFETIME_LIMIT);
  }
});

Deno.test("Secure and Domain are recognized in any case", () => {
  assertEquals(parseSetCookie("a=b; SECURE; domain=.Other.example", 0), {
    ...plain,
    name: "a",
    value: "b",
    secure: true,
    domain: "other.example",
  });
});

Deno.test("a cookie that cannot be sent back unchanged is refused", () => {
  for (const line of ["", "=b", "novalue", "a b=c", "a=b\x01", "a=\u00e9", "a=b\x7f", ";a=b"]) {
    assertEquals([line, parseSetCookie(line, 0)], [line, null]);
  }
  assertEquals(parseSetCookie("a=" + "x".repeat(COOKIE_SIZE_LIMIT), 0), null);
  const longest = "x".repeat(COOKIE_SIZE_LIMIT - 1);
  assertEquals(parseSetCookie("a=" + longest, 0)?.value, longest);
});

Deno.test("no line makes a cookie whose value could end the field or start another cookie", () => {
  fc.assert(
    fc.property(fc.string({ unit: scalarValue }), fc.string({ unit: scalarValue }), (a, b) => {
      const cookie = parseSetCookie(`${a}=${b}`, 0);
      if (cookie === null) return;
      assertEquals(/^[\x20-\x7e]+$/.test(cookie.name + "=" + cookie.value), true);
      assertEquals(/[;\r\n]/.test(cookie.name + cookie.value), false);
    }),
  );
});
