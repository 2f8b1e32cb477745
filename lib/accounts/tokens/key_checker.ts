/**
 * Key checks. Every image request waits for one, so a check returns no promise unless the store
 * does, and computes MACs only for a key that was not verified before.
 */
import { BoundedMap } from "../bounded_map.ts";
import { possibleUsernames } from "../credentials.ts";
import type { User, UserStore } from "../store/store.ts";
import type { Claims, TokenSigner } from "./token_signer.ts";

/** Default of `KeyCheckerOptions.capacity`. */
const CACHED_KEYS = 10_000;

/** The claims of a verified key, and the state of the user that it was verified for. */
interface VerifiedKey {
  readonly claims: Claims;
  readonly pw: string;
  readonly revokedAt: number;
}

/** The options of a `KeyChecker`. */
export interface KeyCheckerOptions {
  readonly store: UserStore;
  readonly signer: Pick<TokenSigner, "read" | "isLive" | "verify">;
  /** Maximum age of a cached user, milliseconds. */
  readonly maxAgeMs: number;
  /** Maximum number of cached keys (10,000). */
  readonly capacity?: number;
}

/** Verifies keys against the grants in a store. */
export class KeyChecker {
  readonly #store: UserStore;
  readonly #signer: KeyCheckerOptions["signer"];
  readonly #maxAgeMs: number;
  readonly #verified: BoundedMap<string, VerifiedKey>;

  /** Checks keys that `signer` mints for the users of `store`. */
  constructor({ store, signer, maxAgeMs, capacity = CACHED_KEYS }: KeyCheckerOptions) {
    this.#store = store;
    this.#signer = signer;
    this.#maxAgeMs = maxAgeMs;
    this.#verified = new BoundedMap(capacity);
  }

  /** Returns the user whose live key this is; null if there is none, or it is not `username`. */
  verifyKey(key: string, username?: string): string | null | Promise<string | null> {
    const verified = this.#verified.get(key);
    const claims = verified?.claims ?? this.#signer.read(key);
    if (claims === null || !this.#signer.isLive(claims.expiryTime)) return null;
    const { name } = claims;
    if (
      username !== undefined && username !== name && !possibleUsernames(username).includes(name)
    ) {
      return null;
    }
    const isKey = (user: User | null) => this.#isKey(key, claims, user, verified);
    const found = this.#store.find(name, this.#maxAgeMs, isKey);
    if (found instanceof Promise) return found.then((user) => isKey(user) ? name : null);
    return isKey(found) ? name : null;
  }

  /** Whether this is the key of the stored grant. */
  #isKey(
    key: string,
    claims: Claims,
    user: User | null,
    verified: VerifiedKey | undefined,
  ): boolean {
    if (user === null || user.expiryTime !== claims.expiryTime) return false;
    const { pw, revokedAt } = user;
    if (verified && verified.pw === pw && verified.revokedAt === revokedAt) return true;
    if (!this.#signer.verify(key, claims, user)) return false;
    this.#verified.set(key, { claims, pw, revokedAt });
    return true;
  }
}
