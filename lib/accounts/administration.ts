/**
 * What an administrator can do with the users: an interface, because a running server is the only one
 * that may touch its store, and its implementation on a store.
 */
import { checkPassword, checkUsername, isOldUsername } from "./credentials.ts";
import { JsonDamage } from "./store/json/json_scanner.ts";
import { hashPassword, isHash, RECOMMENDED_COST, type ScryptCost } from "./login/password_hash.ts";
import type { User, UserStore } from "./store/store.ts";
import { revokeEverything } from "./tokens/token_signer.ts";
import { parseUsers } from "./store/json/users_file.ts";

/** A user as `server user list` shows it. */
export interface ListedUser {
  readonly name: string;
  /** When the raised privilege ends, Unix seconds; 0 if it is not raised. */
  readonly raisedUntil: number;
  /** Whether the password is stored as a hash, not as the plain text of the original program. */
  readonly isHashed: boolean;
}

/** What became of the users that were to be imported. */
export interface ImportResult {
  /** How many were added. */
  readonly added: number;
  /** How many were there already, and stay as they are. */
  readonly present: number;
  /** Those that not every store could hold, each with a sentence that says why. */
  readonly refused: readonly (readonly [name: string, reason: string])[];
}

/**
 * The administrator's operations. All of them throw `StoreUnavailable` if the users cannot be read or
 * changed now. A name is taken in NFC.
 */
export interface Administration {
  /** Returns every user, in the order of registration. */
  list(): Promise<readonly ListedUser[]>;
  /** Whether there is such a user. */
  has(name: string): Promise<boolean>;
  /** Removes a user; false if there is none. */
  remove(name: string): Promise<boolean>;
  /**
   * Gives a user a new password, which ends all sessions and keys; false if there is no such user.
   *
   * @throws {UnfitUsers} if nobody may have the password
   */
  changePassword(name: string, password: string): Promise<boolean>;
  /** Ends a user's sessions, devices and keys; false if there is no such user. */
  revoke(name: string): Promise<boolean>;
  /**
   * Adds the users who are not there yet.
   *
   * @param usersFile content of a `users.json`
   * @throws {UnfitUsers} if it is not of that shape
   */
  import(usersFile: Uint8Array): Promise<ImportResult>;
  /** Gives up what it holds. */
  close(): Promise<void>;
}

/** A password or a `users.json` cannot be accepted; the message says why, without quoting it. */
export class UnfitUsers extends Error {
  override readonly name = "UnfitUsers";
}

/** Options of an administration, each with its default. */
export interface AdministrationOptions {
  /** The clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
  /** Cost of a new password hash (`RECOMMENDED_COST`). Lower it in tests only. */
  readonly scrypt?: ScryptCost;
}

/** Users listed, or added at once, before other work gets its turn. */
const BATCH = 500, ADDED_AT_ONCE = 50;

/** The operations on a store. */
export class StoreAdministration implements Administration {
  readonly #store: UserStore;
  readonly #now: () => number;
  readonly #scrypt: ScryptCost;

  /** @param store closed by `close` */
  constructor(store: UserStore, options: AdministrationOptions = {}) {
    this.#store = store;
    this.#now = options.now ?? Date.now;
    this.#scrypt = options.scrypt ?? RECOMMENDED_COST;
  }

  async list(): Promise<readonly ListedUser[]> {
    const users: ListedUser[] = [];
    for await (const [name, { pw, expiryTime }] of this.#store.list()) {
      const raisedUntil = expiryTime * 1000 > this.#now() ? expiryTime : 0;
      users.push({ name, raisedUntil, isHashed: isHash(pw) });
      if (users.length % BATCH === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return users;
  }

  async has(name: string): Promise<boolean> {
    return await this.#store.find(name.normalize("NFC")) !== null;
  }

  remove(name: string): Promise<boolean> {
    return this.#store.remove(name.normalize("NFC"));
  }

  async changePassword(name: string, password: string): Promise<boolean> {
    const checked = checkPassword(password);
    if ("reason" in checked) throw new UnfitUsers(checked.reason);
    const pw = await hashPassword(password, this.#scrypt);
    return await this.#store.update(name.normalize("NFC"), () => ({ pw })) !== null;
  }

  async revoke(name: string): Promise<boolean> {
    const change = (user: User) => revokeEverything(user, this.#now());
    return await this.#store.update(name.normalize("NFC"), change) !== null;
  }

  async import(usersFile: Uint8Array): Promise<ImportResult> {
    const fit: (readonly [name: string, user: User])[] = [];
    const refused: (readonly [name: string, reason: string])[] = [];
    for (const [name, user] of parse(usersFile)) {
      const reason = unfit(name, user);
      if (reason === null) fit.push([name, user]);
      else refused.push([name, reason]);
    }
    let added = 0;
    for (let from = 0; from < fit.length; from += ADDED_AT_ONCE) {
      const some = fit.slice(from, from + ADDED_AT_ONCE);
      const outcomes = await Promise.all(some.map(([name, user]) => this.#store.add(name, user)));
      added += outcomes.filter(Boolean).length;
    }
    return { added, present: fit.length - added, refused };
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

function parse(usersFile: Uint8Array): Map<string, User> {
  try {
    return parseUsers(usersFile);
  } catch (error) {
    if (!(error instanceof JsonDamage)) throw error;
    throw new UnfitUsers(`line ${error.line}, column ${error.column}: ${error.message}`);
  }
}

/** Why not every store could hold this user of a file; null if all can. */
function unfit(name: string, user: User): string | null {
  // A name that only version 1.0.0 registered is as good as any.
  const checked = isOldUsername(name) ? null : checkUsername(name);
  if (checked !== null && "reason" in checked) return checked.reason;
  return /[\0\p{Cs}]/u.test(user.pw) ? "the password holds characters that are not text" : null;
}
