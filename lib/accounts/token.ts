/**
 * Signed tokens: what a session and a key are made of. A token is `claims.mac` in base64url; the
 * MAC is HMAC-SHA-256 (RFC 2104) over the claims and over the user's stored password and revocation
 * instant, so that a change of either, or a removed user, ends every token of that user without a
 * list of tokens being kept anywhere.
 */
import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { User } from "./store.ts";

/** What a token is good for. One minted for one purpose never passes for the other. */
export type Purpose = "session" | "key";

/** What a token says: whose it is, and until when it is good (Unix seconds, as stored). */
export interface Claims {
  readonly name: string;
  readonly expiryTime: number;
}

/** Longest token that is looked at: the longest name, escaped in JSON, in base64url, fits. */
const TOKEN_CHARACTERS = 1024;

/** Mints and checks tokens of one purpose under the server's secret. */
export class TokenSigner {
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  /**
   * @param secret the server's secret, 32 bytes
   * @param purpose keys of different purposes are unrelated
   */
  constructor(secret: Uint8Array, purpose: Purpose) {
    const key = hmac(pads(secret), `SocketProgram token v1: ${purpose}`);
    [this.#inner, this.#outer] = pads(key);
  }

  /**
   * The token for these claims. Deterministic: the same grant has the same token, on every server
   * of the store and after a restart, so that it can be handed out again without being kept.
   */
  mint(claims: Claims, user: User): string {
    const body = Buffer.from(JSON.stringify([claims.name, claims.expiryTime])).toString(
      "base64url",
    );
    const mac = hmac(
      [this.#inner, this.#outer],
      JSON.stringify([claims.name, claims.expiryTime, user.pw, user.revokedAt]),
    );
    return `${body}.${mac.toString("base64url")}`;
  }

  /**
   * What a token claims, unverified: whom to look up before `verify`. Null where it is no token at
   * all.
   */
  read(token: string): Claims | null {
    if (token.length > TOKEN_CHARACTERS) return null;
    const dot = token.indexOf(".");
    if (dot < 0) return null;
    try {
      const claims = JSON.parse(Buffer.from(token.slice(0, dot), "base64url").toString());
      if (!Array.isArray(claims) || claims.length !== 2) return null;
      const [name, expiryTime] = claims;
      if (typeof name !== "string" || typeof expiryTime !== "number") return null;
      return { name, expiryTime };
    } catch {
      return null;
    }
  }

  /**
   * Whether `token` is the one that would be minted for these claims of this user as stored now.
   * The whole text is compared, in constant time: of all ways to write the same claims one is good.
   */
  verify(token: string, claims: Claims, user: User): boolean {
    const expected = Buffer.from(this.mint(claims, user));
    const actual = Buffer.from(token);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }
}

const BLOCK_BYTES = 64;

/** The inner and outer padded keys of RFC 2104 for a key of at most one block. */
function pads(key: Uint8Array): [inner: Uint8Array, outer: Uint8Array] {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
  key.forEach((byte, index) => {
    inner[index] ^= byte;
    outer[index] ^= byte;
  });
  return [inner, outer];
}

// By RFC 2104 from the hash: WebCrypto's HMAC answers with a promise, which a key check must not
// need, and node:crypto's prints a deprecation warning on Deno 2.4 and takes four times as long.
function hmac([inner, outer]: readonly [Uint8Array, Uint8Array], message: string): Buffer {
  const digest = createHash("sha256").update(inner).update(message).digest();
  return createHash("sha256").update(outer).update(digest).digest();
}
