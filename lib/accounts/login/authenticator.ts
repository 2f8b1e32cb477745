/**
 * Password checks: throttled, queued, and with the same amount of work for every user, known or
 * not.
 */
import { HashingQueue } from "./hashing_queue.ts";
import type { AttemptSource, LoginThrottle } from "./login_throttle.ts";
import {
  equalText,
  hashPassword,
  isWeaker,
  makeDecoy,
  matchesHash,
  parseHash,
  type PasswordHasher,
  type ScryptCost,
  type StoredHash,
} from "./password_hash.ts";
import type { Requester } from "./requester.ts";
import type { User, UserStore } from "../store/store.ts";
import type { TokenSigner } from "../tokens/token_signer.ts";

/** The outcome of a password check. */
export type Authentication =
  | { readonly result: "authenticated"; readonly user: User }
  | { readonly result: "refused" }
  | { readonly result: "throttled"; readonly retryAfterSeconds: number };

/** The collaborators of an `Authenticator`. */
export interface AuthenticatorParts {
  readonly store: UserStore;
  /** Cost of new hashes. */
  readonly cost: ScryptCost;
  readonly queue: HashingQueue;
  readonly throttle: LoginThrottle;
  /** Verifies device tokens. */
  readonly devices: TokenSigner;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
  /** Computes the hashes (scrypt). */
  readonly hasher?: PasswordHasher;
}

/** How often a check starts over because the stored hash was replaced meanwhile. */
const ATTEMPTS = 3;

/** Checks passwords against a store. */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #hasher: PasswordHasher;
  /** Stands in for the hash of an unknown user. */
  readonly #decoy: StoredHash;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    this.#hasher = parts.hasher ?? { hashPassword, matchesHash };
    this.#decoy = makeDecoy(parts.cost);
  }

  /**
   * Hashes a new password.
   *
   * @throws {TooBusy} if the hashing queue is full
   * @throws {RequesterGone} if the client disconnects first
   */
  hash(password: string, requester: Requester): Promise<string> {
    const { queue, cost } = this.#parts;
    return queue.run(requester, () => this.#hasher.hashPassword(password, cost));
  }

  /**
   * Checks a user's password.
   *
   * @param requester the client, whose failed attempts are throttled
   * @throws {TooBusy} if the hashing queue is full
   * @throws {RequesterGone} if the client disconnects first
   * @throws {StoreUnavailable} if the store cannot be read or written now
   */
  async check(name: string, password: string, requester: Requester): Promise<Authentication> {
    const device = await this.#deviceOf(name, requester.device);
    const source = { name, address: requester.address, device };
    return this.#throttled(source) ??
      await this.#parts.queue.run(requester, () => this.#attempt(source, password));
  }

  /** Returns the id of a device that this user has logged in with; null for any other token. */
  async #deviceOf(name: string, device: string | null = null): Promise<string | null> {
    const { devices, store } = this.#parts;
    const claims = device === null ? null : devices.read(device);
    if (claims === null || claims.name !== name) return null;
    const user = await store.find(name);
    return user !== null && devices.verify(device!, claims, user) ? claims.id ?? null : null;
  }

  async #attempt(source: AttemptSource, password: string): Promise<Authentication> {
    // Checked again after the wait in the queue, so that queued attempts see each other's failures.
    const late = this.#throttled(source);
    if (late !== null) return late;
    const attempt = this.#parts.throttle.begin(source, this.#parts.elapsed());
    try {
      const user = await this.#compare(source.name, password);
      if (user === null) return { result: "refused" };
      attempt.succeeded();
      return { result: "authenticated", user };
    } catch (error) {
      attempt.withdrawn();
      throw error;
    }
  }

  /**
   * Returns the user if the password is right; else null. A wrong password costs one hash in every
   * case: an unknown user is compared with the decoy, and for a stored plain password the hash that
   * would replace it is computed.
   */
  async #compare(name: string, password: string): Promise<User | null> {
    const { store, cost } = this.#parts;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const user = await store.find(name);
      const stored = user === null ? this.#decoy : parseHash(user.pw);
      let pw: string;
      if (stored !== null) {
        if (!await this.#hasher.matchesHash(password, stored) || user === null) return null;
        if (!isWeaker(stored.cost, cost)) return user;
        pw = await this.#hasher.hashPassword(password, cost);
      } else {
        pw = await this.#hasher.hashPassword(password, cost);
        if (!equalText(password, user!.pw)) return null;
      }
      // A concurrent login, here or on another server, may have replaced the hash first.
      const replaced = await store.update(name, (now) => now.pw === user!.pw ? { pw } : null);
      if (replaced?.pw === pw) return replaced;
    }
    return null;
  }

  #throttled(source: AttemptSource): Authentication & { result: "throttled" } | null {
    const wait = this.#parts.throttle.wait(source, this.#parts.elapsed());
    return wait > 0 ? { result: "throttled", retryAfterSeconds: Math.ceil(wait / 1000) } : null;
  }
}
