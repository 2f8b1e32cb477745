/** A short-lived cache of users read from a remote store, so that many key checks need one read. */
import { BoundedMap } from "../../bounded_map.ts";
import type { User } from "../store.ts";

/** Maximum number of cached users. */
const CAPACITY = 10_000;

interface CachedUser {
  readonly user: User | null;
  /** When the read started, milliseconds of `performance.now`. The user may be as old as that. */
  readonly since: number;
}

/** Caches users. Each caller says how old a cached user may be. */
export class UserCache {
  readonly #read: (name: string) => Promise<User | null>;
  readonly #cached = new BoundedMap<string, CachedUser>(CAPACITY);
  readonly #reading = new Map<string, Promise<User | null>>();

  /** @param read reads a user from the store */
  constructor(read: (name: string) => Promise<User | null>) {
    this.#read = read;
  }

  /**
   * Returns the cached user if it is at most `maxAge` milliseconds old and accepted; else reads the
   * user. Concurrent callers share a read. No caller causes more than one read.
   *
   * @param accept whether a cached or shared user will do. Another server may have changed the user
   * since: a key that was issued there a moment ago must not be refused because of the cache
   */
  find(
    name: string,
    maxAge: number,
    accept: (user: User | null) => boolean = () => true,
  ): User | null | Promise<User | null> {
    const cached = this.#cached.get(name);
    if (cached && performance.now() - cached.since <= maxAge && accept(cached.user)) {
      return cached.user;
    }
    const reading = this.#reading.get(name);
    if (reading) return reading.then((user) => accept(user) ? user : this.#begin(name));
    return this.#begin(name);
  }

  /** Drops a user that was changed. A read under way is not cached. */
  forget(name: string): void {
    this.#cached.delete(name);
    this.#reading.delete(name);
  }

  #begin(name: string): Promise<User | null> {
    const since = performance.now();
    const reading = this.#read(name).then((user) => {
      if (this.#reading.get(name) === reading) {
        this.#cached.set(name, { user, since });
      }
      return user;
    }).finally(() => {
      if (this.#reading.get(name) === reading) this.#reading.delete(name);
    });
    this.#reading.set(name, reading);
    return reading;
  }
}
