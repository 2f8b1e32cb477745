/**
 * Checks keys: what every image waits for, so it makes no promise where the store makes none, and
 * computes a MAC only for keys it has not seen.
 */
import { BoundedMap } from "../bounded_map.ts";
import { possibleUsernames } from "../credentials.ts";
import type { User, UserStore } from "../store/store.ts";
import type { Claims, TokenSigner } from "./token_signer.ts";

/** Verified keys that are remembered. */
const REMEMBERED_KEYS = 10_000;

/** A key whose MAC was found right, and the state of the user that it was right for. */
interface RememberedKey {
  readonly claims: Claims;
  readonly pw: string;
  readonly revokedAt: number;
}

/** Checks keys against the grants in a store. */
export class KeyChecker {
  readonly #store: UserStore;
  readonly #signer: TokenSigner;
  readonly #maxAge: number;
  readonly #remembered = new BoundedMap<string, RememberedKey>(REMEMBERED_KEYS);

  /**
   * @param maxAge how old what is known of a user may be, milliseconds
   */
  constructor(store: UserStore, signer: TokenSigner, maxAge: number) {
    this.#store = store;
    this.#signer = signer;
    this.#maxAge = maxAge;
  }

  /** The user whose live key this is, where `username` is given that user's; else null. */
  verifyKey(key: string, username?: string): string | null | Promise<string | null> {
    const remembered = this.#remembered.get(key);
    const claims = remembered?.claims ?? this.#signer.read(key);
    if (claims === null || !this.#signer.isLive(claims.expiryTime)) return null;
    const { name } = claims;
    if (
      username !== undefined && username !== name && !possibleUsernames(username).includes(name)
    ) {
      return null;
    }
    const isKey = (user: User | null) => this.#isKey(key, claims, user, remembered);
    const found = this.#store.find(name, this.#maxAge, isKey);
    if (found instanceof Promise) return found.then((user) => isKey(user) ? name : null);
    return isKey(found) ? name : null;
  }

  /** Whether this is the key to the grant that is stored. */
  #isKey(
    key: string,
    claims: Claims,
    user: User | null,
    remembered: RememberedKey | undefined,
  ): boolean {
    if (user === null || user.expiryTime !== claims.expiryTime) return false;
    const { pw, revokedAt } = user;
    if (remembered && remembered.pw === pw && remembered.revokedAt === revokedAt) return true;
    if (!this.#signer.verify(key, claims, user)) return false;
    this.#remembered.set(key, { claims, pw, revokedAt });
    return true;
  }
}
