/**
 * Makes changes of users durable, many at a time: those that come while the disk is busy wait
 * together and share the next sync.
 */
import type { Change, Journal } from "./journal.ts";
import { StoreUnavailable } from "../store.ts";
import type { FileUser } from "./users_file.ts";

/** What is to become of a user: stored as given, removed, or left as it is. */
export type Decision = { readonly put: FileUser } | "remove" | "keep";

/** A change that waits for its turn. */
export interface WaitingChange {
  readonly name: string;
  /** Decides about the user as it is then; null if there is none. */
  decide(user: FileUser | null): Decision;
  /** Called once the outcome is durable, with the user as it is now, and whether it was changed. */
  done(user: FileUser | null, changed: boolean): void;
  /** Called if it could not be made durable, and was not made. */
  failed(error: unknown): void;
}

/** Receives the events of writing. */
export interface CommitObserver {
  /** From now on the journal is in use. */
  begin(): void;
  /** A batch is in the journal and in memory, and for this instant nothing is being written. */
  written(): void;
  /** Nothing waits any more: the journal is at rest. */
  end(): void;
}

/** Changes that are written together at most: bounds what one write takes to make. */
const BATCH = 500;

/** Writes changes to a journal and then makes them in memory, batch after batch. */
export class GroupCommit {
  readonly #users: Map<string, FileUser>;
  readonly #journal: Journal;
  readonly #observer: CommitObserver;
  #waiting: WaitingChange[] = [];
  #running: Promise<void> | null = null;

  constructor(users: Map<string, FileUser>, journal: Journal, observer: CommitObserver) {
    this.#users = users;
    this.#journal = journal;
    this.#observer = observer;
  }

  /** Resolves when everything that waits now is settled; null where nothing does. */
  get running(): Promise<void> | null {
    return this.#running;
  }

  /** Puts a change in line. */
  submit(change: WaitingChange): void {
    this.#waiting.push(change);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    this.#observer.begin();
    while (this.#waiting.length > 0) {
      await this.#commit(this.#waiting.splice(0, BATCH));
      this.#observer.written();
    }
    // In the same step as the last look at what waits: whoever comes next starts anew.
    this.#running = null;
    this.#observer.end();
  }

  async #commit(batch: readonly WaitingChange[]): Promise<void> {
    // The users as they will be: each change of the batch sees those before it.
    const next = new Map<string, FileUser | null>();
    const changes: Change[] = [];
    const outcomes: (() => void)[] = [];
    for (const { name, decide, done, failed } of batch) {
      const before = next.has(name) ? next.get(name)! : this.#users.get(name) ?? null;
      try {
        const decision = decide(before);
        if (decision === "keep") {
          outcomes.push(() => done(before, false));
          continue;
        }
        const after = decision === "remove" ? null : decision.put;
        next.set(name, after);
        changes.push({ name, before, after });
        outcomes.push(() => done(after, true));
      } catch (error) {
        outcomes.push(() => failed(error));
      }
    }
    if (changes.length > 0) {
      try {
        await this.#journal.append(changes);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const unavailable = new StoreUnavailable(`the change cannot be written: ${reason}`);
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
    for (const outcome of outcomes) outcome();
  }
}
