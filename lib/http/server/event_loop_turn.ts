/** One turn of the event loop, shared by the connections of a server. */
import type { Observer } from "./observer.ts";
import type { ResponseRecord } from "./responses_in_flight.ts";

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
export class EventLoopTurn {
  #observer: Observer;
  #end: Promise<void> | null = null;
  #begun = 0;
  /** Responses to report, and how many bytes of their connection had been accepted for each. */
  #records: ResponseRecord[] = [];
  #accepted: number[] = [];

  /** @param observer is told at its end which requests have ended */
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

  /** A response has ended, when so many bytes of its connection had been accepted. */
  responded(record: ResponseRecord, accepted: number): void {
    this.end();
    this.#records.push(record);
    this.#accepted.push(accepted);
  }

  #finish(): void {
    this.#end = null;
    this.#begun = 0;
    const records = this.#records;
    if (records.length === 0) return;
    const accepted = this.#accepted;
    this.#records = [];
    this.#accepted = [];
    const observer = this.#observer;
    const now = performance.now();
    for (let i = 0; i < records.length; i++) {
      records[i].end(now, accepted[i]);
      observer.responded?.(records[i]);
    }
  }
}
