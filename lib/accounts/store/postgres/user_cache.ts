/**
 * A short memory of what was read from a store that is not at hand, so that a row of key checks
 * costs one read.
 */
import { BoundedMap } from "../../bounded_map.ts";
import type { User } from "../store.ts";

/** How many users are remembered at most. */
const CAPACITY = 10_000;

interface Remembered {
  readonly user: User | null;
  /** When the read began, milliseconds of `performance.now`: what it saw may be as old as that. */
  readonly since: number;
}

/** Remembers users for as long as each caller allows. */
export class UserCache {
  readonly #read: (name: string) => Promise<User | null>;
  readonly #remembered = new BoundedMap<string, Remembered>(CAPACITY);
  readonly #reading = new Map<string, Promise<User | null>>();

  /** @param read asks the store */
  constructor(read: (name: string) => Promise<User | null>) {
    this.#read = read;
  }

  /**
   * The user, from memory where that is at most `maxAge` milliseconds old and `accept`, else from
   * the store. Callers that come while a read of the same user is under way share it. No caller
   * causes more than one read.
   *
   * @param accept whether a remembered answer will do. Another server may have just made a better
   * one true: a key that memory does not know yet must not be refused because of memory
   */
  find(
    name: string,
    maxAge: number,
    accept: (user: User | null) => boolean = () => true,
  ): User | null | Promise<User | null> {
    const remembered = this.#remembered.get(name);
    if (remembered && performance.now() - remembered.since <= maxAge && accept(remembered.user)) {
      return remembered.user;
    }
    const reading = this.#reading.get(name);
    if (reading) return reading.then((user) => accept(user) ? user : this.#begin(name));
    return this.#begin(name);
  }

  /** Forgets a user who was changed, also where a read is under way. */
  forget(name: string): void {
    this.#remembered.delete(name);
    this.#reading.delete(name);
  }

  #begin(name: string): Promise<User | null> {
    const since = performance.now();
    const reading = this.#read(name).then((user) => {
      if (this.#reading.get(name) === reading) {
        this.#remembered.set(name, { user, since });
      }
      return user;
    }).finally(() => {
      if (this.#reading.get(name) === reading) this.#reading.delete(name);
    });
    this.#reading.set(name, reading);
    return reading;
  }
}
