/**
 * The interface to stored users. `users.json` and PostgreSQL implement it and pass the same
 * contract tests.
 */

/** A user as stored. */
export interface User {
  /** The password: an scrypt hash in PHC form, or plain text in a file of the original program. */
  readonly pw: string;
  /** When the raised privilege ends, Unix seconds; 0 if it was never raised. */
  readonly expiryTime: number;
  /**
   * When the user's sessions and keys were last revoked, Unix seconds; 0 if never. A token is bound
   * to this value and to `pw`: changing either, or removing the user, ends every earlier token.
   */
  readonly revokedAt: number;
  /** The sessions that were logged out before they expired; absent if there are none. */
  readonly endedSessions?: readonly EndedSession[];
}

/**
 * A session that was logged out: the hash of its id, and when it would have expired, Unix seconds.
 * After that time the entry is no longer needed.
 */
export type EndedSession = readonly [hash: string, expiryTime: number];

/** The members of a user to replace. An empty list of ended sessions removes the list. */
export type UserChange = Partial<User>;

/**
 * Returns a copy of a user with changes made.
 *
 * @param user the user as stored; not modified
 */
export function changeUser<U extends User>(user: U, changes: UserChange): U {
  const { endedSessions, ...changed } = { ...user, ...changes };
  return (endedSessions?.length ? { ...changed, endedSessions } : changed) as U;
}

/**
 * A store of users. The promise of a change resolves once the change is durable (fsynced or
 * committed). It rejects with `StoreUnavailable`, and the store is unchanged, if that fails.
 */
export interface UserStore {
  /** Returns the 32-byte secret that all servers of the store share; made on first use. */
  secret(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Returns the user of this name; null if there is none. A user in memory is returned without a
   * promise, so that a key check needs no I/O.
   *
   * @param maxAge maximum age of a cached user, milliseconds (0: read it now)
   * @param accept whether a cached user will do; if it returns false, the user is read again
   */
  find(
    name: string,
    maxAge?: number,
    accept?: (user: User | null) => boolean,
  ): User | null | Promise<User | null>;
  /** Adds a user. Resolves with false, and changes nothing, if the name is taken. */
  add(name: string, user: User): Promise<boolean>;
  /**
   * Changes a user atomically. Resolves with the user as stored afterwards; null if there is no
   * such user.
   *
   * @param change maps the current user to the changes, or to null for none; must be pure, because
   * it may run more than once
   */
  update(name: string, change: (user: User) => UserChange | null): Promise<User | null>;
  /** Removes a user. Resolves with false if there is no such user. */
  remove(name: string): Promise<boolean>;
  /** Iterates over all users in the order of registration. */
  list(): AsyncIterable<[name: string, user: User]>;
  /** Makes pending changes durable and releases files, locks and connections. */
  close(): Promise<void>;
}

/** The store cannot be read or changed now: disk full, directory read-only, database down. */
export class StoreUnavailable extends Error {
  static {
    this.prototype.name = "StoreUnavailable";
  }
}

/** The store cannot be opened: it is damaged, in use, or not permitted. The message says which. */
export class StoreUnusable extends Error {
  static {
    this.prototype.name = "StoreUnusable";
  }
}

/** Another process is using the store. */
export class StoreInUse extends StoreUnusable {
  static {
    this.prototype.name = "StoreInUse";
  }
}
