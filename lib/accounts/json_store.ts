/**
 * The store that people read and edit: `users.json`. All users are in memory; a change is written to the journal, where
 * several waiting changes share one sync, and `users.json` is rewritten when the server has been quiet for a moment.
 */
import { join } from "@std/path";
import { lockDirectory } from "./directory_lock.ts";
import { type FileSystem, type OpenFile, replaceFile } from "./durable_file.ts";
import { type Change, Journal } from "./journal.ts";
import { JsonDamage } from "./json_scanner.ts";
import { loadSecret } from "./server_secret.ts";
import {
  StoreUnavailable,
  StoreUnusable,
  type User,
  type UserChange,
  type UserStore,
} from "./store.ts";
import { describeDamage, type FileUser, formatUsers, parseUsers } from "./users_file.ts";

/** Options of the JSON store, each with its default. */
export interface JsonStoreOptions {
  /** The file system (Deno's own). */
  fs?: FileSystem;
  /** How long no change must have come before `users.json` is rewritten, milliseconds (400). */
  quietMs?: number;
  /** Longest wait before a rewrite that failed is tried again, milliseconds (30,000). */
  retryMs?: number;
  /**
   * Bytes of journal after which `users.json` is rewritten without waiting for quiet, if they are also more
   * than it has itself (4 MB): so rewriting at most doubles what is written, and a start never reads more than twice.
   */
  journalBytes?: number;
  /** Told in a sentence when `users.json` cannot be rewritten, which loses nothing but should be looked into. */
  warn?: (sentence: string) => void;
}

/** Changes that are written together at most: bounds what one write takes to make. */
const BATCH = 1000;

/** A change that waits for its turn. */
interface Waiting {
  readonly name: string;
  /** Given the user as it is then: the user as it shall be, or undefined for no change. */
  decide(user: FileUser | null): FileUser | null | undefined;
  /** The outcome is durable; called with the user as it is now, and whether it was changed. */
  done(user: FileUser | null, changed: boolean): void;
  failed(error: unknown): void;
}

/**
 * Opens the data directory, makes what is missing and takes its lock.
 *
 * @param directory where `users.json`, its journal, its lock and `server_secret` are
 * @throws StoreUnusable with a sentence; nothing was overwritten. End the process with `Deno.exit` then
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
    return await JsonStore.load(directory, fs, lock, secret, options);
  } catch (error) {
    lock?.close();
    if (error instanceof StoreUnusable) throw error;
    throw new StoreUnusable(`the data directory ${directory} cannot be used: ${reasonOf(error)}`);
  }
}

/**
 * Reads the users of a `users.json`, with what a crash may have left in its journal. Changes nothing.
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
    // Gives the memory back now; the collector, which sees a small object, may let it wait for minutes.
    bytes.buffer.transfer(0);
  } catch (error) {
    if (!(error instanceof JsonDamage)) throw error;
    throw new StoreUnusable(describeDamage(path, error));
  }
  const journal = new Journal(fs, path);
  await journal.replay(users);
  return { users, length, journal };
}

class JsonStore implements UserStore {
  readonly #users: Map<string, FileUser>;
  readonly #journal: Journal;
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #lock: OpenFile;
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly #quietMs: number;
  readonly #retryMs: number;
  readonly #journalBytes: number;
  readonly #warn: (sentence: string) => void;
  /** Bytes of `users.json`. */
  #length: number;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | null = null;
  #rewriting: Promise<void> | null = null;
  #rewriteFailures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closing: Promise<void> | null = null;

  private constructor(
    users: Map<string, FileUser>,
    length: number,
    journal: Journal,
    path: string,
    fs: FileSystem,
    lock: OpenFile,
    secret: Uint8Array<ArrayBuffer>,
    options: JsonStoreOptions,
  ) {
    this.#users = users;
    this.#length = length;
    this.#journal = journal;
    this.#path = path;
    this.#fs = fs;
    this.#lock = lock;
    this.#secret = secret;
    this.#quietMs = options.quietMs ?? 400;
    this.#retryMs = options.retryMs ?? 30_000;
    this.#journalBytes = options.journalBytes ?? 4_000_000;
    this.#warn = options.warn ?? (() => {});
    if (!journal.empty) this.#rewriteWhenQuiet();
  }

  static async load(
    directory: string,
    fs: FileSystem,
    lock: OpenFile,
    secret: Uint8Array<ArrayBuffer>,
    options: JsonStoreOptions,
  ): Promise<JsonStore> {
    let path = join(directory, "users.json");
    try {
      // Where it is a link, the file that it leads to is the one to replace.
      path = await fs.realPath(path);
      // The original's file may be readable by everybody.
      if (Deno.build.os !== "windows") await fs.chmod(path, 0o600).catch(() => {});
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      await replaceFile(fs, path, [new TextEncoder().encode("{}\n")]);
    }
    const { users, length, journal } = await readUsers(path, fs);
    return new JsonStore(users, length, journal, path, fs, lock, secret, options);
  }

  secret(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#secret.slice());
  }

  find(name: string): User | null {
    return this.#users.get(name) ?? null;
  }

  add(name: string, user: User): Promise<boolean> {
    return new Promise((resolve, reject) =>
      this.#change({
        name,
        decide: (existing) => existing === null ? { ...user } : undefined,
        done: (_user, changed) => resolve(changed),
        failed: reject,
      })
    );
  }

  update(name: string, change: (user: User) => UserChange | null): Promise<User | null> {
    return new Promise((resolve, reject) =>
      this.#change({
        name,
        decide: (user) => {
          const changes = user && change(user);
          return changes ? { ...user, ...changes } : undefined;
        },
        done: resolve,
        failed: reject,
      })
    );
  }

  remove(name: string): Promise<boolean> {
    return new Promise((resolve, reject) =>
      this.#change({
        name,
        decide: (user) => user === null ? undefined : null,
        done: (_user, changed) => resolve(changed),
        failed: reject,
      })
    );
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
    clearTimeout(this.#timer);
    await this.#committing;
    await this.#rewriting;
    // Should this fail, everything is in the journal, and the next start reads it from there.
    if (!this.#journal.empty) await this.#rewrite();
    clearTimeout(this.#timer);
    this.#lock.close();
  }

  #change(waiting: Waiting): void {
    if (this.#closing) {
      waiting.failed(new StoreUnavailable("the store is closed"));
      return;
    }
    this.#waiting.push(waiting);
    this.#committing ??= this.#commit();
  }

  /** Writes what waits, batch after batch: what comes while one is being written is in the next. */
  async #commit(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0) {
      await this.#commitBatch(this.#waiting.splice(0, BATCH));
      const long = this.#journal.length > Math.max(this.#journalBytes, this.#length);
      if (long && this.#rewriteFailures === 0) this.#rewriteNow();
    }
    // In the same step as the last look at what waits: whoever comes next starts anew.
    this.#committing = null;
    if (!this.#journal.empty) this.#rewriteWhenQuiet();
  }

  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    // The users as they will be: each change of the batch sees those before it.
    const next = new Map<string, FileUser | null>();
    const changes: Change[] = [];
    const settle: (() => void)[] = [];
    for (const { name, decide, done, failed } of batch) {
      const before = next.has(name) ? next.get(name)! : this.#users.get(name) ?? null;
      try {
        const after = decide(before);
        if (after !== undefined) {
          next.set(name, after);
          changes.push({ name, before, after });
        }
        settle.push(() => done(after === undefined ? before : after, after !== undefined));
      } catch (error) {
        settle.push(() => failed(error));
      }
    }
    if (changes.length > 0) {
      try {
        await this.#journal.append(changes);
      } catch (error) {
        const unavailable = new StoreUnavailable(
          `the change cannot be written: ${reasonOf(error)}`,
        );
        // Those without a change of their own too: they may have seen one that now never was.
        for (const { failed } of batch) failed(unavailable);
        return;
      }
    }
    // Memory follows the disk, never the other way.
    for (const [name, user] of next) {
      if (user === null) this.#users.delete(name);
      else this.#users.set(name, user);
    }
    for (const call of settle) call();
  }

  #rewriteWhenQuiet(): void {
    if (this.#closing) return;
    clearTimeout(this.#timer);
    const delay = this.#rewriteFailures === 0
      ? this.#quietMs
      : Math.min(this.#retryMs, this.#quietMs * 2 ** this.#rewriteFailures);
    this.#timer = setTimeout(() => {
      // While changes are being written it is not quiet; they will call again.
      if (!this.#committing && !this.#rewriting) this.#rewriteNow();
    }, delay);
  }

  /** Starts a rewrite; to be called between two batches only. */
  #rewriteNow(): void {
    if (this.#rewriting || this.#closing) return;
    this.#rewriting = this.#rewrite().finally(() => {
      this.#rewriting = null;
      if (!this.#journal.empty && !this.#committing) this.#rewriteWhenQuiet();
    });
  }

  /**
   * Writes `users.json` and removes the journal files that it makes superfluous. Users may change meanwhile: such a
   * change is in the next journal file, whether or not it also got into `users.json`.
   */
  async #rewrite(): Promise<void> {
    const sealed = this.#journal.seal();
    const names = Array.from(this.#users.keys());
    try {
      this.#length = await replaceFile(this.#fs, this.#path, formatUsers(this.#entries(names)));
      await this.#journal.remove(sealed);
      this.#rewriteFailures = 0;
    } catch (error) {
      // Nothing is lost: the journal has it. Said once, tried again until it succeeds.
      if (this.#rewriteFailures++ === 0) {
        this.#warn(
          `${this.#path} cannot be rewritten now, its journal is kept: ${reasonOf(error)}`,
        );
      }
    }
  }

  *#entries(names: readonly string[]): Generator<[string, FileUser]> {
    for (const name of names) {
      const user = this.#users.get(name);
      if (user) yield [name, user];
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
