/**
 * Brings `users.json` up to date with memory when no change has come for a moment, and then removes
 * the journal that it makes superfluous.
 */
import { type FileSystem, writeFileAtomic } from "../atomic_file.ts";
import type { CommitObserver } from "./group_commit.ts";
import type { Journal } from "./journal.ts";
import { StoreUnavailable } from "../store.ts";
import { type FileUser, formatUsers } from "./users_file.ts";

/** When `users.json` is rewritten; each with its default. */
export interface CheckpointOptions {
  /** How long no change must have come, milliseconds (400). */
  quietMs?: number;
  /** Longest wait before a rewrite that failed is tried again, milliseconds (30,000). */
  retryMs?: number;
  /**
   * Bytes of journal that are not left to wait for quiet, if they are also more than `users.json`
   * has itself (4 MB). So rewriting at most doubles what is written, and a start never reads more
   * than twice the users.
   */
  journalBytes?: number;
  /** Told in a sentence when it fails, which loses nothing but should be looked into. */
  warn?: (sentence: string) => void;
}

/** What is rewritten: the file at `path`, of so many bytes, from the users in memory. */
export interface CheckpointParts {
  readonly fs: FileSystem;
  readonly path: string;
  readonly length: number;
  readonly users: ReadonlyMap<string, FileUser>;
  readonly journal: Journal;
}

/** Rewrites one `users.json`. */
export class Checkpointer implements CommitObserver {
  readonly #parts: CheckpointParts;
  readonly #options: Required<CheckpointOptions>;
  /** Bytes of the file. */
  #length: number;
  #running: Promise<unknown> | null = null;
  /** Whether changes are being written to the journal. */
  #writing = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: CheckpointParts, options: CheckpointOptions) {
    const { quietMs = 400, retryMs = 30_000, journalBytes = 4_000_000, warn = () => {} } = options;
    this.#parts = parts;
    this.#options = { quietMs, retryMs, journalBytes, warn };
    this.#length = parts.length;
  }

  begin(): void {
    clearTimeout(this.#timer);
    this.#writing = true;
  }

  written(): void {
    const long = this.#parts.journal.length > Math.max(this.#options.journalBytes, this.#length);
    if (long && this.#failures === 0) this.#start();
  }

  end(): void {
    this.#writing = false;
    this.startWhenQuiet();
  }

  /** Rewrites the file in a moment, if it is not up to date and no change begins. */
  startWhenQuiet(): void {
    clearTimeout(this.#timer);
    if (this.#parts.journal.empty || this.#writing) return;
    const { quietMs, retryMs } = this.#options;
    const delay = Math.max(quietMs, Math.min(retryMs, quietMs * 2 ** this.#failures));
    this.#timer = setTimeout(() => this.#start(), delay);
  }

  /**
   * Rewrites the file now if it is not up to date, and never again. To be called when no more
   * changes come.
   *
   * @throws StoreUnavailable if that fails. Everything is in the journal then, and the next start reads
   * it from there
   */
  async finish(): Promise<void> {
    // From here on no timer may begin a rewrite beside this one: both would write the same file.
    this.begin();
    await this.#running;
    const { journal, path } = this.#parts;
    const error = journal.empty ? null : await this.#rewrite();
    if (error === null) return;
    throw new StoreUnavailable(
      `${path} is not up to date; what it lacks is in its journal, which must be kept: ${error}`,
    );
  }

  /**
   * Begins a rewrite; only while nothing is being written, so that memory has all that the journal
   * has.
   */
  #start(): void {
    this.#running ??= this.#rewrite().finally(() => {
      this.#running = null;
      this.startWhenQuiet();
    });
  }

  /**
   * Users may change meanwhile: a change is in the next journal file, whether or not it also gets
   * in here. Returns why it failed, or null.
   */
  async #rewrite(): Promise<string | null> {
    const { fs, path, journal, users } = this.#parts;
    const sealed = journal.seal();
    const names = Array.from(users.keys());
    try {
      this.#length = await writeFileAtomic(fs, path, formatUsers(entries(users, names)));
      await journal.remove(sealed);
      this.#failures = 0;
      return null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // Nothing is lost: the journal has it. Said once, tried again until it succeeds.
      if (this.#failures++ === 0) {
        this.#options.warn(`${path} cannot be rewritten now, its journal is kept: ${reason}`);
      }
      return reason;
    }
  }
}

/** The users of these names who are still there. */
function* entries(
  users: ReadonlyMap<string, FileUser>,
  names: readonly string[],
): Generator<[string, FileUser]> {
  for (const name of names) {
    const user = users.get(name);
    if (user) yield [name, user];
  }
}
