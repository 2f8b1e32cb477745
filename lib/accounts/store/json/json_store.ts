/**
 * The store in `users.json`, which people can read and edit. All users are in memory. A change is
 * written to the journal; `users.json` is rewritten after a moment without changes.
 */
import { dirname, join } from "@std/path";
import { type DirectoryLock, lockDirectory } from "./directory_lock.ts";
import { type FileSystem, overwriteFile, restrictFile, writeFileAtomic } from "../atomic_file.ts";
import { type Decision, GroupCommit } from "./group_commit.ts";
import { type DroppedTail, Journal } from "./journal.ts";
import { JsonDamage } from "./json_scanner.ts";
import { loadSecret } from "../server_secret.ts";
import {
  changeUser,
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserChange,
  type UserStore,
} from "../store.ts";
import { describeDamage, type FileUser, parseUsers } from "./users_file.ts";
import { Checkpointer, type CheckpointOptions } from "./checkpointer.ts";

/** Options of the JSON store, each with its default. */
export interface JsonStoreOptions extends CheckpointOptions {
  /** The file system (`Deno`). */
  fs?: FileSystem;
  /** Whether a missing directory is an error (false: it is created). */
  mustExist?: boolean;
}

/**
 * Opens a data directory: locks it and creates the files that are missing.
 *
 * @param directory contains `users.json`, its journal, its lock file and `server_secret`
 * @throws {StoreUnusable} if it cannot be used; nothing was overwritten. End the process with
 * `Deno.exit` then, because a thread may still wait for the lock
 */
export async function openJsonStore(
  directory: string,
  options: JsonStoreOptions = {},
): Promise<UserStore> {
  const { fs = Deno, warn = () => {} } = options;
  const locks: DirectoryLock[] = [];
  try {
    if (!options.mustExist) await fs.mkdir(directory, { recursive: true });
    locks.push(await lockDirectory(fs, directory));
    const path = await usersFilePath(fs, directory);
    // If `users.json` is a link, two data directories may share its target.
    if (dirname(path) !== await fs.realPath(directory)) {
      locks.push(await lockDirectory(fs, dirname(path), false));
    }
    await tidy(fs, directory, path);
    const secret = await loadSecret(fs, join(directory, "server_secret"));
    const { users, length, journal, dropped } = await readUsers(path, fs);
    for (const secret of [join(directory, "server_secret"), path, ...journal.sealed]) {
      if (await restrictFile(fs, secret)) {
        warn(`others could read ${secret}; now only its owner can (mode 0600)`);
      }
    }
    for (const { path, tail } of dropped) {
      await writeFileAtomic(fs, `${path}.torn`, [tail]);
      warn(
        `${path} ended in ${tail.length} bytes that a crash had torn; ` +
          `they were never acknowledged and are kept in ${path}.torn`,
      );
    }
    const checkpointer = new Checkpointer({ fs, path, length, users, journal }, options);
    return new JsonStore(users, journal, checkpointer, secret, locks);
  } catch (error) {
    for (const lock of locks) lock.close();
    if (error instanceof StoreUnusable) throw error;
    if (error instanceof Deno.errors.NotFound && options.mustExist) {
      throw new StoreUnusable(`the data directory ${directory} does not exist`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreUnusable(`the data directory ${directory} cannot be used: ${reason}`);
  }
}

/**
 * Returns the real path of `users.json`, which may be a link. Creates the file if it is missing.
 */
async function usersFilePath(fs: FileSystem, directory: string): Promise<string> {
  const path = join(await fs.realPath(directory), "users.json");
  try {
    return await fs.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await writeFileAtomic(fs, path, [new TextEncoder().encode("{}\n")]);
    return path;
  }
}

/** Completes or removes files that a crash left half-written. Call with the lock held. */
async function tidy(fs: FileSystem, directory: string, path: string): Promise<void> {
  await overwriteFile(fs, path);
  for (const name of [`${path}.tmp`, join(directory, "server_secret.tmp")]) {
    await fs.remove(name).catch(() => {});
  }
}

/**
 * Reads the users of a `users.json` and its journal. Changes no file.
 *
 * @throws {StoreUnusable} if a file is damaged; the message says where
 */
export async function readUsers(path: string, fs: FileSystem = Deno): Promise<{
  users: Map<string, FileUser>;
  length: number;
  journal: Journal;
  dropped: DroppedTail[];
}> {
  const bytes = await fs.readFile(path);
  const { length } = bytes;
  let users: Map<string, FileUser>;
  try {
    users = parseUsers(bytes);
  } catch (error) {
    if (!(error instanceof JsonDamage)) throw error;
    throw new StoreUnusable(describeDamage(path, error));
  }
  // Frees the memory now. The garbage collector sees a small object and may wait for minutes.
  bytes.buffer.transfer(0);
  const journal = new Journal(fs, path);
  const dropped = await journal.replay(users);
  return { users, length, journal, dropped };
}

class JsonStore implements UserStore {
  readonly #users: Map<string, FileUser>;
  readonly #commit: GroupCommit;
  readonly #checkpointer: Checkpointer;
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly #locks: readonly DirectoryLock[];
  #closing: Promise<void> | null = null;

  constructor(
    users: Map<string, FileUser>,
    journal: Journal,
    checkpointer: Checkpointer,
    secret: Uint8Array<ArrayBuffer>,
    locks: readonly DirectoryLock[],
  ) {
    this.#users = users;
    this.#commit = new GroupCommit(users, journal, checkpointer);
    this.#checkpointer = checkpointer;
    this.#secret = secret;
    this.#locks = locks;
    // Moves what a crash left in the journal into the file.
    checkpointer.startWhenQuiet();
  }

  secret(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#secret.slice());
  }

  find(name: string): User | null {
    return this.#users.get(name) ?? null;
  }

  async add(name: string, user: User): Promise<boolean> {
    const { changed } = await this.#change(
      name,
      (old) => old === null ? { put: { ...user } } : "keep",
    );
    return changed;
  }

  async update(name: string, change: (user: User) => UserChange | null): Promise<User | null> {
    const { user } = await this.#change(name, (old) => {
      const changes = old && change(old);
      return changes ? { put: changeUser(old, changes) } : "keep";
    });
    return user;
  }

  async remove(name: string): Promise<boolean> {
    const { changed } = await this.#change(name, (old) => old === null ? "keep" : "remove");
    return changed;
  }

  async *list(): AsyncIterable<[name: string, user: User]> {
    for (const name of Array.from(this.#users.keys())) {
      const user = this.#users.get(name);
      if (user) yield [name, user];
    }
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#commit.running;
    try {
      await this.#checkpointer.finish();
    } finally {
      for (const lock of this.#locks) lock.close();
    }
  }

  #change(
    name: string,
    decide: (user: FileUser | null) => Decision,
  ): Promise<{ user: FileUser | null; changed: boolean }> {
    if (this.#closing) return Promise.reject(new StoreUnavailable("the store is closed"));
    return new Promise((resolve, reject) =>
      this.#commit.submit({
        name,
        decide,
        done: (user, changed) => resolve({ user, changed }),
        failed: reject,
      })
    );
  }
}
