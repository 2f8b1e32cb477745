/**
 * The store that people read and edit: `users.json`. All users are in memory; a change is written
 * to the journal, and `users.json` is rewritten when the server has been quiet for a moment.
 */
import { join } from "@std/path";
import { lockDirectory } from "./directory_lock.ts";
import { type FileSystem, type OpenFile, replaceFile } from "./durable_file.ts";
import { GroupCommit } from "./group_commit.ts";
import { Journal } from "./journal.ts";
import { JsonDamage } from "./json_scanner.ts";
import { loadSecret } from "./server_secret.ts";
import {
  changeUser,
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserChange,
  type UserStore,
} from "./store.ts";
import { describeDamage, type FileUser, parseUsers } from "./users_file.ts";
import { type RewriteOptions, UsersRewriter } from "./users_rewriter.ts";

/** Options of the JSON store, each with its default. */
export interface JsonStoreOptions extends RewriteOptions {
  /** The file system (Deno's own). */
  fs?: FileSystem;
}

/**
 * Opens the data directory, makes what is missing and takes its lock.
 *
 * @param directory where `users.json`, its journal, its lock and `server_secret` are
 * @throws StoreUnusable with a sentence; nothing was overwritten. End the process with `Deno.exit`
 * then
 */
export async function openJsonStore(
  directory: string,
  options: JsonStoreOptions = {},
): Promise<UserStore> {
  const fs = options.fs ?? Deno;
  let lock: OpenFile | undefined;
  try {
    await fs.mkdir(directory, { recursive: true });
    lock = await lockDirectory(fs, join(directory, "users.json.lock"));
    // What a crash left half written; with the lock held, nobody is writing it now.
    for (const name of ["users.json.tmp", "server_secret.tmp"]) {
      await fs.remove(join(directory, name)).catch(() => {});
    }
    const secret = await loadSecret(fs, join(directory, "server_secret"));
    const path = await findUsersFile(fs, join(directory, "users.json"));
    const { users, length, journal } = await readUsers(path, fs);
    const rewriter = new UsersRewriter({ fs, path, length, users, journal }, options);
    return new JsonStore(users, journal, rewriter, secret, lock);
  } catch (error) {
    lock?.close();
    if (error instanceof StoreUnusable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreUnusable(`the data directory ${directory} cannot be used: ${reason}`);
  }
}

/**
 * The file itself where `path` is a link: that is the one to replace. Makes it where it is missing.
 */
async function findUsersFile(fs: FileSystem, path: string): Promise<string> {
  try {
    const file = await fs.realPath(path);
    // The original's file may be readable by everybody.
    if (Deno.build.os !== "windows") await fs.chmod(file, 0o600).catch(() => {});
    return file;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await replaceFile(fs, path, [new TextEncoder().encode("{}\n")]);
    return path;
  }
}

/**
 * Reads the users of a `users.json`, with what a crash may have left in its journal. Changes
 * nothing.
 *
 * @throws StoreUnusable where one of the files is damaged, with the place
 */
export async function readUsers(
  path: string,
  fs: FileSystem = Deno,
): Promise<{ users: Map<string, FileUser>; length: number; journal: Journal }> {
  const bytes = await fs.readFile(path);
  const { length } = bytes;
  let users: Map<string, FileUser>;
  try {
    users = parseUsers(bytes);
  } catch (error) {
    if (!(error instanceof JsonDamage)) throw error;
    throw new StoreUnusable(describeDamage(path, error));
  }
  // Gives the memory back now; the collector, which sees a small object, may let it wait for
  // minutes.
  bytes.buffer.transfer(0);
  const journal = new Journal(fs, path);
  await journal.replay(users);
  return { users, length, journal };
}

class JsonStore implements UserStore {
  readonly #users: Map<string, FileUser>;
  readonly #commit: GroupCommit;
  readonly #rewriter: UsersRewriter;
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly #lock: OpenFile;
  #closing: Promise<void> | null = null;

  constructor(
    users: Map<string, FileUser>,
    journal: Journal,
    rewriter: UsersRewriter,
    secret: Uint8Array<ArrayBuffer>,
    lock: OpenFile,
  ) {
    this.#users = users;
    this.#commit = new GroupCommit(users, journal, rewriter);
    this.#rewriter = rewriter;
    this.#secret = secret;
    this.#lock = lock;
    // What a crash left in the journal belongs into the file.
    rewriter.startWhenQuiet();
  }

  secret(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#secret.slice());
  }

  find(name: string): User | null {
    return this.#users.get(name) ?? null;
  }

  async add(name: string, user: User): Promise<boolean> {
    const { changed } = await this.#change(name, (old) => old === null ? { ...user } : undefined);
    return changed;
  }

  async update(name: string, change: (user: User) => UserChange | null): Promise<User | null> {
    const { user } = await this.#change(name, (old) => {
      const changes = old && change(old);
      return changes ? changeUser(old, changes) : undefined;
    });
    return user;
  }

  async remove(name: string): Promise<boolean> {
    const { changed } = await this.#change(name, (old) => old === null ? undefined : null);
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
    await this.#rewriter.finish();
    this.#lock.close();
  }

  #change(
    name: string,
    decide: (user: FileUser | null) => FileUser | null | undefined,
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
