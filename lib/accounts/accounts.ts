/**
 * Who may do what: registration, login, the raised privilege and its check, over any `UserStore`.
 * Knows no HTTP; the routes turn its answers into statuses and tokens.
 */
import { Authenticator } from "./login/authenticator.ts";
import { checkPassword, checkUsername, possibleUsernames } from "./credentials.ts";
import { HashingQueue, type HashingQueueOptions } from "./login/hashing_queue.ts";
import { KeyChecker } from "./tokens/key_checker.ts";
import { LoginThrottle, type ThrottleOptions } from "./login/login_throttle.ts";
import { RECOMMENDED_COST, type ScryptCost } from "./login/password_hash.ts";
import { type Requester, RequesterGone } from "./login/requester.ts";
import type { User, UserChange, UserStore } from "./store/store.ts";
import {
  type Claims,
  hashOfSession,
  makeId,
  type Purpose,
  revokeEverything,
  TokenSigner,
} from "./tokens/token_signer.ts";

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
export type PrivilegeResult =
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
export interface AccountService {
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
  raisePrivilege(session: string | null, username?: string): Promise<PrivilegeResult>;
  /**
   * The user whose live key this is, or null; where `username` is given it must be that user's.
   * Answers without a promise where the store does. @throws StoreUnavailable
   */
  verifyKey(key: string | null, username?: string): string | null | Promise<string | null>;
}

/** Ended sessions that a user's record holds; one more ends all of the user's sessions. */
export const ENDED_SESSIONS = 16;

/**
 * Makes the operations over a store.
 *
 * @param store stays the caller's: close it after the last operation
 * @throws StoreUnavailable where the server's secret cannot be had now
 */
export async function openAccounts(
  store: UserStore,
  options: AccountsOptions = {},
): Promise<AccountService> {
  return new Accounts(store, await store.secret(), options);
}

class Accounts implements AccountService {
  readonly #store: UserStore;
  readonly #authenticator: Authenticator;
  readonly #sessions: TokenSigner;
  readonly #keys: TokenSigner;
  readonly #devices: TokenSigner;
  readonly #keyChecker: KeyChecker;
  readonly #now: () => number;
  readonly #keyTtl: number;
  readonly #sessionTtl: number;
  readonly #deviceTtl: number;

  constructor(store: UserStore, secret: Uint8Array, options: AccountsOptions) {
    this.#store = store;
    this.#now = options.now ?? Date.now;
    this.#keyTtl = options.keyTtlSeconds ?? 3600;
    this.#sessionTtl = options.sessionTtlSeconds ?? 86_400;
    this.#deviceTtl = options.deviceTtlSeconds ?? 365 * 86_400;
    const signer = (purpose: Purpose, lifetimeSeconds: number) =>
      new TokenSigner({ secret, purpose, lifetimeSeconds, now: this.#now });
    this.#sessions = signer("session", this.#sessionTtl);
    this.#keys = signer("key", this.#keyTtl);
    this.#devices = signer("device", this.#deviceTtl);
    this.#keyChecker = new KeyChecker(store, this.#keys, options.keyCheckMaxAgeMs ?? 1500);
    this.#authenticator = new Authenticator({
      store,
      cost: options.scrypt ?? RECOMMENDED_COST,
      queue: new HashingQueue(options.hashing),
      throttle: new LoginThrottle(options.throttle),
      devices: this.#devices,
      elapsed: options.elapsed ?? (() => performance.now()),
    });
  }

  async register(
    username: string,
    password: string,
    requester: Requester,
  ): Promise<Registration> {
    const name = checkUsername(username);
    if ("reason" in name) return { result: "unacceptable", reason: name.reason };
    const checked = checkPassword(password);
    if ("reason" in checked) return { result: "unacceptable", reason: checked.reason };
    // Asked first to spare the hashing; what decides is `add`.
    if (await this.#store.find(name.value)) return { result: "exists" };
    const pw = await this.#authenticator.hash(password, requester);
    throwIfGone(requester);
    const added = await this.#store.add(name.value, { pw, expiryTime: 0, revokedAt: 0 });
    return { result: added ? "registered" : "exists" };
  }

  async login(username: string, password: string, requester: Requester): Promise<Login> {
    // What no user can have needs no hashing: that it is refused sooner tells nothing of any user.
    if ("reason" in checkPassword(password)) return { result: "refused" };
    const name = await this.#storedName(username);
    if (name === null) return { result: "refused" };
    const authentication = await this.#authenticator.check(name, password, requester);
    if (authentication.result !== "authenticated") return authentication;
    const mint = (signer: TokenSigner, maxAgeSeconds: number) => {
      const expiryTime = secondsFrom(this.#now(), maxAgeSeconds);
      const claims = { name, expiryTime, id: makeId() };
      return { value: signer.mint(claims, authentication.user), maxAgeSeconds };
    };
    return {
      result: "in",
      session: mint(this.#sessions, this.#sessionTtl),
      device: mint(this.#devices, this.#deviceTtl),
    };
  }

  async changePassword(
    username: string,
    password: string,
    newPassword: string,
    requester: Requester,
  ): Promise<PasswordChange> {
    const checked = checkPassword(newPassword);
    if ("reason" in checked) return { result: "unacceptable", reason: checked.reason };
    if ("reason" in checkPassword(password)) return { result: "refused" };
    const name = await this.#storedName(username);
    if (name === null) return { result: "refused" };
    const authentication = await this.#authenticator.check(name, password, requester);
    if (authentication.result !== "authenticated") return authentication;
    const { user } = authentication;
    const pw = await this.#authenticator.hash(newPassword, requester);
    throwIfGone(requester);
    const changed = await this.#store.update(
      name,
      // Somebody may have been faster, with another password or a revocation.
      (now) =>
        now.pw === user.pw && now.revokedAt === user.revokedAt
          ? { ...revokeEverything(now, this.#now()), pw }
          : null,
    );
    return { result: changed?.pw === pw ? "changed" : "refused" };
  }

  async session(session: string | null): Promise<SessionInfo | null> {
    const claims = this.#readSession(session);
    if (claims === null) return null;
    const user = await this.#store.find(claims.name);
    if (user === null || !this.#isSession(session!, claims, user)) return null;
    const keyExpires = this.#keys.isLive(user.expiryTime) ? user.expiryTime : null;
    return { username: claims.name, expires: claims.expiryTime, keyExpires };
  }

  async logout(session: string | null, everywhere = false): Promise<string | null> {
    const claims = this.#readSession(session);
    if (claims === null) return null;
    let ended = false;
    await this.#store.update(claims.name, (user) => {
      ended = this.#isSession(session!, claims, user);
      if (!ended) return null;
      return everywhere
        ? revokeEverything(user, this.#now())
        : this.#endSession(hashOfSession(session!, claims), claims, user);
    });
    return ended ? claims.name : null;
  }

  async raisePrivilege(session: string | null, username?: string): Promise<PrivilegeResult> {
    const claims = this.#readSession(session);
    if (claims === null) return { result: "login-required" };
    const isSession = (user: User) => this.#isSession(session!, claims, user);
    const found = await this.#store.find(claims.name);
    if (found === null || !isSession(found)) return { result: "login-required" };
    if (username !== undefined && !possibleUsernames(username).includes(claims.name)) {
      return { result: "forbidden", username: claims.name };
    }
    const now = this.#now();
    // Handed out again without touching the store, so also while that cannot be written.
    if (this.#keys.isLive(found.expiryTime)) {
      return this.#grant("already", claims.name, found, now);
    }
    let result: "raised" | "already" = "already";
    const user = await this.#store.update(claims.name, (user) => {
      // The user may have been changed since: what counts is who is there now.
      const raise = isSession(user) && !this.#keys.isLive(user.expiryTime);
      result = raise ? "raised" : "already";
      return raise ? { expiryTime: secondsFrom(now, this.#keyTtl) } : null;
    });
    if (user === null || !isSession(user)) return { result: "login-required" };
    return this.#grant(result, claims.name, user, now);
  }

  verifyKey(key: string | null, username?: string): string | null | Promise<string | null> {
    return key === null ? null : this.#keyChecker.verifyKey(key, username);
  }

  /** The name of the user whom a client means; null if no user can have it. */
  async #storedName(username: string): Promise<string | null> {
    const [name = null, other] = possibleUsernames(username);
    return other === undefined || await this.#store.find(name!) !== null ? name : other;
  }

  #readSession(session: string | null): Claims | null {
    return session === null ? null : this.#sessions.read(session);
  }

  /** Whether a session is good for the user as stored, and was not logged out. */
  #isSession(session: string, claims: Claims, user: User): boolean {
    if (!this.#sessions.isLive(claims.expiryTime)) return false;
    if (!this.#sessions.verify(session, claims, user)) return false;
    if (user.endedSessions === undefined) return true;
    const hash = hashOfSession(session, claims);
    return !user.endedSessions.some(([ended]) => ended === hash);
  }

  /** The change that ends one session. */
  #endSession(hash: string, { expiryTime }: Claims, user: User): UserChange {
    const now = this.#now();
    const ended = (user.endedSessions ?? []).filter(([, end]) => end * 1000 > now);
    // The record stays small: somebody who logs out that often loses a few more logins.
    if (ended.length >= ENDED_SESSIONS) return revokeEverything(user, now);
    return { endedSessions: [...ended, [hash, expiryTime]] };
  }

  /** The key to the grant that is stored. */
  #grant(result: "raised" | "already", name: string, user: User, now: number): PrivilegeResult {
    const { expiryTime } = user;
    const value = this.#keys.mint({ name, expiryTime }, user);
    const maxAgeSeconds = Math.ceil(expiryTime - now / 1000);
    return { result, username: name, expiryTime, key: { value, maxAgeSeconds } };
  }
}

/** @throws RequesterGone where nobody would see what comes of it */
function throwIfGone({ signal }: Requester): void {
  if (signal?.aborted) throw new RequesterGone("the client is gone");
}

/** Unix seconds, to the millisecond, of the instant `seconds` after `now` (ms). */
function secondsFrom(now: number, seconds: number): number {
  return Math.round(now + seconds * 1000) / 1000;
}
