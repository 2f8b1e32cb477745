/** Turns requests into responses. */
import { isSource, NO_ROOM, type ResponseWriter } from "./response_writer.ts";
import { errorResponse, HttpError } from "../error.ts";
import type { BodySource, Handler, Response } from "../message.ts";
import type { Observer } from "./observer.ts";
import type { RequestView } from "./request_view.ts";
import {
  CONNECTION_CLOSE,
  CONNECTION_DEFAULT,
  CONNECTION_KEEP_ALIVE,
} from "../wire/response_encoder.ts";
import { BodyError, sendSource } from "./body_sender.ts";
import { ResponseRecord, ResponsesInFlight } from "./responses_in_flight.ts";
import type { EventLoopTurn } from "./event_loop_turn.ts";

/** What the responders of one server share. */
export interface ResponderShared {
  readonly handler: Handler;
  readonly observer: Observer;
  readonly turn: EventLoopTurn;
}

/** What a responder needs of its connection. */
export interface ResponderConnection {
  readonly peer: string;
  /** Whether the current request is the last. May become true while a handler works. */
  readonly last: boolean;
  /** Called while a handler or a file is waited for: no deadline applies to the peer. */
  waitForHandler(): void;
}

/**
 * Turns requests into responses for a connection: calls the handler, passes its response to the
 * writer, and reports to the observer. An immediate response needs no promise.
 */
export class Responder {
  #output: ResponseWriter;
  #shared: ResponderShared;
  #connection: ResponderConnection;
  #inFlight: ResponsesInFlight;
  /** The request that a handler works on, followed by the time when it was complete. */
  #inHand: RequestView | null = null;
  #begun = 0;
  #isAbandoned = false;

  constructor(output: ResponseWriter, shared: ResponderShared, connection: ResponderConnection) {
    this.#output = output;
    this.#shared = shared;
    this.#connection = connection;
    this.#inFlight = new ResponsesInFlight(shared.turn);
  }

  /**
   * Handles a request. Returns null if the response is already buffered, otherwise a promise that
   * resolves when it is.
   */
  respond(request: RequestView): Promise<void> | null {
    const { handler, observer, turn } = this.#shared;
    this.#begun = observer.responded === undefined ? 0 : turn.startTime();
    this.#inHand = request;
    let response: Response | Promise<Response>;
    try {
      response = handler(request);
    } catch (error) {
      response = this.#errorResponse(error);
    }
    if (response instanceof Promise) return this.#respondLater(request, response);
    return this.#append(request, response);
  }

  /** Appends the response to an unacceptable request, which ends the connection. */
  refuse(method: string, path: string, error: HttpError): void {
    const response = errorResponse(error);
    const sent = this.#output.append(response, method === "HEAD", CONNECTION_CLOSE);
    this.#inHand = null;
    if (this.#shared.observer.responded === undefined) return;
    const { peer } = this.#connection;
    const record = new ResponseRecord(peer, null, method, path, null, error.status, NaN);
    this.#inFlight.add(record, this.#output.appendedBytes, Math.max(0, sent));
  }

  /** Reports a request whose connection ended within its body. */
  lose(method: string, path: string): void {
    if (this.#shared.observer.responded === undefined) return;
    const { peer } = this.#connection;
    const record = new ResponseRecord(peer, null, method, path, null, 0, NaN);
    record.outcome = "aborted";
    this.#shared.turn.responded(record, 0);
  }

  /** Records that the transport has accepted this many bytes of the connection in all. */
  accepted(bytes: number): void {
    this.#inFlight.advance(bytes);
  }

  /** Reports every request that has not ended, when nothing more can be sent. */
  abandon(outcome: "aborted" | "stalled"): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    const accepted = this.#output.acceptedBytes;
    this.#inFlight.abandon(accepted, outcome);
    const request = this.#inHand;
    this.#inHand = null;
    if (request === null || this.#shared.observer.responded === undefined) return;
    const record = this.#record(request, 0);
    record.outcome = outcome;
    this.#shared.turn.responded(record, accepted);
  }

  async #respondLater(request: RequestView, promise: Promise<Response>): Promise<void> {
    const handled = promise.catch((error) => this.#errorResponse(error));
    try {
      // Responses to earlier requests do not wait for this one.
      await this.#output.flush();
      this.#connection.waitForHandler();
    } catch (error) {
      const { body } = await handled;
      if (isSource(body)) body.close();
      throw error;
    }
    await this.#append(request, await handled);
  }

  /**
   * Buffers a response, to be written before the next read. Returns null or a promise, like
   * `respond`.
   */
  #append(request: RequestView, response: Response): Promise<void> | null {
    const connection = this.#connection.last
      ? CONNECTION_CLOSE
      : request.minorVersion === 0
      ? CONNECTION_KEEP_ALIVE
      : CONNECTION_DEFAULT;
    let sent: number;
    try {
      sent = this.#output.append(response, request.method === "HEAD", connection);
    } catch (error) {
      if (isSource(response.body)) response.body.close();
      return this.#append(request, this.#errorResponse(error));
    }
    if (sent < 0) return this.#appendSlowly(request, response, sent);
    this.#track(request, response, sent);
    return null;
  }

  /** Finishes `#append` for a response that cannot be buffered at once. */
  async #appendSlowly(
    request: RequestView,
    response: Response,
    obstacle: number,
  ): Promise<void> {
    const output = this.#output;
    if (obstacle === NO_ROOM) {
      await output.flush();
      await this.#append(request, response);
      return;
    }
    const source = response.body as BodySource;
    this.#track(request, response, source.length, source.length);
    try {
      await sendSource(output, source, () => this.#connection.waitForHandler());
    } catch (error) {
      if (!(error instanceof BodyError) || error.begun) throw error;
      if (this.#shared.observer.responded !== undefined) this.#inFlight.takeBack();
      await this.#append(request, this.#errorResponse(error));
    }
  }

  /**
   * Tracks the response that was appended last until its end.
   *
   * @param following the number of bytes still to be appended
   */
  #track(request: RequestView, response: Response, contentBytes: number, following = 0): void {
    this.#inHand = null;
    if (this.#shared.observer.responded === undefined || this.#isAbandoned) return;
    const record = this.#record(request, response.status);
    this.#inFlight.add(record, this.#output.appendedBytes + following, contentBytes);
  }

  #record(request: RequestView, status: number): ResponseRecord {
    const { method, path, notedUser, notedSubject } = request;
    const peer = request.notedClient ?? this.#connection.peer;
    return new ResponseRecord(peer, notedUser, method, path, notedSubject, status, this.#begun);
  }

  /** Returns the response for an error of a handler. */
  #errorResponse(error: unknown): Response {
    if (error instanceof HttpError) return errorResponse(error);
    this.#shared.observer.failed?.(this.#connection.peer, error);
    return errorResponse(new HttpError(500, "Internal Server Error"));
  }
}
