/**
 * The operations on accounts and what they come to, as the routes see them.
 */
import type { HashingQueueOptions } from "./login/hashing_queue.ts";
import type { ThrottleOptions } from "./login/login_throttle.ts";
import type { ScryptCost } from "./login/password_hash.ts";
import type { Requester } from "./login/requester.ts";

/** What a registration came to. */
export type Registration =
  | { readonly result: "registered" }
  | { readonly result: "exists" }
  /** The name or password is not acceptable; `reason` is a sentence for the user. */
  | { readonly result: "unacceptable"; readonly reason: string };

/** What a login came to. */
export type Login =
  | { readonly result: "in"; readonly session: Token; readonly device: Token }
  /** Unknown user or wrong password: not told apart, by answer or by time. */
  | { readonly result: "refused" }
  /** Too many failures from this address or for this user. */
  | { readonly result: "throttled"; readonly retryAfterSeconds: number };

/** What a request for the raised privilege came to. */
export type Raise =
  /** `already` where the live key is handed out again (409). */
  | {
    readonly result: "raised" | "already";
    readonly username: string;
    readonly key: Token;
    readonly expiryTime: number;
  }
  /** No session, or one that is no longer good. */
  | { readonly result: "login-required" }
  /** The session is another user's than `username`. */
  | { readonly result: "forbidden"; readonly username: string };

/** What a live session is good for. */
export interface SessionInfo {
  readonly username: string;
  /** When the session ends, Unix seconds. */
  readonly expires: number;
  /** When the user's raised privilege ends, Unix seconds; null if it is not raised. */
  readonly keyExpires: number | null;
}

/** What a change of password came to. */
export type PasswordChange =
  | { readonly result: "changed" }
  /** The new password is not acceptable; `reason` is a sentence for the user. */
  | { readonly result: "unacceptable"; readonly reason: string }
  /** Unknown user or wrong password, as at a login. */
  | { readonly result: "refused" }
  | { readonly result: "throttled"; readonly retryAfterSeconds: number };

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
  /** Lifetime of a device, seconds (31,536,000: a year). */
  deviceTtlSeconds?: number;
  /** How many passwords are hashed at once, and how many wait. */
  hashing?: HashingQueueOptions;
  /** Limits of failed logins. */
  throttle?: ThrottleOptions;
  /** How old, in milliseconds, what is known of a user may be when a key is checked (1,500). */
  keyCheckMaxAgeMs?: number;
  /** Cost of new password hashes (`RECOMMENDED_COST`). Lower it in tests only. */
  scrypt?: ScryptCost;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  now?: () => number;
  /** The clock of the throttle, which nobody sets, milliseconds (`performance.now`). */
  elapsed?: () => number;
}

/** The operations on accounts that the routes use. */
export interface AccountsApi {
  /**
   * Registers a user; resolves once durable.
   * @throws TooBusy, RequesterGone, StoreUnavailable
   */
  register(username: string, password: string, requester: Requester): Promise<Registration>;
  /**
   * Checks a password and mints a session and a device. The requester is throttled.
   * @throws TooBusy, RequesterGone, StoreUnavailable
   */
  login(username: string, password: string, requester: Requester): Promise<Login>;
  /**
   * Gives a user who knows the password another one; resolves once durable. Every session, device
   * and key of the user ends. The requester is throttled like a login.
   * @throws TooBusy, RequesterGone, StoreUnavailable
   */
  changePassword(
    username: string,
    password: string,
    newPassword: string,
    requester: Requester,
  ): Promise<PasswordChange>;
  /** Returns what a session is good for; null if it is not live. @throws StoreUnavailable */
  session(session: string | null): Promise<SessionInfo | null>;
  /**
   * Ends a session, also for other servers and after a restart; resolves once durable.
   *
   * @param everywhere whether to end every session, device and key of the user
   * @returns whose session it was; null if it is not live
   * @throws StoreUnavailable
   */
  logout(session: string | null, everywhere?: boolean): Promise<string | null>;
  /** Raises the privilege of the session's user; resolves once durable. @throws StoreUnavailable */
  raise(session: string | null, username?: string): Promise<Raise>;
  /**
   * The user whose live key this is, or null; where `username` is given it must be that user's.
   * Answers without a promise where the store does. @throws StoreUnavailable
   */
  holder(key: string | null, username?: string): string | null | Promise<string | null>;
}
