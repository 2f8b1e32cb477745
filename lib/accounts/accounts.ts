/**
 * Accounts: registration, login, sessions, the raised privilege and its keys, over any `UserStore`.
 * Independent of HTTP: the server's routes turn the results into responses.
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

/** The outcome of a registration. */
export type Registration =
  | { readonly result: "registered" }
  | { readonly result: "exists" }
  /** The name or password breaks a rule; `reason` says which, for the user. */
  | { readonly result: "unacceptable"; readonly reason: string };

/** The outcome of a login. */
export type Login =
  | { readonly result: "in"; readonly session: Token; readonly device: Token }
  /** Unknown user or wrong password: the response and its time are the same for both. */
  | { readonly result: "refused" }
  /** Too many failures from this address or for this user. */
  | { readonly result: "throttled"; readonly retryAfterSeconds: number };

/** The outcome of a request to raise the privilege. */
export type PrivilegeResult =
  /** `already` if the user has a live key, which is issued again. */
  | {
    readonly result: "raised" | "already";
    readonly username: string;
    readonly key: Token;
    readonly expiryTime: number;
  }
  /** No session, or one that has ended. */
  | { readonly result: "login-required" }
  /** The session belongs to a user other than the one named. */
  | { readonly result: "forbidden"; readonly username: string };

/** A live session. */
export interface SessionInfo {
  /** Whose session it is. */
  readonly username: string;
  /** When the session ends, Unix seconds. */
  readonly expires: number;
  /** When the user's raised privilege ends, Unix seconds; null if it is not raised. */
  readonly keyExpires: number | null;
}

/** The outcome of a password change. */
export type PasswordChange =
  | { readonly result: "changed" }
  /** The new password breaks a rule; `reason` says which, for the user. */
  | { readonly result: "unacceptable"; readonly reason: string }
  /** Unknown user or wrong password, as at a login. */
  | { readonly result: "refused" }
  /** Too many failures, as at a login. */
  | { readonly result: "throttled"; readonly retryAfterSeconds: number };

/** A signed token and its lifetime, ready for a cookie. */
export interface Token {
  /** A cookie value: no `=`, `;`, white space or control characters. */
  readonly value: string;
  /** How long the token lives from now, seconds. */
  readonly maxAgeSeconds: number;
}

/** Options of `openAccounts`, each with its default. */
export interface AccountsOptions {
  /** Lifetime of a raised privilege, seconds (3600). */
  keyTtlSeconds?: number;
  /** Lifetime of a session, seconds (86,400: a day). */
  sessionTtlSeconds?: number;
  /** Lifetime of a device, seconds (31,536,000: a year). */
  deviceTtlSeconds?: number;
  /** Limits of concurrent and queued password hashes. */
  hashing?: HashingQueueOptions;
  /** Limits of failed logins. */
  throttle?: ThrottleOptions;
  /** Maximum age of the user record that a key check uses, milliseconds (1,500). */
  keyCheckMaxAgeMs?: number;
  /** Cost of new password hashes (`RECOMMENDED_COST`). Lower it in tests only. */
  scrypt?: ScryptCost;
  /** Wall clock, milliseconds since 1970 (`Date.now`). */
  now?: () => number;
  /** Monotonic clock of the login throttle, milliseconds (`performance.now`). */
  elapsed?: () => number;
}

/** The operations on accounts that the server's routes call. */
export interface AccountService {
  /**
   * Registers a user. Resolves once the user is stored durably.
   *
   * @throws {TooBusy} if the hashing queue is full
   * @throws {RequesterGone} if the client disconnects first
   * @throws {StoreUnavailable} if the store cannot be read or written now
   */
  register(username: string, password: string, requester: Requester): Promise<Registration>;
  /**
   * Checks a password and issues a session and a device.
   *
   * @param requester the client, whose failed attempts are throttled
   * @throws {TooBusy} if the hashing queue is full
   * @throws {RequesterGone} if the client disconnects first
   * @throws {StoreUnavailable} if the store cannot be read or written now
   */
  login(username: string, password: string, requester: Requester): Promise<Login>;
  /**
   * Replaces the password of a user who knows it, which ends every session, device and key of the
   * user. Resolves once the change is durable.
   *
   * @param requester the client, whose failed attempts are throttled like logins
   * @throws {TooBusy} if the hashing queue is full
   * @throws {RequesterGone} if the client disconnects first
   * @throws {StoreUnavailable} if the store cannot be read or written now
   */
  changePassword(
    username: string,
    password: string,
    newPassword: string,
    requester: Requester,
  ): Promise<PasswordChange>;
  /**
   * Returns what is known of a session; null if it is not live.
   *
   * @throws {StoreUnavailable} if the store cannot be read now
   */
  session(session: string | null): Promise<SessionInfo | null>;
  /**
   * Ends a session on every server of the store, also after a restart. Resolves once that is
   * durable.
   *
   * @param everywhere whether to end every session, device and key of the user
   * @returns the session's user; null if the session is not live
   * @throws {StoreUnavailable} if the store cannot be read or written now
   */
  logout(session: string | null, everywhere?: boolean): Promise<string | null>;
  /**
   * Raises the privilege of the session's user. Resolves once that is durable.
   *
   * @param username the user that the client names, who must be the session's
   * @throws {StoreUnavailable} if the store cannot be read or written now
   */
  raisePrivilege(session: string | null, username?: string): Promise<PrivilegeResult>;
  /**
   * Returns the user whose live key this is; null if it is no live key. Returns a promise only if
   * the store does.
   *
   * @param username the user that the client names, whose key it must be
   * @throws {StoreUnavailable} if the store cannot be read now
   */
  verifyKey(key: string | null, username?: string): string | null | Promise<string | null>;
}

/** How many ended sessions a user's record holds; one more ends all sessions of the user. */
export const ENDED_SESSIONS = 16;

/**
 * Opens the accounts in a store.
 *
 * @param store remains the caller's to close, after the last operation
 * @throws {StoreUnavailable} if the server's secret cannot be read now
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
    this.#keyChecker = new KeyChecker({
      store,
      signer: this.#keys,
      maxAgeMs: options.keyCheckMaxAgeMs ?? 1500,
    });
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
    // Saves the hashing in most cases; `add` below is what decides.
    if (await this.#store.find(name.value)) return { result: "exists" };
    const pw = await this.#authenticator.hash(password, requester);
    throwIfGone(requester);
    const added = await this.#store.add(name.value, { pw, expiryTime: 0, revokedAt: 0 });
    return { result: added ? "registered" : "exists" };
  }

  async login(username: string, password: string, requester: Requester): Promise<Login> {
    // No user can have such a password, so the earlier response reveals nothing about any user.
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
      // Another request may have changed the password or revoked the tokens meanwhile.
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
    // Issued again without a write, so it works while the store is read-only.
    if (this.#keys.isLive(found.expiryTime)) {
      return this.#grant("already", claims.name, found, now);
    }
    let result: "raised" | "already" = "already";
    const user = await this.#store.update(claims.name, (user) => {
      // Decided on the user as stored now, who may have changed since `find`.
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

  /** Returns the stored name that a client's name stands for; null if no user can have it. */
  async #storedName(username: string): Promise<string | null> {
    const [name = null, other] = possibleUsernames(username);
    return other === undefined || await this.#store.find(name!) !== null ? name : other;
  }

  #readSession(session: string | null): Claims | null {
    return session === null ? null : this.#sessions.read(session);
  }

  /** Whether a session is valid for the user as stored and was not logged out. */
  #isSession(session: string, claims: Claims, user: User): boolean {
    if (!this.#sessions.verify(session, claims, user)) return false;
    if (user.endedSessions === undefined) return true;
    const hash = hashOfSession(session, claims);
    return !user.endedSessions.some(([ended]) => ended === hash);
  }

  /** Returns the change that ends one session. */
  #endSession(hash: string, { expiryTime }: Claims, user: User): UserChange {
    const now = this.#now();
    const ended = (user.endedSessions ?? []).filter(([, end]) => end * 1000 > now);
    // Bounds the record: a user with that many logouts a day loses the other sessions too.
    if (ended.length >= ENDED_SESSIONS) return revokeEverything(user, now);
    return { endedSessions: [...ended, [hash, expiryTime]] };
  }

  /** Returns the stored grant with its key. */
  #grant(result: "raised" | "already", name: string, user: User, now: number): PrivilegeResult {
    const { expiryTime } = user;
    const value = this.#keys.mint({ name, expiryTime }, user);
    const maxAgeSeconds = Math.ceil(expiryTime - now / 1000);
    return { result, username: name, expiryTime, key: { value, maxAgeSeconds } };
  }
}

/** @throws {RequesterGone} if the client has disconnected */
function throwIfGone({ signal }: Requester): void {
  if (signal?.aborted) throw new RequesterGone("The client disconnected");
}

/** Returns the instant `seconds` after `now` (ms) as Unix seconds, rounded to the millisecond. */
function secondsFrom(now: number, seconds: number): number {
  return Math.round(now + seconds * 1000) / 1000;
}
