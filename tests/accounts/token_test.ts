import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { User } from "../../lib/accounts/store.ts";
import { TokenSigner } from "../../lib/accounts/token.ts";

const SECRET = new Uint8Array(32).fill(7);
const ALICE: User = { pw: "hash of alice", expiryTime: 0, revokedAt: 0 };
const CLAIMS = { name: "alice", expiryTime: 1763800000.123 };
const keys = new TokenSigner(SECRET, "key");
const sessions = new TokenSigner(SECRET, "session");

const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 64 });
const times = fc.double({ min: 0, max: 1e12, noNaN: true });

Deno.test("a token says whose it is and until when, and is verified", () => {
  fc.assert(fc.property(names, times, (name, expiryTime) => {
    const claims = { name, expiryTime: expiryTime === 0 ? 0 : expiryTime };
    const token = keys.mint(claims, ALICE);
    assertEquals(keys.read(token), claims);
    assert(keys.verify(token, claims, ALICE));
  }));
});

Deno.test("a token is fit for a cookie: base64url and one dot", () => {
  fc.assert(fc.property(names, times, (name, expiryTime) => {
    assertMatch(keys.mint({ name, expiryTime }, ALICE), /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
  }));
});

Deno.test("the MAC is HMAC-SHA-256 (RFC 2104) under a key of the purpose's own", async () => {
  const hmac = async (key: Uint8Array<ArrayBuffer>, text: string) => {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
    return new Uint8Array(
      await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text)),
    );
  };
  for (const purpose of ["key", "session"] as const) {
    const derived = await hmac(SECRET, `SocketProgram token v1: ${purpose}`);
    const mac = await hmac(derived, '["alice",1763800000.123,"hash of alice",0]');
    const expected = btoa(String.fromCharCode(...mac)).replaceAll("+", "-").replaceAll("/", "_");
    const token = new TokenSigner(SECRET, purpose).mint(CLAIMS, ALICE);
    assertEquals(token.split(".")[1] + "=", expected);
  }
});

Deno.test("a token of one purpose is none of the other", () => {
  assert(!keys.verify(sessions.mint(CLAIMS, ALICE), CLAIMS, ALICE));
  assert(!sessions.verify(keys.mint(CLAIMS, ALICE), CLAIMS, ALICE));
});

Deno.test("a token ends with another password, revocation instant, secret, user or expiry", () => {
  const token = keys.mint(CLAIMS, ALICE);
  assert(!keys.verify(token, CLAIMS, { ...ALICE, pw: "another" }));
  assert(!keys.verify(token, CLAIMS, { ...ALICE, revokedAt: 1 }));
  assert(!new TokenSigner(new Uint8Array(32), "key").verify(token, CLAIMS, ALICE));
  const swapped = keys.mint({ ...CLAIMS, name: "bob" }, ALICE);
  assert(!keys.verify(swapped, CLAIMS, ALICE));
  const prolonged = { ...CLAIMS, expiryTime: CLAIMS.expiryTime + 1 };
  const [body] = keys.mint(prolonged, ALICE).split(".");
  assert(!keys.verify(`${body}.${token.split(".")[1]}`, prolonged, ALICE));
});

Deno.test("any change of a token, one character or its length, makes it bad", () => {
  const token = keys.mint(CLAIMS, ALICE);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.+/ \0é";
  for (let i = 0; i < token.length; i++) {
    for (const character of alphabet) {
      const changed = token.slice(0, i) + character + token.slice(i + 1);
      if (changed === token) continue;
      const claims = keys.read(changed);
      assert(claims === null || !keys.verify(changed, claims, ALICE), changed);
    }
    const cut = keys.read(token.slice(0, i));
    assert(cut === null || !keys.verify(token.slice(0, i), cut, ALICE));
  }
  for (const longer of [token + "A", token + "=", "A" + token, token + "." + token, token + "\n"]) {
    const claims = keys.read(longer);
    assert(claims === null || !keys.verify(longer, claims, ALICE), longer);
  }
});

Deno.test("other ways to write the same claims are refused", () => {
  const mac = keys.mint(CLAIMS, ALICE).split(".")[1];
  for (
    const json of [
      '["alice", 1763800000.123]',
      '["alice",1763800000.1230]',
      '["\\u0061lice",1763800000.123]',
    ]
  ) {
    const token = `${btoa(json).replaceAll("=", "")}.${mac}`;
    assertEquals(keys.read(token), CLAIMS);
    assert(!keys.verify(token, CLAIMS, ALICE));
  }
});

Deno.test("no text makes the reader throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const claims = keys.read(text) ?? keys.read(`${btoa(encodeURIComponent(text))}.x`);
    assert(claims === null || typeof claims.name === "string");
  }));
  for (
    const json of ["null", "{}", "[]", '["a"]', '["a","b"]', "[1,2]", '["a",1,2]', '["a",null]']
  ) {
    assertEquals(keys.read(`${btoa(json)}.x`), null, json);
  }
  assertEquals(keys.read("A".repeat(1_000_000) + "."), null);
});

Deno.test("the same grant has the same token, on every server with the secret", () => {
  assertEquals(new TokenSigner(SECRET, "key").mint(CLAIMS, ALICE), keys.mint(CLAIMS, ALICE));
  assertNotEquals(keys.mint({ ...CLAIMS, expiryTime: 1 }, ALICE), keys.mint(CLAIMS, ALICE));
});
