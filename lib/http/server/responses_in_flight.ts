/** Which responses of a connection the transport has not accepted yet, for the log. */
import type { RequestEnd } from "./observer.ts";
import type { EventLoopTurn } from "./event_loop_turn.ts";

/** A response from its head's being collected to its last byte's being accepted. */
export class ResponseRecord implements RequestEnd {
  milliseconds = 0;
  outcome: RequestEnd["outcome"] = "complete";
  bodyBytes = 0;
  /** Offsets among all bytes that the connection sends: of the content, and after it. */
  contentFrom = 0;
  contentTo = 0;

  /** @param begun when the request was complete, ms of `performance.now`; NaN for a refusal */
  constructor(
    readonly peer: string,
    readonly user: string | null,
    readonly method: string,
    readonly path: string,
    readonly subject: string | null,
    readonly status: number,
    readonly begun: number,
  ) {}

  /** Ends it at the time `now`, when so many bytes of the connection had been accepted. */
  end(now: number, accepted: number): void {
    this.bodyBytes = Math.max(0, Math.min(accepted, this.contentTo) - this.contentFrom);
    this.milliseconds = Number.isNaN(this.begun) ? 0 : now - this.begun;
  }
}

/** The responses of one connection that are on their way, in order. */
export class ResponsesInFlight {
  readonly #turn: EventLoopTurn;
  readonly #records: ResponseRecord[] = [];

  /** @param turn passes them on to the observer, many at a time */
  constructor(turn: EventLoopTurn) {
    this.#turn = turn;
  }

  /**
   * Adds the response that was appended last.
   *
   * @param end offset after its last byte among all that the connection sends
   * @param contentBytes how many of them are content
   */
  add(record: ResponseRecord, end: number, contentBytes: number): void {
    record.contentFrom = end - contentBytes;
    record.contentTo = end;
    this.#records.push(record);
  }

  /** Takes the last one back, of which nothing has left. */
  takeBack(): void {
    this.#records.pop();
  }

  /** Passes on those that are complete, now that so many bytes have been accepted. */
  advance(accepted: number): void {
    const records = this.#records;
    if (records.length === 0 || records[0].contentTo > accepted) return;
    let count = 1;
    while (count < records.length && records[count].contentTo <= accepted) count++;
    for (let i = 0; i < count; i++) this.#turn.responded(records[i], records[i].contentTo);
    if (count === records.length) records.length = 0;
    else records.splice(0, count);
  }

  /** Passes on the rest: nothing more will be accepted. */
  abandon(accepted: number, outcome: "aborted" | "stalled"): void {
    for (const record of this.#records.splice(0)) {
      record.outcome = outcome;
      this.#turn.responded(record, accepted);
    }
  }
}
