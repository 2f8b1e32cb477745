/**
 * Who may do what: registration, login, the raised privilege and its check, over any `UserStore`.
 * Knows no HTTP; the routes turn its answers into statuses and tokens.
 */
import type { AccountsApi, AccountsOptions, Login, Raise, Registration } from "./api.ts";
import { Authenticator } from "./authenticator.ts";
import { checkPassword, checkUsername } from "./credentials.ts";
import { HashingQueue } from "./hashing_queue.ts";
import { KeyChecker } from "./key_checker.ts";
import { LoginThrottle } from "./login_throttle.ts";
import { RECOMMENDED_COST } from "./password_hash.ts";
import type { User, UserStore } from "./store.ts";
import { makeId, type Purpose, TokenSigner } from "./token.ts";

export type { AccountsApi, AccountsOptions, Login, Raise, Registration, Token } from "./api.ts";
export { TooBusy } from "./hashing_queue.ts";

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
  return new Accounts(store, await store.secret(), options);
}

class Accounts implements AccountsApi {
  readonly #store: UserStore;
  readonly #authenticator: Authenticator;
  readonly #sessions: TokenSigner;
  readonly #keys: TokenSigner;
  readonly #keyChecker: KeyChecker;
  readonly #now: () => number;
  readonly #keyTtl: number;
  readonly #sessionTtl: number;

  constructor(store: UserStore, secret: Uint8Array, options: AccountsOptions) {
    this.#store = store;
    this.#now = options.now ?? Date.now;
    this.#keyTtl = options.keyTtlSeconds ?? 3600;
    this.#sessionTtl = options.sessionTtlSeconds ?? 86_400;
    const signer = (purpose: Purpose, lifetimeSeconds: number) =>
      new TokenSigner({ secret, purpose, lifetimeSeconds, now: this.#now });
    this.#sessions = signer("session", this.#sessionTtl);
    this.#keys = signer("key", this.#keyTtl);
    this.#keyChecker = new KeyChecker(store, this.#keys, options.keyCheckMaxAgeMs ?? 1500);
    this.#authenticator = new Authenticator({
      store,
      cost: options.scrypt ?? RECOMMENDED_COST,
      queue: new HashingQueue(
        options.hashingConcurrency ?? Math.min(8, navigator.hardwareConcurrency),
        options.hashingQueue ?? 512,
      ),
      throttle: new LoginThrottle(options.throttle),
      now: this.#now,
    });
  }

  async register(username: string, password: string): Promise<Registration> {
    const name = checkUsername(username);
    if ("reason" in name) return { result: "unacceptable", reason: name.reason };
    const checked = checkPassword(password);
    if ("reason" in checked) return { result: "unacceptable", reason: checked.reason };
    // Asked first to spare the hashing; what decides is `add`.
    if (await this.#store.find(name.value)) return { result: "exists" };
    const pw = await this.#authenticator.hash(password);
    const added = await this.#store.add(name.value, { pw, expiryTime: 0, revokedAt: 0 });
    return { result: added ? "registered" : "exists" };
  }

  async login(username: string, password: string, address: string): Promise<Login> {
    const name = checkUsername(username);
    // What no user can have needs no hashing: that it is refused sooner tells nothing of any user.
    if ("reason" in name || "reason" in checkPassword(password)) return { result: "refused" };
    const authentication = await this.#authenticator.check(name.value, password, address);
    if (authentication.result !== "authenticated") return authentication;
    const claims = {
      name: name.value,
      expiryTime: secondsFrom(this.#now(), this.#sessionTtl),
      id: makeId(),
    };
    const value = this.#sessions.mint(claims, authentication.user);
    return { result: "in", session: { value, maxAgeSeconds: this.#sessionTtl } };
  }

  async raise(session: string | null, username?: string): Promise<Raise> {
    const claims = session === null ? null : this.#sessions.read(session);
    if (session === null || claims === null) return { result: "login-required" };
    const isSession = (user: User) =>
      this.#sessions.isLive(claims.expiryTime) && this.#sessions.verify(session, claims, user);
    const found = await this.#store.find(claims.name);
    if (found === null || !isSession(found)) return { result: "login-required" };
    if (username !== undefined && username.normalize("NFC") !== claims.name) {
      return { result: "forbidden" };
    }
    const now = this.#now();
    // Handed out again without touching the store, so also while that cannot be written.
    if (this.#keys.isLive(found.expiryTime)) return this.#grant("already", claims.name, found, now);
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

  holder(key: string | null, username?: string): string | null | Promise<string | null> {
    return key === null ? null : this.#keyChecker.holder(key, username);
  }

  /** The key to the grant that is stored. */
  #grant(result: "raised" | "already", name: string, user: User, now: number): Raise {
    const { expiryTime } = user;
    const value = this.#keys.mint({ name, expiryTime }, user);
    const maxAgeSeconds = Math.ceil(expiryTime - now / 1000);
    return { result, expiryTime, key: { value, maxAgeSeconds } };
  }
}

/** Unix seconds, to the millisecond, of the instant `seconds` after `now` (ms). */
function secondsFrom(now: number, seconds: number): number {
  return Math.round(now + seconds * 1000) / 1000;
}
