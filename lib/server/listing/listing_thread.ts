/** Lists made in a Worker, so that large folders do not keep other requests waiting. */
import { mayHaveEquivalent } from "./equivalent_name.ts";
import type { ListBody } from "./list_body.ts";
import type { ListRequest } from "./listing.ts";

/** What the Worker is asked for. */
export type ListingOrder =
  | {
    readonly id: number;
    readonly kind: "page";
    readonly request: ListRequest;
    /** When the page was asked for, milliseconds since 1970. */
    readonly asked: number;
  }
  | { readonly id: number; readonly kind: "equivalent-name"; readonly name: string };

/** What the Worker replies to the order of the same `id`. */
export type ListingReply =
  | { readonly id: number; readonly result: ListBody | string | null }
  | { readonly id: number; readonly error: string };

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

/** Someone who waits for the reply to an order. */
type Asker = PromiseWithResolvers<ListBody | string | null>;

/** The Worker that makes lists; started when it is first needed. */
export class ListingThread {
  readonly #root: string;
  readonly #makeWorker: () => Worker;
  #worker: Worker | null = null;
  #nextId = 0;
  readonly #askers = new Map<number, Asker>();

  /**
   * @param root the images directory; may be created later
   * @param makeWorker makes a Worker; tests give their own
   */
  constructor(root: string, makeWorker: () => Worker = makeListingWorker) {
    this.#root = root;
    this.#makeWorker = makeWorker;
  }

  /**
   * Resolves with a page, or null if the folder does not exist.
   *
   * @throws {Error} if the Worker fails; the next call starts another
   */
  async page(request: ListRequest): Promise<ListBody | null> {
    const order = { id: this.#nextId++, kind: "page", request, asked: Date.now() } as const;
    return await this.#ask(order) as ListBody | null;
  }

  /**
   * Resolves with the name of an image in another normalization; see `equivalentName`.
   *
   * @throws {Error} as `page` does
   */
  async equivalentName(name: string): Promise<string | null> {
    if (!mayHaveEquivalent(name)) return null;
    return await this.#ask({ id: this.#nextId++, kind: "equivalent-name", name }) as string | null;
  }

  /** Ends the Worker. */
  close(): void {
    this.#end(new Error("The server stops"));
  }

  #ask(order: ListingOrder): Promise<ListBody | string | null> {
    const asker: Asker = Promise.withResolvers();
    const worker = this.#runningWorker();
    this.#askers.set(order.id, asker);
    worker.postMessage(order);
    return asker.promise;
  }

  #runningWorker(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = this.#makeWorker();
    worker.onmessage = ({ data }: MessageEvent<ListingReply>) => {
      const asker = this.#askers.get(data.id);
      this.#askers.delete(data.id);
      if ("error" in data) asker?.reject(new Error(`a list could not be made: ${data.error}`));
      else asker?.resolve(data.result);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(`the Worker that makes lists ended: ${event.message}`));
    };
    worker.postMessage(this.#root);
    return this.#worker = worker;
  }

  #end(error: Error): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#askers.values()) reject(error);
    this.#askers.clear();
  }
}
