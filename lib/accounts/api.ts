/**
 * The operations on accounts and what they come to, as the routes see them.
 */
import type { ThrottleOptions } from "./login_throttle.ts";
import type { ScryptCost } from "./password_hash.ts";

/** What a registration came to. */
export type Registration =
  | { readonly result: "registered" }
  | { readonly result: "exists" }
  /** The name or password is not acceptable; `reason` is a sentence for the user. */
  | { readonly result: "unacceptable"; readonly reason: string };

/** What a login came to. */
export type Login =
  | { readonly result: "in"; readonly session: Token }
  /** Unknown user or wrong password: not told apart, by answer or by time. */
  | { readonly result: "refused" }
  /** Too many failures from this address or for this user. */
  | { readonly result: "throttled"; readonly retryAfterSeconds: number };

/** What a request for the raised privilege came to. */
export type Raise =
  /** `already` where the live key is handed out again (409). */
  | { readonly result: "raised" | "already"; readonly key: Token; readonly expiryTime: number }
  /** No session, or one that is no longer good. */
  | { readonly result: "login-required" }
  /** The session is another user's than `username`. */
  | { readonly result: "forbidden" };

/**
 * A signed token as a cookie value, without `=`, `;`, spaces or controls, and how long it lives.
 */
export interface Token {
  readonly value: string;
  readonly maxAgeSeconds: number;
}

/** Options of `Accounts`, each with its default. */
export interface AccountsOptions {
  /** Lifetime of a raised privilege, seconds (3600). */
  keyTtlSeconds?: number;
  /** Lifetime of a session, seconds (86,400: a day). */
  sessionTtlSeconds?: number;
  /** Hashes computed at once (one a core, eight at most). */
  hashingConcurrency?: number;
  /** Hashes that may wait for their turn (512); one more is `TooBusy`. */
  hashingQueue?: number;
  /** Limits of failed logins. */
  throttle?: ThrottleOptions;
  /** How old, in milliseconds, what is known of a user may be when a key is checked (1,500). */
  keyCheckMaxAgeMs?: number;
  /** Cost of new password hashes (`RECOMMENDED_COST`). Lower it in tests only. */
  scrypt?: ScryptCost;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  now?: () => number;
}

/** The operations on accounts that the routes use. */
export interface AccountsApi {
  /** Registers a user; resolves once durable. @throws TooBusy, StoreUnavailable */
  register(username: string, password: string): Promise<Registration>;
  /**
   * Checks a password and mints a session. `address` is throttled.
   * @throws TooBusy, StoreUnavailable
   */
  login(username: string, password: string, address: string): Promise<Login>;
  /** Raises the privilege of the session's user; resolves once durable. @throws StoreUnavailable */
  raise(session: string | null, username?: string): Promise<Raise>;
  /**
   * The user whose live key this is, or null; where `username` is given it must be that user's.
   * Answers without a promise where the store does. @throws StoreUnavailable
   */
  holder(key: string | null, username?: string): string | null | Promise<string | null>;
}
