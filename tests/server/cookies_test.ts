/** Cookies as browsers and the original client send and read them. */
import { assertEquals } from "@std/assert";
import { expireCookie, requestCookie, setCookie } from "../../lib/server/cookies.ts";
import { fakeFields } from "./support/request_fake.ts";

function key(...fields: [string, string][]): string | null {
  return requestCookie(fakeFields(fields), "key");
}

Deno.test("a cookie is found among others, by its whole name", () => {
  assertEquals(key(["Cookie", "key=a.b"]), "a.b");
  assertEquals(key(["Cookie", "session=s; key=k; other=x"]), "k");
  assertEquals(key(["Cookie", "session=s;key=k"]), "k");
  assertEquals(key(["Cookie", "session=s"], ["Cookie", "key=k"]), "k");
  assertEquals(key(["Cookie", "monkey=m; keys=x; key=k"]), "k");
  assertEquals(key(["Cookie", ";key=k"]), "k");
  assertEquals(key(["Cookie", "; ;  key=k ;"]), "k");
  assertEquals(key(["Cookie", "session=key=no"]), null);
  assertEquals(key(["Cookie", "key"]), null);
  assertEquals(key(["Cookie", ""]), null);
  assertEquals(key(), null);
});

Deno.test("of two cookies of one name the first counts (RFC 6265 §5.4)", () => {
  assertEquals(key(["Cookie", "key=first; key=second"]), "first");
});

Deno.test("without a Cookie field, the original client's Set-Cookie is read", () => {
  assertEquals(key(["Set-Cookie", "key=k;HttpOnly;SameSite"]), "k");
  assertEquals(key(["Set-Cookie", "session=s;HttpOnly;SameSite; key=k;HttpOnly;SameSite"]), "k");
  assertEquals(key(["Set-Cookie", "session=s"], ["Set-Cookie", "key=k; Max-Age=3600"]), "k");
  assertEquals(key(["Cookie", "session=s"], ["Set-Cookie", "key=k"]), null);
});

Deno.test("a cookie that is set splits as the original client splits it", () => {
  const [name, value] = setCookie("key", { value: "a.b-c_d", maxAgeSeconds: 3600 }, false);
  assertEquals(name, "Set-Cookie");
  assertEquals(value, "key=a.b-c_d;HttpOnly;SameSite=Strict; Max-Age=3600");
  const parts = value.split("; ");
  assertEquals(parts.length, 2);
  assertEquals(parts[0].split("=").slice(0, 2), ["key", "a.b-c_d;HttpOnly;SameSite"]);
  assertEquals(parts[1].split("="), ["Max-Age", "3600"]);
});

Deno.test("over TLS a cookie is Secure, and still splits in two", () => {
  const [, value] = setCookie("session", { value: "v", maxAgeSeconds: 60 }, true);
  assertEquals(value, "session=v;HttpOnly;SameSite=Strict;Secure; Max-Age=60");
});

Deno.test("a cookie is expired in the form that the original client can split", () => {
  const [name, value] = expireCookie("session", false);
  assertEquals([name, value], ["Set-Cookie", "session=;HttpOnly;SameSite=Strict; Max-Age=0"]);
  const parts = value.split("; ");
  assertEquals(parts.length, 2);
  assertEquals(parts[0].split("=").slice(0, 2), ["session", ";HttpOnly;SameSite"]);
  assertEquals(parts[1].split("="), ["Max-Age", "0"]);
  // What it sends back names no session.
  const fields = fakeFields([["Set-Cookie", "session=;HttpOnly;SameSite"]]);
  assertEquals(requestCookie(fields, "session"), "");
});
