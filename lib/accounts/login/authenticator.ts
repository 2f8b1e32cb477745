/**
 * Checks passwords: hashing that is bounded, throttled, and the same work whoever the user is.
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
  type ScryptCost,
  type StoredHash,
} from "./password_hash.ts";
import type { Requester } from "./requester.ts";
import type { User, UserStore } from "../store/store.ts";
import type { TokenSigner } from "../tokens/token_signer.ts";

/** What checking a password came to. */
export type Authentication =
  | { readonly result: "authenticated"; readonly user: User }
  | { readonly result: "refused" }
  | { readonly result: "throttled"; readonly retryAfterSeconds: number };

/** What an `Authenticator` works with. */
export interface AuthenticatorParts {
  readonly store: UserStore;
  readonly cost: ScryptCost;
  readonly queue: HashingQueue;
  readonly throttle: LoginThrottle;
  /** Reads the devices with which users have logged in. */
  readonly devices: TokenSigner;
  /** A clock that nobody sets, milliseconds. */
  readonly elapsed: () => number;
}

/** How often a check begins anew because the stored password was replaced meanwhile. */
const ATTEMPTS = 3;

/** Checks passwords against a store. */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  /** What the password of an unknown user is compared with. */
  readonly #decoy: StoredHash;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    this.#decoy = makeDecoy(parts.cost);
  }

  /** Hashes a new password. @throws TooBusy, RequesterGone */
  hash(password: string, requester: Requester): Promise<string> {
    const { queue, cost } = this.#parts;
    return queue.run(requester, () => hashPassword(password, cost));
  }

  /**
   * Whether this is the user's password.
   *
   * @param requester where the attempt comes from, for the throttle
   * @throws TooBusy, RequesterGone, StoreUnavailable
   */
  async check(name: string, password: string, requester: Requester): Promise<Authentication> {
    const device = await this.#deviceOf(name, requester.device);
    const source = { name, address: requester.address, device };
    return this.#throttled(source) ??
      await this.#parts.queue.run(requester, () => this.#attempt(source, password));
  }

  /** The id of a device with which this user has logged in; null if it is no such device. */
  async #deviceOf(name: string, device: string | null = null): Promise<string | null> {
    const { devices, store } = this.#parts;
    const claims = device === null ? null : devices.read(device);
    if (claims === null || claims.id === undefined || claims.name !== name) return null;
    const user = await store.find(name);
    return user !== null && devices.verify(device!, claims, user) ? claims.id : null;
  }

  async #attempt(source: AttemptSource, password: string): Promise<Authentication> {
    // Asked again when its turn has come: attempts that waited together see each other's failures.
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
   * The user whose password this is, or null. Computes one hash whatever the case: for an unknown
   * user against the decoy, for a plain password of the original's file the one that takes its
   * place.
   */
  async #compare(name: string, password: string): Promise<User | null> {
    const { store, cost } = this.#parts;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const user = await store.find(name);
      const stored = user === null ? this.#decoy : parseHash(user.pw);
      let pw: string;
      if (stored !== null) {
        if (!await matchesHash(password, stored) || user === null) return null;
        if (!isWeaker(stored.cost, cost)) return user;
        pw = await hashPassword(password, cost);
      } else {
        pw = await hashPassword(password, cost);
        if (!equalText(password, user!.pw)) return null;
      }
      // A login at the same time, here or on another server, may have been faster; then look again.
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
