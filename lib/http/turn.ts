import type { Observer } from "./observer.ts";

/** An answer that the observer is yet to be told of. */
interface Answer {
  readonly peer: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bodyBytes: number;
  readonly begun: number;
}

/**
 * One turn of the event loop, shared by the connections of a server. Under load, one look at the sockets
 * finds many of them readable, and their requests are answered one after the other before the loop looks
 * again.
 *
 * Each connection waits for the turn's `end` before it writes, so that all the writes come in a row. A write
 * wakes the peer. Peers that are served from one process (a proxy, a load generator) find the next answer
 * there when they are done with this one, instead of going to sleep and being woken for each: measured, a
 * twelfth more small requests.
 *
 * The time is looked at when a turn begins and when it ends. In between, answers wait for one another, so
 * these are the instants that count for all of them; and asking the system takes longer than parsing a line.
 */
export class Turn {
  #observer: Observer;
  #end: Promise<void> | null = null;
  #begun = 0;
  #answers: Answer[] = [];

  /** @param observer told of the turn's answers at its end */
  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** Resolves when every connection that was woken in this turn has prepared its answer. */
  end(): Promise<void> {
    return this.#end ??= Promise.resolve().then(() => this.#finish());
  }

  /** When the requests of this turn were found, milliseconds of `performance.now`. */
  begin(): number {
    if (this.#begun === 0) {
      this.end();
      this.#begun = performance.now();
    }
    return this.#begun;
  }

  /** An answer is ready, to a request that was found at `begun`; see `Observer.answered`. */
  answered(
    peer: string,
    method: string,
    path: string,
    status: number,
    bodyBytes: number,
    begun: number,
  ): void {
    this.end();
    this.#answers.push({ peer, method, path, status, bodyBytes, begun });
  }

  #finish(): void {
    this.#end = null;
    this.#begun = 0;
    const answers = this.#answers;
    if (answers.length === 0) return;
    this.#answers = [];
    const observer = this.#observer;
    const now = performance.now();
    for (let i = 0; i < answers.length; i++) {
      const { peer, method, path, status, bodyBytes, begun } = answers[i];
      observer.answered?.(peer, method, path, status, bodyBytes, now - begun);
    }
  }
}
