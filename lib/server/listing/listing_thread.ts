/**
 * Lists made in Workers, so that large folders do not keep other requests waiting.
 *
 * One Worker makes all lists, because it keeps what it has read. A Worker waits in system calls, and
 * on a network file system that is away these do not return. It is known from shared memory which
 * folder a Worker hangs in. Another Worker then takes over everything but that folder, and the first
 * is back in its place once its system call returns.
 */
import { CurrentFolder, isWithin } from "./current_folder.ts";
import { mayHaveEquivalent } from "./equivalent_name.ts";
import type { ListBody } from "./list_body.ts";
import type { ListRequest } from "./listing.ts";

/** A folder cannot be read now: responded to as 503 with `Retry-After`. */
export class FolderUnavailable extends Error {
  override readonly name = "FolderUnavailable";
}

/** The first message to a Worker. */
export interface ListingStart {
  /** The images directory. */
  readonly root: string;
  /** The memory of a `CurrentFolder`, which the Worker keeps up to date. */
  readonly current: SharedArrayBuffer;
}

/** What the Worker is asked for. */
export type ListingTask =
  | {
    readonly kind: "page";
    readonly request: ListRequest;
    /** When the page was asked for, milliseconds since 1970. */
    readonly asked: number;
  }
  | { readonly kind: "equivalent-name"; readonly name: string };

/** A task as it is sent. */
export type ListingOrder = ListingTask & {
  readonly id: number;
  /** Folders that other Workers hang in. */
  readonly avoid: readonly string[];
};

/** What the Worker replies to the order of the same `id`. */
export type ListingReply =
  | { readonly id: number; readonly result: ListBody | string | null }
  | { readonly id: number; readonly error: string };

/** What a Worker says: once that it has loaded, then replies. */
export type ListingMessage = "started" | ListingReply;

/** Options of `ListingThread`, each with its default. */
export interface ListingThreadOptions {
  /** Workers in all (4): one, those that stand in, and those that hang. */
  readonly maxWorkers?: number;
  /** Milliseconds without a reply after which others need not wait for a Worker (2000). */
  readonly hangMs?: number;
  /** Milliseconds after which a task fails (60,000). */
  readonly timeLimitMs?: number;
  /** Milliseconds after which an idle stand-in ends (30,000). */
  readonly idleMs?: number;
  /** Makes a Worker; tests give their own. */
  readonly makeWorker?: () => Worker;
}

/**
 * Makes a Worker of the module beside this one: the source, or in a compiled program what
 * tools/build/compile.ts made of it.
 */
function makeListingWorker(): Worker {
  const isSource = import.meta.url.endsWith(".ts");
  // Both are literals, so that tools which look for Workers find them.
  const url = isSource
    ? new URL("./listing_worker.ts", import.meta.url)
    : new URL("./listing_worker.js", import.meta.url);
  return new Worker(url, { type: "module" });
}

/** A task that waits for its reply. */
interface Pending extends PromiseWithResolvers<ListBody | string | null> {
  readonly id: number;
  readonly task: ListingTask;
  readonly folder: string;
}

/** A Worker, and what it has to do. */
interface Slot {
  readonly worker: Worker;
  readonly current: CurrentFolder;
  readonly pending: Map<number, Pending>;
  hasStarted: boolean;
  isHanging: boolean;
  /** Finds out that it hangs, or ends it when it is idle. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The Workers that make lists; started when they are first needed. */
export class ListingThread {
  readonly #root: string;
  readonly #options: Required<ListingThreadOptions>;
  /** The oldest first, which makes the lists unless it hangs. */
  #slots: Slot[] = [];
  #nextId = 0;
  #isClosed = false;

  /** @param root the images directory; may be created later */
  constructor(root: string, options: ListingThreadOptions = {}) {
    this.#root = root;
    this.#options = {
      maxWorkers: options.maxWorkers ?? 4,
      hangMs: options.hangMs ?? 2000,
      timeLimitMs: options.timeLimitMs ?? 60_000,
      idleMs: options.idleMs ?? 30_000,
      makeWorker: options.makeWorker ?? makeListingWorker,
    };
  }

  /**
   * Resolves with a page, or null if the folder does not exist.
   *
   * @throws {FolderUnavailable} if it cannot be read in time
   * @throws {Error} if the Worker fails; the next call starts another
   */
  async page(request: ListRequest): Promise<ListBody | null> {
    const task = { kind: "page", request, asked: Date.now() } as const;
    return await this.#perform(task, request.folder) as ListBody | null;
  }

  /**
   * Resolves with the name of an image in another normalization; see `equivalentName`.
   *
   * @throws {FolderUnavailable} as `page` does
   * @throws {Error} as `page` does
   */
  async equivalentName(name: string): Promise<string | null> {
    if (!mayHaveEquivalent(name)) return null;
    const folder = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    return await this.#perform({ kind: "equivalent-name", name }, folder) as string | null;
  }

  /** Starts the Worker that makes the lists, unless there is one. */
  warm(): void {
    if (this.#isClosed || this.#slots.length > 0) return;
    try {
      this.#start();
    } catch {
      // The next list finds out what is wrong.
    }
  }

  /** Ends the Workers. */
  close(): void {
    this.#isClosed = true;
    for (const slot of [...this.#slots]) this.#end(slot, new Error("The server stops"));
  }

  #perform(task: ListingTask, folder: string): Promise<ListBody | string | null> {
    const pending: Pending = {
      ...Promise.withResolvers<ListBody | string | null>(),
      id: this.#nextId++,
      task,
      folder,
    };
    const timer = setTimeout(() => {
      for (const slot of this.#slots) slot.pending.delete(pending.id);
      pending.reject(new FolderUnavailable(`the folder "${folder}" cannot be read in time`));
    }, this.#options.timeLimitMs);
    this.#give(pending);
    return pending.promise.finally(() => clearTimeout(timer));
  }

  /** Gives a task to a Worker. */
  #give(pending: Pending): void {
    const { id, task } = pending;
    try {
      const slot = this.#slotFor(pending);
      if (slot === null) {
        return pending.reject(new FolderUnavailable("all Workers that read folders hang"));
      }
      slot.pending.set(id, pending);
      const avoid = this.#slots.filter((other) => other.isHanging && other !== slot)
        .map(({ current }) => current.path);
      slot.worker.postMessage({ ...task, id, avoid } satisfies ListingOrder);
      // The time of one that is at work counts from its last message.
      if (slot.pending.size === 1) this.#watch(slot);
    } catch (error) {
      // No Worker could be started.
      pending.reject(error);
    }
  }

  /** Chooses the Worker for a task; null if all hang. */
  #slotFor({ task, folder }: Pending): Slot | null {
    const hanging = this.#slots.find(({ isHanging, current }) =>
      isHanging && isWithin(folder, current.path)
    );
    if (hanging !== undefined) return hanging;
    const [first, second] = this.#slots.filter(({ isHanging }) => !isHanging);
    // A name need not wait for a list.
    const isFree = task.kind === "page" || first?.pending.size === 0;
    if (first !== undefined && isFree) return first;
    if (second !== undefined) return second;
    return this.#slots.length < this.#options.maxWorkers ? this.#start() : first ?? null;
  }

  #start(): Slot {
    const slot: Slot = {
      worker: this.#options.makeWorker(),
      current: new CurrentFolder(),
      pending: new Map(),
      hasStarted: false,
      isHanging: false,
      timer: undefined,
    };
    slot.worker.onmessage = ({ data }: MessageEvent<ListingMessage>) => this.#receive(slot, data);
    slot.worker.onerror = (event) => {
      event.preventDefault();
      this.#end(slot, new Error(`the Worker that makes lists ended: ${event.message}`));
    };
    const start: ListingStart = { root: this.#root, current: slot.current.buffer };
    slot.worker.postMessage(start);
    this.#slots.push(slot);
    return slot;
  }

  #receive(slot: Slot, message: ListingMessage): void {
    slot.isHanging = false;
    if (message === "started") slot.hasStarted = true;
    else {
      const pending = slot.pending.get(message.id);
      slot.pending.delete(message.id);
      if ("error" in message) {
        pending?.reject(new Error(`a list could not be made: ${message.error}`));
      } else pending?.resolve(message.result);
    }
    this.#watch(slot);
  }

  /** Sets the timer of a Worker anew. */
  #watch(slot: Slot): void {
    clearTimeout(slot.timer);
    const { hangMs, idleMs } = this.#options;
    if (slot.pending.size > 0) {
      // On a busy machine, loading its modules takes longer.
      if (slot.hasStarted) slot.timer = setTimeout(() => this.#noteHanging(slot), hangMs);
    } else if (slot !== this.#slots[0]) {
      slot.timer = setTimeout(() => this.#end(slot, new Error("idle")), idleMs);
    }
  }

  /** Gives everything that a hanging Worker has to do elsewhere to another. */
  #noteHanging(slot: Slot): void {
    slot.isHanging = true;
    const { path } = slot.current;
    for (const pending of [...slot.pending.values()]) {
      if (isWithin(pending.folder, path)) continue;
      slot.pending.delete(pending.id);
      this.#give(pending);
    }
  }

  #end(slot: Slot, error: Error): void {
    clearTimeout(slot.timer);
    slot.worker.terminate();
    this.#slots = this.#slots.filter((other) => other !== slot);
    for (const { reject } of slot.pending.values()) reject(error);
    slot.pending.clear();
  }
}
