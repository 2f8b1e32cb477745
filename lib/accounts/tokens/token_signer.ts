/**
 * Signed tokens: what a session, a key and a device are made of. A token is
 * `claims.outer.inner`, each part in base64url:
 *
 * - `claims` says whose it is, until when it is good and, where two must differ, a random id.
 * - `outer` is an HMAC-SHA-256 (RFC 2104) over the claims alone. A forged token fails here, without
 *   the user being read from the store.
 * - `inner` is an HMAC-SHA-256 over the claims and over the user's stored password and revocation
 *   instant, so that a change of either, or a removed user, ends every token of that user without a
 *   list of tokens being kept anywhere.
 *
 * Version 1.0.0 minted `claims.inner`. Such tokens stay good until they end.
 */
import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { User, UserChange } from "../store/store.ts";

/** What a token is good for. One minted for one purpose never passes for another. */
export type Purpose = "session" | "key" | "device";

/** What a token says: whose it is, and until when it is good (Unix seconds, as stored). */
export interface Claims {
  readonly name: string;
  readonly expiryTime: number;
  /**
   * Tells the tokens of one user apart. A key has none: the same grant has the same key, on every
   * server of the store and after a restart, so that it can be handed out again without being kept.
   */
  readonly id?: string;
}

/** How tokens of one purpose are made. */
export interface TokenOptions {
  /** The server's secret, 32 bytes. */
  readonly secret: Uint8Array;
  readonly purpose: Purpose;
  /** How long such a token lives, seconds. */
  readonly lifetimeSeconds: number;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** Longest token that is looked at: the longest name, escaped in JSON, in base64url, fits. */
const TOKEN_CHARACTERS = 1024;

/** How far the clocks of two servers may be apart, seconds. */
export const CLOCK_TOLERANCE_SECONDS = 60;

/**
 * How long after the start of this server one of version 1.0.0 may go on minting beside it, seconds.
 * A forged token of the old form costs a read of the store, so the form is refused as soon as no
 * honest one can be left.
 */
export const OLD_SERVER_SECONDS = 3600;

/** Mints and checks tokens of one purpose under the server's secret. */
export class TokenSigner {
  readonly #outer: HmacKey;
  readonly #inner: HmacKey;
  readonly #old: HmacKey;
  readonly #oldUntil: number;
  readonly #lifetimeSeconds: number;
  readonly #now: () => number;

  /** @param options keys of different purposes are unrelated */
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

  /** Returns a token for these claims of this user. Deterministic. */
  mint({ name, expiryTime, id }: Claims, user: User): string {
    const claims = id === undefined ? [name, expiryTime] : [name, expiryTime, id];
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
    return `${body}.${text(hmac(this.#outer, body))}.${this.#innerMac(body, user)}`;
  }

  /**
   * Whether a token or grant with this end is live: its end lies ahead, and no further than it can
   * have been minted for. A server with a longer lifetime, or a clock that was wrong, may have left
   * one that would live on for longer.
   *
   * @param expiryTime Unix seconds
   */
  isLive(expiryTime: number): boolean {
    const seconds = expiryTime - this.#now() / 1000;
    return seconds > 0 && seconds <= this.#lifetimeSeconds + CLOCK_TOLERANCE_SECONDS;
  }

  /**
   * Returns what a live token claims, to be followed by `verify` with the user as stored; null where
   * it is forged, over, or no token at all.
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
   * Whether a token that `read` returned claims for is good for the user as stored now. Compares in
   * constant time.
   */
  verify(token: string, claims: Claims, user: User): boolean {
    const [body, , inner] = token.split(".");
    if (inner !== undefined) return equal(inner, this.#innerMac(body, user));
    // Nothing but the MAC guards the old form: of all ways to write its claims one is good.
    return equal(token, this.#mintOld(claims, user));
  }

  #innerMac(body: string, { pw, revokedAt }: User): string {
    return text(hmac(this.#inner, JSON.stringify([body, pw, revokedAt])));
  }

  /** The token as version 1.0.0 made it. */
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
 * Returns the hash under which a session is remembered as ended: 128 bits of SHA-256.
 *
 * @param token the session's token; stands for the id that tokens of version 1.0.0 do not have
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
    // What counts is that it changes, also where two revocations share a millisecond.
    revokedAt: Math.max(now / 1000, revokedAt + 0.001),
    endedSessions: [],
  };
}

function parseClaims(body: string): Claims | null {
  try {
    const claims = JSON.parse(Buffer.from(body, "base64url").toString());
    if (!Array.isArray(claims) || claims.length < 2 || claims.length > 3) return null;
    const [name, expiryTime, id] = claims;
    if (typeof name !== "string" || typeof expiryTime !== "number") return null;
    // No user has such a name, and PostgreSQL throws at it.
    if (/[\0\p{Cs}]/u.test(name)) return null;
    if (claims.length === 2) return { name, expiryTime };
    return typeof id === "string" ? { name, expiryTime, id } : null;
  } catch {
    return null;
  }
}

function text(bytes: Buffer): string {
  return bytes.toString("base64url");
}

/** Whether two texts are equal, in a time that depends on their lengths alone. */
function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const BLOCK_BYTES = 64;

/** The inner and outer padded keys of RFC 2104. */
type HmacKey = readonly [inner: Uint8Array, outer: Uint8Array];

/** Pads a key of at most one block. */
function pads(key: Uint8Array): HmacKey {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
  key.forEach((byte, index) => {
    inner[index] ^= byte;
    outer[index] ^= byte;
  });
  return [inner, outer];
}

// By RFC 2104 from the hash: WebCrypto's HMAC answers with a promise, which a key check must not
// need, and node:crypto's takes twice as long.
function hmac([inner, outer]: HmacKey, message: string): Buffer {
  const digest = createHash("sha256").update(inner).update(message).digest();
  return createHash("sha256").update(outer).update(digest).digest();
}
