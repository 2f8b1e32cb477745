/** Tracks the responses of a connection that the transport has not accepted yet, for the log. */
import type { RequestEnd } from "./observer.ts";
import type { EventLoopTurn } from "./event_loop_turn.ts";

/** A response, from buffering its head to the acceptance of its last byte. */
export class ResponseRecord implements RequestEnd {
  milliseconds = 0;
  outcome: RequestEnd["outcome"] = "complete";
  bodyBytes = 0;
  /** Where the content begins and ends, counted in bytes sent since the connection began. */
  contentFrom = 0;
  contentTo = 0;

  /**
   * @param begun when the request was complete, in milliseconds of `performance.now`; NaN for a
   *   refusal
   */
  constructor(
    readonly peer: string,
    readonly user: string | null,
    readonly method: string,
    readonly path: string,
    readonly subject: string | null,
    readonly status: number,
    readonly begun: number,
  ) {}

  /**
   * Ends the record.
   *
   * @param now the time, in milliseconds of `performance.now`
   * @param accepted the number of bytes of the connection that had been accepted
   */
  end(now: number, accepted: number): void {
    this.bodyBytes = Math.max(0, Math.min(accepted, this.contentTo) - this.contentFrom);
    this.milliseconds = Number.isNaN(this.begun) ? 0 : now - this.begun;
  }
}

/** The responses of one connection that are being sent, in order. */
export class ResponsesInFlight {
  readonly #turn: EventLoopTurn;
  readonly #records: ResponseRecord[] = [];

  /** @param turn passes the records to the observer, many at a time */
  constructor(turn: EventLoopTurn) {
    this.#turn = turn;
  }

  /**
   * Adds the response that was appended last.
   *
   * @param end where it ends, counted in bytes since the connection began
   * @param contentBytes the length of its content
   */
  add(record: ResponseRecord, end: number, contentBytes: number): void {
    record.contentFrom = end - contentBytes;
    record.contentTo = end;
    this.#records.push(record);
  }

  /** Removes the last one, none of which has been sent. */
  takeBack(): void {
    this.#records.pop();
  }

  /** Reports those that are complete, now that this many bytes have been accepted. */
  advance(accepted: number): void {
    const records = this.#records;
    if (records.length === 0 || records[0].contentTo > accepted) return;
    let count = 1;
    while (count < records.length && records[count].contentTo <= accepted) count++;
    for (let i = 0; i < count; i++) this.#turn.responded(records[i], records[i].contentTo);
    if (count === records.length) records.length = 0;
    else records.splice(0, count);
  }

  /** Reports the rest, when nothing more can be sent. */
  abandon(accepted: number, outcome: "aborted" | "stalled"): void {
    for (const record of this.#records.splice(0)) {
      record.outcome = outcome;
      this.#turn.responded(record, accepted);
    }
  }
}
