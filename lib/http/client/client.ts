import { ClientConnection, type WireObserver } from "./connection.ts";
import { HttpError } from "../error.ts";
import { FieldsView } from "../wire/fields_view.ts";
import { collect, Content, type IncomingResponse, TruncatedResponse } from "./incoming_response.ts";
import { CHUNKED, UNTIL_CLOSE } from "../wire/framing.ts";
import { CLIENT_LIMITS, type ClientLimits } from "../limits.ts";
import { type ByteStream, isReset } from "../stream.ts";
import { textOf } from "../wire/bytes.ts";
import { encodeRequest, type OutgoingRequest } from "../wire/request_encoder.ts";
import { isReusable, responseBodyLength, ResponseHead } from "../wire/response_head.ts";

/** What a client needs. */
export interface HttpClientOptions {
  /** Opens a connection; called again whenever a new one is needed, the old one closed before. */
  readonly connect: () => Promise<ByteStream>;
  /** The value of `Host`. */
  readonly host: string;
  /** Limits that differ from `CLIENT_LIMITS`. */
  readonly limits?: Partial<ClientLimits>;
  /** Sees the bytes that go by. */
  readonly observer?: WireObserver;
}

/** Sent twice, they do what they do once (RFC 9110 §9.2.2). */
const IDEMPOTENT = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];

/** The connection was closed where an answer should have begun. */
class NoResponse extends Deno.errors.UnexpectedEof {}

/**
 * The client's side of HTTP/1.1: one request at a time over one connection, which is opened when it is
 * needed and replaced when it is no longer fit.
 */
export class HttpClient {
  #options: HttpClientOptions;
  #limits: ClientLimits;
  #connection: ClientConnection | null = null;
  #busy = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#limits = { ...CLIENT_LIMITS, ...options.limits };
  }

  /**
   * Sends a request and waits for the head of the answer. An answer before this one whose content was
   * not read to the end is given up.
   *
   * A connection that was closed since its last answer is replaced. Where that shows only after sending,
   * the request is sent again, once, if it is idempotent (RFC 9110 §9.2.2).
   *
   * @throws {HttpError} 502 for what is no valid answer
   * @throws {Deno.errors.UnexpectedEof} where the connection ended before the answer or within its head
   * @throws {Deno.errors.TimedOut} where nothing came for `responseTimeoutMs` or `readTimeoutMs`
   * @throws {TypeError} for a request that cannot be sent; and whatever `connect` throws
   */
  async request(request: OutgoingRequest): Promise<IncomingResponse> {
    if (this.#busy) throw new TypeError("one request at a time");
    const bytes = encodeRequest(request, this.#options.host);
    this.#busy = true;
    try {
      for (;;) {
        const connection = await this.#usableConnection();
        const reused = connection.responses > 0;
        try {
          return await this.#exchange(connection, request.method, bytes);
        } catch (error) {
          connection.close();
          const again = reused && error instanceof NoResponse &&
            IDEMPOTENT.includes(request.method);
          if (!again) throw error;
        }
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Closes the connection. The next request opens another. */
  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  /** The connection, if it can carry a request, else a new one. */
  async #usableConnection(): Promise<ClientConnection> {
    let connection = this.#connection;
    if (connection !== null && !connection.broken) {
      // Lets the read that is pending say what it has, before it is trusted.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (!connection.idle) connection.close();
    }
    if (connection !== null && !connection.broken) return connection;
    this.#connection?.close();
    this.#connection = null;
    const stream = await this.#options.connect();
    connection = new ClientConnection(stream, this.#limits, this.#options.observer ?? {});
    return this.#connection = connection;
  }

  async #exchange(
    connection: ClientConnection,
    method: string,
    bytes: Uint8Array,
  ): Promise<IncomingResponse> {
    let unsent: unknown = null;
    try {
      await connection.write(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.TimedOut) throw error;
      // The server may have answered, 413 for one, before it stopped reading.
      unsent = error;
    }
    try {
      const head = await this.#receiveHead(connection);
      return this.#open(connection, method, head);
    } catch (error) {
      // To the server's parser every fault is the client's; here it is the other way round.
      if (error instanceof HttpError) throw new HttpError(502, error.message);
      if (unsent !== null && error instanceof NoResponse) {
        throw new NoResponse(NO_RESPONSE, { cause: unsent });
      }
      throw error;
    }
  }

  /** The head of the final answer; interim ones are passed over (RFC 9110 §15.2). */
  async #receiveHead(connection: ClientConnection): Promise<ResponseHead> {
    const head = new ResponseHead(this.#limits);
    let begun = false;
    let headBytes = 0;
    for (let interim = 0;;) {
      while (!begun || !head.parse(connection.bytes, connection.start, connection.end)) {
        let more: boolean;
        try {
          more = await connection.fill();
        } catch (error) {
          if (!begun && isReset(error)) throw new NoResponse(NO_RESPONSE, { cause: error });
          throw error;
        }
        if (!more) {
          if (begun) throw new TruncatedResponse("the connection was closed within an answer");
          throw new NoResponse(NO_RESPONSE);
        }
        // On a connection that has served before, this may be what the last answer left behind.
        if (!begun && connection.responses > 0 && connection.bytes[connection.start] !== 0x48) {
          throw new NoResponse("bytes outside an answer");
        }
        begun = true;
      }
      headBytes += head.length;
      if (headBytes > this.#limits.headBytes) throw new HttpError(502, "the head is too large");
      if (head.status >= 200) return head;
      if (head.status === 101) throw new HttpError(502, "an upgrade that nobody asked for");
      if (++interim > this.#limits.interimResponses) {
        throw new HttpError(502, "too many interim answers");
      }
      connection.start += head.length;
      head.reset();
    }
  }

  #open(connection: ClientConnection, method: string, head: ResponseHead): IncomingResponse {
    const { bytes, start } = connection;
    const length = responseBodyLength(head, method, bytes, start);
    const reusable = length !== UNTIL_CLOSE && isReusable(head, bytes, start);
    const text = textOf(bytes, start, start + head.length, head.ascii);
    const reason = text.slice(head.reasonFrom, head.reasonTo);
    connection.start += head.length;
    const content = new Content(
      {
        read: (into) => connection.read(into),
        unread: (bytes) => {
          if (bytes.length > 0) connection.close();
        },
        settled: (whole) => {
          if (whole && reusable) connection.markIdle();
          else connection.close();
        },
      },
      length,
      this.#limits.chunkOverheadBytes,
    );
    const response: IncomingResponse = {
      status: head.status,
      reason,
      minorVersion: head.minorVersion,
      fields: new FieldsView(head.fields, { headText: () => text }),
      length: length === CHUNKED || length === UNTIL_CLOSE ? null : length,
      read: (into) => content.read(into),
      bytes: (limit) => collect(response, limit),
      text: async (limit) => new TextDecoder().decode(await collect(response, limit)),
    };
    return response;
  }
}

const NO_RESPONSE = "the connection was closed before an answer";
