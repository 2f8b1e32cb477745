/** A store for tests that are not about storing. */
import {
  changeUser,
  type User,
  type UserChange,
  type UserStore,
} from "../../../lib/accounts/store/store.ts";

/**
 * A store in memory, for tests that are not about storing. If `remote`, `find` returns a promise,
 * as that of a database does.
 */
export class MemoryStore implements UserStore {
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly users = new Map<string, User>();
  /** What `find`, `add` and `update` throw, as if the database were down. */
  failure: Error | null = null;

  constructor(
    readonly remote = false,
    secret = crypto.getRandomValues(new Uint8Array(32)),
  ) {
    this.#secret = secret;
  }

  secret() {
    return Promise.resolve(this.#secret.slice());
  }

  find(name: string): User | null | Promise<User | null> {
    if (this.failure) return Promise.reject(this.failure);
    const user = this.users.get(name) ?? null;
    return this.remote ? Promise.resolve(user) : user;
  }

  add(name: string, user: User): Promise<boolean> {
    if (this.failure) return Promise.reject(this.failure);
    if (this.users.has(name)) return Promise.resolve(false);
    this.users.set(name, user);
    return Promise.resolve(true);
  }

  update(name: string, change: (user: User) => UserChange | null): Promise<User | null> {
    if (this.failure) return Promise.reject(this.failure);
    const user = this.users.get(name);
    const changes = user && change(user);
    if (user && changes) this.users.set(name, changeUser(user, changes));
    return Promise.resolve(this.users.get(name) ?? null);
  }

  remove(name: string): Promise<boolean> {
    return Promise.resolve(this.users.delete(name));
  }

  async *list(): AsyncIterable<[string, User]> {
    yield* this.users;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
