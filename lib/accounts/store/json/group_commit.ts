/** Group commit: changes that arrive while the disk is busy are written together, with one sync. */
import type { Change, Journal } from "./journal.ts";
import { StoreUnavailable } from "../store.ts";
import type { FileUser } from "./users_file.ts";

/** What a change does to a user: store the given one, remove it, or keep it as it is. */
export type Decision = { readonly put: FileUser } | "remove" | "keep";

/** A queued change. */
export interface WaitingChange {
  readonly name: string;
  /** Decides on the current user; null if there is none. */
  decide(user: FileUser | null): Decision;
  /** Called once the outcome is durable, with the resulting user and whether it was changed. */
  done(user: FileUser | null, changed: boolean): void;
  /** Called if the change failed; the user is unchanged then. */
  failed(error: unknown): void;
}

/** Receives the events of group commit. */
export interface CommitObserver {
  /** Called before the first batch of a series. */
  begin(): void;
  /** Called between two batches: the last one is in the journal and in memory. */
  written(): void;
  /** Called after the last batch of a series: no change waits. */
  end(): void;
}

/** Maximum number of changes per batch, which bounds the time to prepare a write. */
const BATCH = 500;

/** Writes changes to the journal in batches, then applies them in memory. */
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

  /** Resolves when no change waits; null if none does. */
  get running(): Promise<void> | null {
    return this.#running;
  }

  /** Queues a change. */
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
    // No await since the last check of the queue, so the next change starts a new series.
    this.#running = null;
    this.#observer.end();
  }

  async #commit(batch: readonly WaitingChange[]): Promise<void> {
    // The users after the batch so far: each change sees those before it.
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
        // All of the batch fail: even those that change nothing may have seen a change that failed.
        for (const { failed } of batch) failed(unavailable);
        return;
      }
    }
    // Memory is updated only after the disk.
    for (const [name, user] of next) {
      if (user === null) this.#users.delete(name);
      else this.#users.set(name, user);
    }
    for (const outcome of outcomes) outcome();
  }
}
