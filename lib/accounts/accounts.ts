/**
 * Who may do what: registration, login, the raised privilege and its check, over any `UserStore`. Knows
 * no HTTP; the routes turn its answers into statuses and tokens.
 */
import { checkPassword, checkUsername } from "./credentials.ts";
import { HashingQueue } from "./hashing_queue.ts";
import { LoginThrottle, type ThrottleOptions } from "./login_throttle.ts";
import {
  equalText,
  hashPassword,
  isWeaker,
  makeDecoy,
  matchesHash,
  parseHash,
  RECOMMENDED_COST,
  type ScryptCost,
  type StoredHash,
} from "./password_hash.ts";
import type { User, UserStore } from "./store.ts";
import { type Claims, TokenSigner } from "./token.ts";

export { TooBusy } from "./hashing_queue.ts";

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

/** A signed token as a cookie value, without `=`, `;`, spaces or controls, and how long it lives. */
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
  /** Checks a password and mints a session. `address` is throttled. @throws TooBusy, StoreUnavailable */
  login(username: string, password: string, address: string): Promise<Login>;
  /** Raises the privilege of the session's user; resolves once durable. @throws StoreUnavailable */
  raise(session: string | null, username?: string): Promise<Raise>;
  /**
   * The user whose live key this is, or null; where `username` is given it must be that user's. Answers
   * without a promise where the store does. @throws StoreUnavailable
   */
  holder(key: string | null, username?: string): string | null | Promise<string | null>;
}

/**
 * Makes the operations over a store.
 *
 * @param store stays the caller's: close it after the last operation
 * @throws StoreUnavailable where the server's secret cannot be had now
 */
export async function openAccounts(
  store: UserStore,
  options: AccountsOptions = {},
): Promise<AccountsApi> {
  const cost = options.scrypt ?? RECOMMENDED_COST;
  return new Accounts(store, await store.secret(), cost, options);
}

/** Verified keys that are remembered, so that a check need not compute the MAC again. */
const REMEMBERED_KEYS = 10_000;

/** A key whose MAC was found right for this state of the user. */
interface RememberedKey {
  readonly claims: Claims;
  readonly pw: string;
  readonly revokedAt: number;
}

class Accounts implements AccountsApi {
  readonly #store: UserStore;
  readonly #sessions: TokenSigner;
  readonly #keys: TokenSigner;
  readonly #cost: ScryptCost;
  /** What the password of an unknown user is compared with. */
  readonly #decoy: StoredHash;
  readonly #queue: HashingQueue;
  readonly #throttle: LoginThrottle;
  readonly #now: () => number;
  readonly #keyTtl: number;
  readonly #sessionTtl: number;
  readonly #maxAge: number;
  readonly #remembered = new Map<string, RememberedKey>();

  constructor(
    store: UserStore,
    secret: Uint8Array,
    cost: ScryptCost,
    options: AccountsOptions,
  ) {
    this.#store = store;
    this.#sessions = new TokenSigner(secret, "session");
    this.#keys = new TokenSigner(secret, "key");
    this.#cost = cost;
    this.#decoy = makeDecoy(cost);
    this.#queue = new HashingQueue(
      options.hashingConcurrency ?? Math.min(8, navigator.hardwareConcurrency),
      options.hashingQueue ?? 512,
    );
    this.#throttle = new LoginThrottle(options.throttle);
    this.#now = options.now ?? Date.now;
    this.#keyTtl = options.keyTtlSeconds ?? 3600;
    this.#sessionTtl = options.sessionTtlSeconds ?? 86_400;
    this.#maxAge = options.keyCheckMaxAgeMs ?? 1500;
  }

  async register(username: string, password: string): Promise<Registration> {
    const name = checkUsername(username);
    if ("reason" in name) return { result: "unacceptable", reason: name.reason };
    const checked = checkPassword(password);
    if ("reason" in checked) return { result: "unacceptable", reason: checked.reason };
    // Asked first to spare the hashing; what decides is `add`.
    if (await this.#store.find(name.value)) return { result: "exists" };
    const pw = await this.#queue.run(() => hashPassword(password, this.#cost));
    const added = await this.#store.add(name.value, { pw, expiryTime: 0, revokedAt: 0 });
    return { result: added ? "registered" : "exists" };
  }

  async login(username: string, password: string, address: string): Promise<Login> {
    const checked = checkUsername(username);
    // What no user can have needs no hashing: that it is refused sooner tells nothing of any user.
    if ("reason" in checked || "reason" in checkPassword(password)) return { result: "refused" };
    const name = checked.value;
    const early = this.#throttled(name, address);
    if (early) return early;
    const outcome = await this.#queue.run(() => this.#attempt(name, password, address));
    if (!("user" in outcome)) return outcome;
    const expiryTime = secondsFrom(this.#now(), this.#sessionTtl);
    return {
      result: "in",
      session: {
        value: this.#sessions.mint({ name, expiryTime }, outcome.user),
        maxAgeSeconds: this.#sessionTtl,
      },
    };
  }

  async raise(session: string | null, username?: string): Promise<Raise> {
    const claims = session === null ? null : this.#sessions.read(session);
    if (session === null || claims === null) return { result: "login-required" };
    const isSession = (user: User) =>
      claims.expiryTime * 1000 > this.#now() && this.#sessions.verify(session, claims, user);
    const found = await this.#store.find(claims.name);
    if (found === null || !isSession(found)) return { result: "login-required" };
    if (username !== undefined && username.normalize("NFC") !== claims.name) {
      return { result: "forbidden" };
    }
    const now = this.#now();
    // Handed out again without touching the store, so also while that cannot be written.
    if (found.expiryTime * 1000 > now) return this.#grant("already", claims.name, found, now);
    let result: "raised" | "already" = "already";
    const user = await this.#store.update(claims.name, (user) => {
      // The user may have been changed since: what counts is who is there now.
      const raise = isSession(user) && user.expiryTime * 1000 <= now;
      result = raise ? "raised" : "already";
      return raise ? { expiryTime: secondsFrom(now, this.#keyTtl) } : null;
    });
    if (user === null || !isSession(user)) return { result: "login-required" };
    return this.#grant(result, claims.name, user, now);
  }

  holder(key: string | null, username?: string): string | null | Promise<string | null> {
    if (key === null) return null;
    const remembered = this.#remembered.get(key);
    const claims = remembered?.claims ?? this.#keys.read(key);
    if (claims === null || claims.expiryTime * 1000 <= this.#now()) return null;
    if (username !== undefined && username !== claims.name) {
      if (username.normalize("NFC") !== claims.name) return null;
    }
    const isKey = (user: User | null) => this.#isKey(key, claims, user, remembered);
    const found = this.#store.find(claims.name, this.#maxAge, isKey);
    if (found instanceof Promise) return found.then((user) => isKey(user) ? claims.name : null);
    return isKey(found) ? claims.name : null;
  }

  /** Compares a password with what is stored, counting the attempt; gives the user where it is right. */
  async #attempt(
    name: string,
    password: string,
    address: string,
  ): Promise<{ user: User } | Exclude<Login, { result: "in" }>> {
    // Asked again when its turn has come: attempts that waited together see each other's failures.
    const late = this.#throttled(name, address);
    if (late) return late;
    const attempt = this.#throttle.begin(name, address, this.#now());
    try {
      const user = await this.#authenticate(name, password);
      if (user === null) return { result: "refused" };
      attempt.succeeded();
      return { user };
    } catch (error) {
      attempt.withdrawn();
      throw error;
    }
  }

  /**
   * The user whose password this is, or null. Computes one hash whatever the case: for an unknown user it is the
   * decoy's, for a plain password of the original's file the one that will take its place.
   */
  async #authenticate(name: string, password: string): Promise<User | null> {
    const user = await this.#store.find(name);
    const stored = user === null ? this.#decoy : parseHash(user.pw);
    if (stored !== null) {
      if (!await matchesHash(password, stored) || user === null) return null;
      return isWeaker(stored.cost, this.#cost) ? await this.#rehash(name, password, user) : user;
    }
    const pw = await hashPassword(password, this.#cost);
    return equalText(password, user!.pw) ? await this.#replacePassword(name, user!, pw) : null;
  }

  /** Brings a hash up to today's cost. Ends the user's other sessions, since they are bound to the old one. */
  async #rehash(name: string, password: string, user: User): Promise<User | null> {
    const pw = await hashPassword(password, this.#cost);
    return await this.#replacePassword(name, user, pw);
  }

  /** Stores `pw`, unless the user was changed or removed meanwhile. */
  async #replacePassword(name: string, user: User, pw: string): Promise<User | null> {
    const now = await this.#store.update(name, (current) => current.pw === user.pw ? { pw } : null);
    return now?.pw === pw ? now : null;
  }

  #throttled(name: string, address: string): Login & { result: "throttled" } | null {
    const wait = this.#throttle.wait(name, address, this.#now());
    return wait > 0 ? { result: "throttled", retryAfterSeconds: Math.ceil(wait / 1000) } : null;
  }

  /** The key to the grant that is stored. */
  #grant(result: "raised" | "already", name: string, user: User, now: number): Raise {
    const { expiryTime } = user;
    const value = this.#keys.mint({ name, expiryTime }, user);
    const maxAgeSeconds = Math.ceil(expiryTime - now / 1000);
    return { result, expiryTime, key: { value, maxAgeSeconds } };
  }

  /** Whether this is the key to the grant that is stored. */
  #isKey(
    key: string,
    claims: Claims,
    user: User | null,
    remembered: RememberedKey | undefined,
  ): boolean {
    if (user === null || user.expiryTime !== claims.expiryTime) return false;
    if (remembered && remembered.pw === user.pw && remembered.revokedAt === user.revokedAt) {
      return true;
    }
    if (!this.#keys.verify(key, claims, user)) return false;
    if (this.#remembered.size >= REMEMBERED_KEYS) {
      for (const oldest of this.#remembered.keys()) {
        this.#remembered.delete(oldest);
        break;
      }
    }
    this.#remembered.set(key, { claims, pw: user.pw, revokedAt: user.revokedAt });
    return true;
  }
}

/** Unix seconds, to the millisecond, of the instant `seconds` after `now` (ms). */
function secondsFrom(now: number, seconds: number): number {
  return Math.round(now + seconds * 1000) / 1000;
}
