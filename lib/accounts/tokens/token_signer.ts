/**
 * Signed tokens: sessions, keys and devices. A token is `claims.outer.inner`, each part in
 * base64url:
 *
 * - `claims` names the user and the expiry time and, in sessions and devices, a random id.
 * - `outer` is an HMAC-SHA-256 (RFC 2104) over the claims. A forged token fails here, before the
 *   user is read from the store.
 * - `inner` is an HMAC-SHA-256 over the claims and the user's stored password and revocation time.
 *   Changing either, or removing the user, ends every token of the user, with no list of tokens.
 *
 * Version 1.0.0 minted `claims.inner`. Such tokens stay valid until they expire.
 */
import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { User, UserChange } from "../store/store.ts";

/** The purpose of a token. A token for one purpose is invalid for the others. */
export type Purpose = "session" | "key" | "device";

/** The claims of a token. */
export interface Claims {
  /** The user. */
  readonly name: string;
  /** When the token expires, Unix seconds. */
  readonly expiryTime: number;
  /**
   * Distinguishes the tokens of one user. A key has none: the same grant gives the same key on
   * every server of the store and after a restart, so a key can be issued again without being
   * stored.
   */
  readonly id?: string;
}

/** The options of a `TokenSigner`. */
export interface TokenOptions {
  /** The server's secret, 32 bytes. */
  readonly secret: Uint8Array;
  readonly purpose: Purpose;
  /** Lifetime of a token, seconds. */
  readonly lifetimeSeconds: number;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** Maximum length of a token: enough for the longest name, escaped in JSON and in base64url. */
const TOKEN_CHARACTERS = 1024;

/** Maximum difference between the clocks of two servers, seconds. */
export const CLOCK_TOLERANCE_SECONDS = 60;

/**
 * How long a server of version 1.0.0 may run beside this one, seconds from the start of this one. A
 * forged token of the old form costs a read of the store, so the form is refused once no valid
 * token of it can be left.
 */
export const OLD_SERVER_SECONDS = 3600;

/** Mints and verifies tokens of one purpose. */
export class TokenSigner {
  readonly #outer: HmacKey;
  readonly #inner: HmacKey;
  readonly #old: HmacKey;
  readonly #oldUntil: number;
  readonly #lifetimeSeconds: number;
  readonly #now: () => number;

  /** Derives the keys of this purpose, which are independent of those of the others. */
  constructor({ secret, purpose, lifetimeSeconds, now }: TokenOptions) {
    const derive = (label: string) =>
      pads(hmac(pads(secret), `SocketProgram ${label}: ${purpose}`));
    this.#outer = derive("claims v2");
    this.#inner = derive("token v2");
    this.#old = derive("token v1");
    this.#lifetimeSeconds = lifetimeSeconds;
    this.#now = now;
    this.#oldUntil = now() / 1000 + lifetimeSeconds + OLD_SERVER_SECONDS;
  }

  /** Returns the token for these claims of this user. Deterministic. */
  mint({ name, expiryTime, id }: Claims, user: User): string {
    const claims = id === undefined ? [name, expiryTime] : [name, expiryTime, id];
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
    return `${body}.${text(hmac(this.#outer, body))}.${this.#innerMac(body, user)}`;
  }

  /**
   * Whether a token or grant with this expiry time is live: the time lies ahead, but no further
   * than the lifetime. A server with a longer lifetime or a wrong clock may have issued one that
   * would live longer.
   *
   * @param expiryTime Unix seconds
   */
  isLive(expiryTime: number): boolean {
    const seconds = expiryTime - this.#now() / 1000;
    return seconds > 0 && seconds <= this.#lifetimeSeconds + CLOCK_TOLERANCE_SECONDS;
  }

  /**
   * Returns the claims of a live token; null if it is forged, expired or malformed. Call `verify`
   * next, with the user as stored.
   */
  read(token: string): Claims | null {
    if (token.length > TOKEN_CHARACTERS) return null;
    const [body, outer, inner, more] = token.split(".", 4);
    if (outer === undefined || more !== undefined) return null;
    const isOld = inner === undefined;
    if (!isOld && !equal(outer, text(hmac(this.#outer, body)))) return null;
    const claims = parseClaims(body);
    if (claims === null || !this.isLive(claims.expiryTime)) return null;
    return isOld && (claims.id !== undefined || claims.expiryTime > this.#oldUntil) ? null : claims;
  }

  /**
   * Whether a token is valid for the user as stored now. Compares in constant time.
   *
   * @param claims as `read` returned them for this token
   */
  verify(token: string, claims: Claims, user: User): boolean {
    const [body, , inner] = token.split(".");
    if (inner !== undefined) return equal(inner, this.#innerMac(body, user));
    // In the old form, the MAC does not cover the text of the claims, so the whole token is
    // compared.
    return equal(token, this.#mintOld(claims, user));
  }

  #innerMac(body: string, { pw, revokedAt }: User): string {
    return text(hmac(this.#inner, JSON.stringify([body, pw, revokedAt])));
  }

  /** Returns the token in the form of version 1.0.0. */
  #mintOld({ name, expiryTime }: Claims, { pw, revokedAt }: User): string {
    const body = Buffer.from(JSON.stringify([name, expiryTime])).toString("base64url");
    const mac = hmac(this.#old, JSON.stringify([name, expiryTime, pw, revokedAt]));
    return `${body}.${text(mac)}`;
  }
}

/** Returns a fresh id: 128 random bits. */
export function makeId(): string {
  return text(randomBytes(16));
}

/**
 * Returns the hash that records a session as ended: 128 bits of SHA-256.
 *
 * @param token the session's token, hashed if it has no id (version 1.0.0)
 */
export function hashOfSession(token: string, { id }: Claims): string {
  return text(createHash("sha256").update(id ?? token).digest().subarray(0, 16));
}

/**
 * Returns the change that ends every session, device and key of a user.
 *
 * @param now milliseconds since 1970
 */
export function revokeEverything({ revokedAt }: User, now: number): UserChange {
  return {
    expiryTime: 0,
    // Must change even if two revocations happen in the same millisecond.
    revokedAt: Math.max(now / 1000, revokedAt + 0.001),
    endedSessions: [],
  };
}

function parseClaims(body: string): Claims | null {
  try {
    // Throws if the value is not iterable; JSON has no undefined, so `more` tells a longer array.
    const [name, expiryTime, id, more] = JSON.parse(Buffer.from(body, "base64url").toString());
    if (typeof name !== "string" || typeof expiryTime !== "number" || more !== undefined) {
      return null;
    }
    // No user has such a name, and PostgreSQL rejects it with an error.
    if (/[\0\p{Cs}]/u.test(name)) return null;
    if (id === undefined) return { name, expiryTime };
    return typeof id === "string" ? { name, expiryTime, id } : null;
  } catch {
    return null;
  }
}

function text(bytes: Buffer): string {
  return bytes.toString("base64url");
}

/** Whether two texts are equal. The time depends on their lengths only. */
function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const BLOCK_BYTES = 64;

/** The inner and outer padded keys of RFC 2104. */
type HmacKey = readonly [inner: Uint8Array, outer: Uint8Array];

/** Returns the padded keys for a key of at most one block. */
function pads(key: Uint8Array): HmacKey {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
  key.forEach((byte, index) => {
    inner[index] ^= byte;
    outer[index] ^= byte;
  });
  return [inner, outer];
}

// Built on the hash: WebCrypto's HMAC returns a promise, which a key check must avoid, and the HMAC
// of node:crypto takes twice as long.
function hmac([inner, outer]: HmacKey, message: string): Buffer {
  const digest = createHash("sha256").update(inner).update(message).digest();
  return createHash("sha256").update(outer).update(digest).digest();
}
