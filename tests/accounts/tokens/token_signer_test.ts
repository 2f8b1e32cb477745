import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { User } from "../../../lib/accounts/store/store.ts";
import {
  CLOCK_TOLERANCE_SECONDS,
  hashOfSession,
  makeId,
  OLD_SERVER_SECONDS,
  type Purpose,
  TokenSigner,
} from "../../../lib/accounts/tokens/token_signer.ts";
import { scalarValue } from "../../support/text.ts";

const SECRET = new Uint8Array(32).fill(7);
const ALICE: User = { pw: "hash of alice", expiryTime: 0, revokedAt: 0 };
const CLAIMS = { name: "alice", expiryTime: 1763800000.123 };
const LIFETIME = 3600;
const keys = signer("key");
const sessions = signer("session");
const devices = signer("device");

/** A signer whose clock stands shortly before the end of `CLAIMS`. */
function signer(purpose: Purpose, secret = SECRET): TokenSigner {
  return new TokenSigner({
    ...{ secret, purpose, lifetimeSeconds: LIFETIME },
    now: () => (CLAIMS.expiryTime - 1000) * 1000,
  });
}

/** A signer that takes any end. */
const anyTime = new TokenSigner({
  ...{ secret: SECRET, purpose: "key", lifetimeSeconds: 2e12 },
  now: () => -1e15,
});

/** Minted by version 1.0.0 under `SECRET` for `ALICE` and `CLAIMS`. */
const OLD_BODY = "WyJhbGljZSIsMTc2MzgwMDAwMC4xMjNd";
const OLD_SESSION = `${OLD_BODY}.a5GyjIEQDTU_g4yqE8xCabX-R_BWtgECSz49h-q56oU`;
const OLD_KEY = `${OLD_BODY}.syldP3PXOwzqvlp1VD6M1knW12T1z076hlyN-os6YAE`;

const names = fc.string({ unit: scalarValue, minLength: 1, maxLength: 64 })
  .filter((name) => !name.includes("\0"));
const times = fc.double({ min: 0, max: 1e12, noNaN: true });

Deno.test("a token names its user and its expiry, and is verified", () => {
  fc.assert(fc.property(names, times, fc.boolean(), (name, end, withId) => {
    const expiryTime = end === 0 ? 0 : end;
    const claims = withId ? { name, expiryTime, id: makeId() } : { name, expiryTime };
    const token = anyTime.mint(claims, ALICE);
    assertEquals(anyTime.read(token), claims);
    assert(anyTime.verify(token, claims, ALICE));
  }));
});

Deno.test("a token is fit for a cookie: base64url and two dots", () => {
  fc.assert(fc.property(names, times, (name, expiryTime) => {
    assertMatch(keys.mint({ name, expiryTime }, ALICE), /^[\w-]+\.[\w-]{43}\.[\w-]{43}$/);
  }));
});

Deno.test("the MACs are HMAC-SHA-256 (RFC 2104) under keys of the purpose's own", async () => {
  const hmac = async (key: Uint8Array<ArrayBuffer>, text: string) => {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
    return new Uint8Array(
      await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text)),
    );
  };
  for (const purpose of ["key", "session"] as const) {
    const body = btoa('["alice",1763800000.123]');
    const outer = await hmac(await hmac(SECRET, `SocketProgram claims v2: ${purpose}`), body);
    const inner = await hmac(
      await hmac(SECRET, `SocketProgram token v2: ${purpose}`),
      JSON.stringify([body, "hash of alice", 0]),
    );
    const [outerText, innerText] = [outer, inner].map((mac) =>
      btoa(String.fromCharCode(...mac)).replaceAll("+", "-").replaceAll("/", "_").replace("=", "")
    );
    const token = signer(purpose).mint(CLAIMS, ALICE);
    assertEquals(token, `${body}.${outerText}.${innerText}`);
  }
});

Deno.test("a token of one purpose is invalid for another", () => {
  const all = [keys, sessions, devices];
  for (const one of all) {
    for (const other of all) {
      const token = other.mint(CLAIMS, ALICE);
      assertEquals(one.read(token), one === other ? CLAIMS : null);
      assertEquals(one.verify(token, CLAIMS, ALICE), one === other);
    }
  }
});

Deno.test("a token is invalid after a change of password, revocation instant, secret, user or expiry", () => {
  const token = keys.mint(CLAIMS, ALICE);
  assert(!keys.verify(token, CLAIMS, { ...ALICE, pw: "another" }));
  assert(!keys.verify(token, CLAIMS, { ...ALICE, revokedAt: 1 }));
  assertEquals(signer("key", new Uint8Array(32)).read(token), null);
  assert(!signer("key", new Uint8Array(32)).verify(token, CLAIMS, ALICE));
  const ofBob = keys.mint({ ...CLAIMS, name: "bob" }, ALICE);
  const swapped = [token.split(".")[0], ...ofBob.split(".").slice(1)].join(".");
  assertEquals(keys.read(swapped), null);
  assert(!keys.verify(swapped, CLAIMS, ALICE));
  const prolonged = { ...CLAIMS, expiryTime: CLAIMS.expiryTime + 1 };
  const [body] = keys.mint(prolonged, ALICE).split(".");
  const patched = [body, ...token.split(".").slice(1)].join(".");
  assertEquals(keys.read(patched), null);
  assert(!keys.verify(patched, prolonged, ALICE));
});

Deno.test("changing one character or the length of a token makes it invalid", () => {
  for (const token of [keys.mint(CLAIMS, ALICE), OLD_KEY]) changeEverywhere(token);
});

function changeEverywhere(token: string): void {
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
}

Deno.test("a token whose outer MAC is wrong is refused before its user is known", () => {
  const [body, outer, inner] = keys.mint(CLAIMS, ALICE).split(".");
  assertEquals(keys.read([body, outer, inner].join(".")), CLAIMS);
  assertEquals(keys.read([body, outer, "A".repeat(43)].join(".")), CLAIMS);
  assert(!keys.verify([body, outer, "A".repeat(43)].join("."), CLAIMS, ALICE));
  for (const wrong of ["A".repeat(43), "", outer.slice(1), outer + "A", inner]) {
    assertEquals(keys.read([body, wrong, inner].join(".")), null);
  }
});

Deno.test("a token is valid until it expires, at most its lifetime and a minute ahead", () => {
  for (
    const [ahead, good] of [
      [-0.001, false],
      [0, false],
      [0.001, true],
      [LIFETIME + CLOCK_TOLERANCE_SECONDS, true],
      [LIFETIME + CLOCK_TOLERANCE_SECONDS + 0.001, false],
    ] as const
  ) {
    const now = 1_000_000;
    const signer = new TokenSigner({
      ...{ secret: SECRET, purpose: "key", lifetimeSeconds: LIFETIME },
      now: () => now * 1000,
    });
    const claims = { name: "alice", expiryTime: now + ahead };
    assertEquals(signer.isLive(claims.expiryTime), good);
    assertEquals(signer.read(signer.mint(claims, ALICE)), good ? claims : null, `${ahead}`);
  }
});

Deno.test("a token of version 1.0.0 is good until it ends", () => {
  for (const [signer, token] of [[sessions, OLD_SESSION], [keys, OLD_KEY]] as const) {
    assertEquals(signer.read(token), CLAIMS);
    assert(signer.verify(token, CLAIMS, ALICE));
    assert(!signer.verify(token, CLAIMS, { ...ALICE, pw: "another" }));
    assert(!signer.verify(token, CLAIMS, { ...ALICE, revokedAt: 1 }));
  }
  assert(!keys.verify(OLD_SESSION, CLAIMS, ALICE));
  assert(!devices.verify(OLD_SESSION, CLAIMS, ALICE));
  const ZOE = {
    pw: "$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
    expiryTime: 1763803600.123,
    revokedAt: 1763000000.5,
  };
  const hers = "WyJ6b8OrIiwxNzYzODAzNjAwLjEyM10.e5GH-wktKwp8fcXIgWWq51yrMr-DwLl43EgGrzqvid4";
  const claims = { name: "zo\u00eb", expiryTime: 1763803600.123 };
  assertEquals(anyTime.read(hers), claims);
  assert(sessions.verify(hers, claims, ZOE));
});

Deno.test("the token form of version 1.0.0 is refused once every token it issued has expired", () => {
  let now = CLAIMS.expiryTime * 1000;
  const signer = new TokenSigner({
    ...{ secret: SECRET, purpose: "key", lifetimeSeconds: LIFETIME },
    now: () => now,
  });
  const old = (ahead: number) => {
    const claims = JSON.stringify(["alice", now / 1000 + ahead]);
    return `${btoa(claims).replaceAll("=", "")}.${"A".repeat(43)}`;
  };
  assert(signer.read(old(LIFETIME)) !== null);
  now += OLD_SERVER_SECONDS * 1000;
  assert(signer.read(old(LIFETIME)) !== null);
  assertEquals(signer.read(old(LIFETIME + 1)), null);
  now += LIFETIME * 1000;
  assertEquals(signer.read(old(1)), null);
});

Deno.test("claims with a name that no user can have are refused", () => {
  for (const name of ["a\0b", "\0", "\ud800"]) {
    const body = Buffer.from(JSON.stringify([name, CLAIMS.expiryTime])).toString("base64url");
    assertEquals(keys.read(`${body}.${"A".repeat(43)}`), null);
  }
});

Deno.test("claims of another structure are refused", () => {
  const { name, expiryTime } = CLAIMS;
  const shapes = [null, 5, "ab", {}, [], [name], [expiryTime, name], [name, expiryTime, null]];
  for (const claims of [...shapes, [name, expiryTime, "id", null], { 0: name, 1: expiryTime }]) {
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
    assertEquals(keys.read(`${body}.${"A".repeat(43)}`), null, JSON.stringify(claims));
  }
  const body = Buffer.from(JSON.stringify([name, expiryTime])).toString("base64url");
  assert(keys.read(`${body}.${"A".repeat(43)}`) !== null);
});

Deno.test("an ended session is recorded by its id, one of version 1.0.0 by its whole token", () => {
  const claims = { ...CLAIMS, id: makeId() };
  const hash = hashOfSession(sessions.mint(claims, ALICE), claims);
  assertMatch(hash, /^[\w-]{22}$/);
  assertEquals(hashOfSession("another text", claims), hash);
  assertNotEquals(hashOfSession("another text", { ...CLAIMS, id: makeId() }), hash);
  assertNotEquals(hashOfSession(OLD_SESSION, CLAIMS), hashOfSession(OLD_KEY, CLAIMS));
});

Deno.test("another encoding of the same claims is refused", () => {
  const mac = OLD_KEY.split(".")[1];
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
    const macs = keys.mint(CLAIMS, ALICE).split(".").slice(1);
    assertEquals(keys.read([token.split(".")[0], ...macs].join(".")), null);
  }
});

Deno.test("no text makes read throw", () => {
  fc.assert(fc.property(fc.string({ unit: scalarValue }), (text) => {
    const claims = anyTime.read(text) ?? anyTime.read(`${btoa(encodeURIComponent(text))}.x`);
    assert(claims === null || typeof claims.name === "string");
  }));
  for (
    const json of ["null", "{}", "[]", '["a"]', '["a","b"]', "[1,2]", '["a",1,2]', '["a",null]']
  ) {
    assertEquals(anyTime.read(`${btoa(json)}.x`), null, json);
  }
  assertEquals(keys.read("A".repeat(1_000_000) + "."), null);
});

Deno.test("the same grant has the same token, on every server with the secret", () => {
  assertEquals(signer("key").mint(CLAIMS, ALICE), keys.mint(CLAIMS, ALICE));
  assertNotEquals(keys.mint({ ...CLAIMS, expiryTime: 1 }, ALICE), keys.mint(CLAIMS, ALICE));
});

Deno.test("a token of 1024 characters is read, a longer one is not", () => {
  const lengths = new Set<number>();
  for (let length = 680; length < 700; length++) {
    const token = keys.mint({ ...CLAIMS, name: "n".repeat(length) }, ALICE);
    lengths.add(token.length);
    assertEquals(keys.read(token) !== null, token.length <= 1024, `${token.length}`);
  }
  assert(lengths.has(1024));
});
