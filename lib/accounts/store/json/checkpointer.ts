/**
 * Checkpoints: writes the users in memory to `users.json` after a moment without changes, then
 * removes the journal files that are no longer needed.
 */
import { type FileSystem, writeFileAtomic } from "../atomic_file.ts";
import type { CommitObserver } from "./group_commit.ts";
import type { Journal } from "./journal.ts";
import { StoreUnavailable } from "../store.ts";
import { type FileUser, formatUsers } from "./users_file.ts";

/** When `users.json` is rewritten, each option with its default. */
export interface CheckpointOptions {
  /** How long no change may have come before, milliseconds (400). */
  quietMs?: number;
  /** Maximum delay before a failed rewrite is tried again, milliseconds (30,000). */
  retryMs?: number;
  /**
   * Bytes of journal that cause a rewrite during changes, if `users.json` is smaller than that too
   * (4,000,000). So rewriting at most doubles the bytes written, and the journal that a start reads
   * is bounded.
   */
  journalBytes?: number;
  /** Receives a sentence for the log when a rewrite fails, which loses no data. */
  warn?: (sentence: string) => void;
}

/** The file to rewrite and its sources. */
export interface CheckpointParts {
  readonly fs: FileSystem;
  /** The `users.json`. */
  readonly path: string;
  /** Its length now, bytes. */
  readonly length: number;
  readonly users: ReadonlyMap<string, FileUser>;
  readonly journal: Journal;
}

/** Keeps one `users.json` up to date. */
export class Checkpointer implements CommitObserver {
  readonly #parts: CheckpointParts;
  readonly #options: Required<CheckpointOptions>;
  /** The length of the file, bytes. */
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

  /** Schedules a rewrite, if the file is not up to date. A change cancels it. */
  startWhenQuiet(): void {
    clearTimeout(this.#timer);
    if (this.#parts.journal.empty || this.#writing) return;
    const { quietMs, retryMs } = this.#options;
    const delay = Math.max(quietMs, Math.min(retryMs, quietMs * 2 ** this.#failures));
    this.#timer = setTimeout(() => this.#start(), delay);
  }

  /**
   * Rewrites the file now, if it is not up to date. Call after the last change.
   *
   * @throws {StoreUnavailable} if that fails; the journal has every change, and the next start
   * reads it
   */
  async finish(): Promise<void> {
    // Stops the timer: a second rewrite at the same time would write the same file.
    this.begin();
    await this.#running;
    const { journal, path } = this.#parts;
    const error = journal.empty ? null : await this.#rewrite();
    if (error === null) return;
    throw new StoreUnavailable(
      `${path} is not up to date; keep its journal, which has the missing changes: ${error}`,
    );
  }

  /** Starts a rewrite. Call only between two batches, when memory has all that the journal has. */
  #start(): void {
    this.#running ??= this.#rewrite().finally(() => {
      this.#running = null;
      this.startWhenQuiet();
    });
  }

  /**
   * Rewrites the file. Users may change meanwhile: such a change is in the next journal file,
   * whether or not it is also in the rewritten file.
   *
   * @returns the reason if it failed; else null
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
      // The journal has every change, so one warning is enough; the retries go on.
      if (this.#failures++ === 0) {
        this.#options.warn(
          `${path} cannot be rewritten now; its journal has the changes: ${reason}`,
        );
      }
      return reason;
    }
  }
}

/** Yields the users of these names that still exist. */
function* entries(
  users: ReadonlyMap<string, FileUser>,
  names: readonly string[],
): Generator<[string, FileUser]> {
  for (const name of names) {
    const user = users.get(name);
    if (user) yield [name, user];
  }
}
