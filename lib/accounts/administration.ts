/**
 * The administrator's operations on users: an interface, and its implementation on a store. The
 * interface has a second implementation that asks a running server, because only that server may
 * use its store.
 */
import { checkPassword, checkUsername, isOldUsername } from "./credentials.ts";
import { JsonDamage } from "./store/json/json_scanner.ts";
import { hashPassword, isHash, RECOMMENDED_COST, type ScryptCost } from "./login/password_hash.ts";
import type { User, UserStore } from "./store/store.ts";
import { revokeEverything } from "./tokens/token_signer.ts";
import { parseUsers } from "./store/json/users_file.ts";

/** A user as `server user list` shows it. */
export interface ListedUser {
  /** The username. */
  readonly name: string;
  /** When the raised privilege ends, Unix seconds; 0 if it is not raised. */
  readonly raisedUntil: number;
  /** Whether the password is stored as a hash rather than as plain text. */
  readonly isHashed: boolean;
}

/** The outcome of an import. */
export interface ImportResult {
  /** How many users were added. */
  readonly added: number;
  /** How many users existed already and are unchanged. */
  readonly present: number;
  /** The users that break a rule, each with the reason as a sentence. */
  readonly refused: readonly (readonly [name: string, reason: string])[];
}

/**
 * The administrator's operations. Names are normalized to NFC. Each operation throws
 * `StoreUnavailable` if the users cannot be read or changed now.
 */
export interface Administration {
  /** Returns every user, in the order of registration. */
  list(): Promise<readonly ListedUser[]>;
  /** Whether a user of this name exists. */
  has(name: string): Promise<boolean>;
  /** Removes a user. Resolves with false if there is no such user. */
  remove(name: string): Promise<boolean>;
  /**
   * Changes a user's password, which ends the user's sessions and keys. Resolves with false if
   * there is no such user.
   *
   * @throws {UnfitUsers} if the password breaks a rule
   */
  changePassword(name: string, password: string): Promise<boolean>;
  /** Ends a user's sessions, devices and keys. Resolves with false if there is no such user. */
  revoke(name: string): Promise<boolean>;
  /**
   * Adds the users that do not exist yet.
   *
   * @param usersFile the content of a `users.json`
   * @throws {UnfitUsers} if it is not in the format of `users.json`
   */
  import(usersFile: Uint8Array): Promise<ImportResult>;
  /** Releases the store or the connection. */
  close(): Promise<void>;
}

/** A password or a `users.json` is not acceptable. The message says why, without quoting it. */
export class UnfitUsers extends Error {
  static {
    this.prototype.name = "UnfitUsers";
  }
}

/** Options of `StoreAdministration`, each with its default. */
export interface AdministrationOptions {
  /** Wall clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
  /** Cost of a new password hash (`RECOMMENDED_COST`). Lower it in tests only. */
  readonly scrypt?: ScryptCost;
}

/** How many users are listed before other work gets a turn. */
const LIST_BATCH = 500;

/** How many users are added concurrently. */
const ADD_BATCH = 50;

/** Administers the users of a store. */
export class StoreAdministration implements Administration {
  readonly #store: UserStore;
  readonly #now: () => number;
  readonly #scrypt: ScryptCost;

  /**
   * Administers a store.
   *
   * @param store is closed by `close`
   */
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
      if (users.length % LIST_BATCH === 0) await new Promise((resolve) => setTimeout(resolve, 0));
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
    for (let from = 0; from < fit.length; from += ADD_BATCH) {
      const some = fit.slice(from, from + ADD_BATCH);
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

/** Returns why a user of a file cannot be imported; null if it can. */
function unfit(name: string, user: User): string | null {
  // Version 1.0.0 registered some names that are refused now.
  const checked = isOldUsername(name) ? null : checkUsername(name);
  if (checked !== null && "reason" in checked) return checked.reason;
  return /[\0\p{Cs}]/u.test(user.pw) ? "the password contains NUL or a lone surrogate" : null;
}
