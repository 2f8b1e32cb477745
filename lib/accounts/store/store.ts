/**
 * Where users and their grants are kept. Accounts knows only this interface; `users.json` and
 * PostgreSQL are its two implementations, held to one contract test suite.
 */

/** A user as stored. */
export interface User {
  /**
   * The password: an scrypt hash in PHC form, or, in a file of the original program, plain text.
   */
  readonly pw: string;
  /** When the raised privilege ends, Unix seconds; 0 for never raised. */
  readonly expiryTime: number;
  /**
   * When the user's sessions and keys were last revoked, Unix seconds; 0 for never. A token is
   * bound to this value and to `pw`: a change of either, or a removed user, ends all tokens minted
   * before.
   */
  readonly revokedAt: number;
  /** The sessions that were logged out before their end; absent if there are none. */
  readonly endedSessions?: readonly EndedSession[];
}

/**
 * A session that was logged out: a hash of its id, and when it would have ended, Unix seconds. After
 * that time the entry is superfluous.
 */
export type EndedSession = readonly [hash: string, expiryTime: number];

/** What may be changed of a user. An empty list of ended sessions removes the list. */
export type UserChange = Partial<User>;

/**
 * Returns the user with the changes made.
 *
 * @param user the user as stored; not changed itself
 */
export function changeUser<U extends User>(user: U, changes: UserChange): U {
  const { endedSessions, ...changed } = { ...user, ...changes };
  return (endedSessions?.length ? { ...changed, endedSessions } : changed) as U;
}

/**
 * The store. Every promise of a change resolves once the change is durable (fsynced or committed)
 * and rejects with `StoreUnavailable`, the store unchanged, when it cannot be made so now.
 */
export interface UserStore {
  /**
   * The server's secret, 32 random bytes, made on first use and the same for every server of the
   * store.
   */
  secret(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The user of this name, or null. Answers at once where the answer is in memory (no promise), so
   * that a key check costs no I/O.
   *
   * @param maxAge how old the answer may be, milliseconds (0: as it is now)
   * @param accept whether an answer that is not fresh will do; where it says no, the store is asked
   * again
   */
  find(
    name: string,
    maxAge?: number,
    accept?: (user: User | null) => boolean,
  ): User | null | Promise<User | null>;
  /** Adds a user; false, and no change, where the name is taken. */
  add(name: string, user: User): Promise<boolean>;
  /**
   * Changes a user in one step: `change` sees the user as it is and returns what to change, or null
   * for nothing. Must be pure: it may run more than once. Resolves with the user as it then is,
   * null where there is no such user.
   */
  update(name: string, change: (user: User) => UserChange | null): Promise<User | null>;
  /** Removes a user; false where there was none. */
  remove(name: string): Promise<boolean>;
  /** Every user with its name, in the order of registration. */
  list(): AsyncIterable<[name: string, user: User]>;
  /** Makes all of it durable and gives up files, locks and connections. */
  close(): Promise<void>;
}

/** The store cannot take the change now: disk full, directory read-only, database away. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** The store cannot be opened: damaged, in use by another server, not permitted. One sentence. */
export class StoreUnusable extends Error {
  override readonly name: string = "StoreUnusable";
}

/** Another process is using the store. One sentence. */
export class StoreInUse extends StoreUnusable {
  override readonly name = "StoreInUse";
}
