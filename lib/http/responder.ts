import { type AnswerWriter, isSource, NO_ROOM } from "./answer_writer.ts";
import { errorResponse, HttpError } from "./error.ts";
import type { BodySource, Handler, Response } from "./message.ts";
import type { Observer } from "./observer.ts";
import type { ReceivedRequest } from "./received_request.ts";
import { CONNECTION_CLOSE, CONNECTION_DEFAULT, CONNECTION_KEEP_ALIVE } from "./serializer.ts";
import { BrokenBody, sendSource } from "./source_sender.ts";
import type { Turn } from "./turn.ts";

/** What the responders of one server share. */
export interface ResponderShared {
  readonly handler: Handler;
  readonly observer: Observer;
  readonly turn: Turn;
}

/** What a responder knows of its connection. */
export interface Answering {
  readonly peer: string;
  /** Lifted while a handler works. */
  deadline: number;
  /** Whether the request in hand is the last; that may turn out while a handler works. */
  readonly last: boolean;
}

/**
 * The part of a connection that gets a request answered: asks the handler, hands its answer to the writer,
 * tells the observer. What can be answered at once is, without a promise; else there is one to wait for.
 */
export class Responder {
  #output: AnswerWriter;
  #shared: ResponderShared;
  #connection: Answering;

  constructor(output: AnswerWriter, shared: ResponderShared, connection: Answering) {
    this.#output = output;
    this.#shared = shared;
    this.#connection = connection;
  }

  /** Answers a request. Null where the answer waits in the writer by now, else a promise of that. */
  answer(request: ReceivedRequest): Promise<void> | null {
    const { handler, observer, turn } = this.#shared;
    const begun = observer.answered === undefined ? 0 : turn.begin();
    let response: Response | Promise<Response>;
    try {
      response = handler(request);
    } catch (error) {
      response = this.#answerTo(error);
    }
    if (response instanceof Promise) return this.#respondLater(request, response, begun);
    return this.#respond(request, response, begun);
  }

  async #respondLater(
    request: ReceivedRequest,
    promise: Promise<Response>,
    begun: number,
  ): Promise<void> {
    const answered = promise.catch((error) => this.#answerTo(error));
    try {
      // Answers to earlier requests need not wait for this one.
      await this.#output.flush();
      this.#connection.deadline = Infinity;
    } catch (error) {
      const { body } = await answered;
      if (isSource(body)) body.close();
      throw error;
    }
    await this.#respond(request, await answered, begun);
  }

  /** Collects an answer, to be written before the next read. Null or a promise, as `answer`. */
  #respond(
    request: ReceivedRequest,
    response: Response,
    begun: number,
  ): Promise<void> | null {
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
      return this.#respond(request, this.#answerTo(error), begun);
    }
    if (sent < 0) return this.#respondSlowly(request, response, sent, begun);
    const { observer, turn } = this.#shared;
    if (observer.answered !== undefined) {
      const { method, path } = request;
      turn.answered(this.#connection.peer, method, path, response.status, sent, begun);
    }
    return null;
  }

  /** The rest of `#respond`, for what cannot just be collected. */
  async #respondSlowly(
    request: ReceivedRequest,
    response: Response,
    obstacle: number,
    begun: number,
  ): Promise<void> {
    const output = this.#output;
    const { observer } = this.#shared;
    if (obstacle === NO_ROOM) {
      await output.flush();
      await this.#respond(request, response, begun);
      return;
    }
    let sent: number;
    try {
      sent = await sendSource(output, response.body as BodySource);
    } catch (error) {
      if (!(error instanceof BrokenBody) || error.begun) throw error;
      await this.#respond(request, this.#answerTo(error), begun);
      return;
    }
    const { method, path } = request;
    const milliseconds = performance.now() - begun;
    observer.answered?.(this.#connection.peer, method, path, response.status, sent, milliseconds);
  }

  /** What a handler's error is answered with. */
  #answerTo(error: unknown): Response {
    if (error instanceof HttpError) return errorResponse(error);
    this.#shared.observer.failed?.(this.#connection.peer, error);
    return errorResponse(new HttpError(500, "Internal Server Error"));
  }
}
