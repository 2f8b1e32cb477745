import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  equalText,
  formatHash,
  hashPassword,
  isWeaker,
  looksLikeHash,
  makeDecoy,
  matchesHash,
  parseHash,
  RECOMMENDED_COST,
} from "../../../lib/accounts/login/password_hash.ts";
import { CHEAP } from "../support/cheap_scrypt.ts";

const SALT = "c2FsdHNhbHRzYWx0c2FsdA";
const HASH = "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";

Deno.test("a password matches its hash and no other does", async () => {
  const stored = await hashPassword("열려라 참깨", CHEAP);
  assertEquals(await matchesHash("열려라 참깨", parseHash(stored)!), true);
  for (const other of ["열려라 참께", "", "열려라 참깨 "]) {
    assertEquals(await matchesHash(other, parseHash(stored)!), false);
  }
});

Deno.test("the same password is hashed with another salt each time", async () => {
  assertNotEquals(await hashPassword("a", CHEAP), await hashPassword("a", CHEAP));
});

Deno.test("the default cost is on the OWASP list, and is written into the hash", async () => {
  assertEquals(RECOMMENDED_COST, { ln: 14, r: 8, p: 5 });
  assertMatch(
    await hashPassword("a", RECOMMENDED_COST),
    /^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
});

Deno.test("scrypt agrees with the third test vector of RFC 7914 §12", async () => {
  // scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1), 64 bytes
  const expected = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887";
  const hash = Uint8Array.from(expected.match(/../g)!, (hex) => parseInt(hex, 16));
  const salt = new TextEncoder().encode("SodiumChloride");
  assert(await matchesHash("pleaseletmein", { cost: { ln: 14, r: 8, p: 1 }, salt, hash }));
});

Deno.test("a PHC string of another format, not canonical or too costly is refused", () => {
  const good = `$scrypt$ln=15,r=8,p=3$${SALT}$${HASH}`;
  assert(parseHash(good) !== null);
  for (
    const bad of [
      "",
      "secret",
      `${good}=`,
      `${good}\n`,
      ` ${good}`,
      good.replace("scrypt", "argon2id"),
      good.replace("ln=15,r=8", "r=8,ln=15"),
      good.replace("ln=15", "ln=015"),
      good.replace("ln=15", "ln=0"),
      good.replace("ln=15", "ln=99"), // 2^99 blocks
      good.replace("ln=15", "ln=19"), // 512 MiB
      good.replace("r=8", "r=999"), // 4 GiB
      good.replace("p=3", "p=999"), // 32 MiB, but a minute of work
      good.replace("p=3", "p=0"),
      good.replace(SALT, "c2FsdA"), // 4 bytes
      good.replace(SALT, SALT + "AAA"), // no length that base64 has
      good.replace(HASH, HASH.slice(0, -1) + "h"), // stray bits at the end
      good.replace(HASH, ""),
    ]
  ) assertEquals(parseHash(bad), null, bad);
});

Deno.test("cost, salt and hash of a PHC string are accepted up to their exact limits", () => {
  const accepts = (ln: number, r: number, p: number, salt: number, hash: number) => {
    const text = formatHash({
      cost: { ln, r, p },
      salt: new Uint8Array(salt),
      hash: new Uint8Array(hash),
    });
    return parseHash(text) !== null;
  };
  for (const [salt, hash] of [[8, 16], [64, 64], [8, 64], [64, 16]]) {
    assert(accepts(4, 1, 1, salt, hash));
  }
  for (const [salt, hash] of [[7, 32], [65, 32], [16, 15], [16, 65]]) {
    assert(!accepts(4, 1, 1, salt, hash));
  }
  // 256 MiB, and 1 GiB of memory times passes.
  assert(accepts(18, 8, 4, 16, 32) && accepts(21, 1, 4, 16, 32));
  assert(!accepts(18, 9, 1, 16, 32) && !accepts(18, 8, 5, 16, 32) && !accepts(19, 4, 5, 16, 32));
});

Deno.test("a formatted hash parses to the same hash", () => {
  const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
  const cost = fc.record({
    ln: fc.integer({ min: 1, max: 16 }),
    r: fc.integer({ min: 1, max: 16 }),
    p: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(fc.property(cost, bytes(9, 64), bytes(17, 64), (cost, salt, hash) => {
    const read = parseHash(formatHash({ cost, salt, hash }));
    assertEquals(read, { cost, salt, hash });
  }));
});

Deno.test("no text makes the parser throw", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseHash(text);
    parseHash(`$scrypt$${text}`);
    parseHash(`$scrypt$ln=4,r=1,p=1$${text}$${text}`);
  }));
});

Deno.test("hashes of other programs are distinguished from plain passwords", () => {
  for (
    const hash of [
      "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
      "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
      "$argon2id$v=19$m=1",
      "$scrypt$ln=1",
      "$pbkdf2-sha256$29000$c29tZXNhbHQ$5c5lTtCFWXaPZQmvyyIeKf3oaY2ZkeOlUuGuZnNkFKY",
      `$6$salt$${"a".repeat(86)}`,
      `$6$rounds=5000$salt$${"a".repeat(86)}`,
      `$5$salt$${"a".repeat(43)}`,
      `$1$salt$${"a".repeat(22)}`,
      `$apr1$salt$${"a".repeat(22)}`,
      `$y$j9T$salt$${"a".repeat(43)}`,
      "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g4jYfT",
      "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
      `{CRYPT}$6$salt$${"a".repeat(86)}`,
      "pbkdf2_sha256$260000$c29tZXNhbHQ$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=",
      "scrypt:32768:8:1$c29tZXNhbHQ$" + "0a".repeat(64),
    ]
  ) {
    assertEquals(looksLikeHash(hash), true, hash);
  }
  for (
    const plain of [
      ...["1", "$", "$money$", "pa$2b$ss", "scrypt", "$1$x$y", "$6$salt$hash", "$2b$10$abc"],
      ...["{SSHA}", "{SHA}secret", "{curly}", "pbkdf2_sha256$", "pbkdf2_sha256$1$2$3", "$y$"],
      "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31l and more",
    ]
  ) {
    assertEquals(looksLikeHash(plain), false, plain);
  }
});

Deno.test("a cheaper hash is weaker, an equal one is not", () => {
  assert(isWeaker(CHEAP, RECOMMENDED_COST));
  assert(!isWeaker(RECOMMENDED_COST, CHEAP));
  assert(!isWeaker(RECOMMENDED_COST, { ln: 14, r: 8, p: 5 }));
});

Deno.test("the decoy hash has the requested cost and matches no password", async () => {
  const decoy = makeDecoy(CHEAP);
  assertEquals(decoy.cost, CHEAP);
  assertEquals(await matchesHash("", decoy), false);
});

Deno.test("texts are equal only if every character is", () => {
  assert(equalText("가나다", "가나다"));
  assert(!equalText("가나다", "가나"));
  assert(!equalText("a", "A"));
});
