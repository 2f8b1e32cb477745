import {
  changeUser,
  type User,
  type UserChange,
  type UserStore,
} from "../../../lib/accounts/store/store.ts";

/**
 * A store in memory, for tests that are not about storing. With `remote` it answers `find` with a
 * promise, as a database does.
 */
export class MemoryStore implements UserStore {
  readonly users = new Map<string, User>();
  /** What `find`, `add` and `update` throw, as when the database is away. */
  failure: Error | null = null;

  constructor(
    readonly remote = false,
    private readonly bytes = crypto.getRandomValues(new Uint8Array(32)),
  ) {}

  secret() {
    return Promise.resolve(this.bytes.slice());
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
