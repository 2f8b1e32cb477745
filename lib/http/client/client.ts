/** Sends requests and receives their responses. */
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

/** The options of an `HttpClient`. */
export interface HttpClientOptions {
  /** Opens a connection. Called whenever a new one is needed, after the previous one was closed. */
  readonly connect: () => Promise<ByteStream>;
  /** The value of the `Host` field. */
  readonly host: string;
  /** The limits that differ from `CLIENT_LIMITS`. */
  readonly limits?: Partial<ClientLimits>;
  /** Receives the bytes sent and received, for debugging. */
  readonly observer?: WireObserver;
}

/** Idempotent methods: safe to retry (RFC 9110 §9.2.2). */
const IDEMPOTENT = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];

/** The connection was closed before the first byte of a response. */
class NoResponse extends Deno.errors.UnexpectedEof {}

/**
 * An HTTP/1.1 client: one request at a time over one connection, which is opened when needed and
 * replaced when it can no longer be used.
 *
 * @example
 * ```ts
 * const client = new HttpClient({
 *   connect: () => Deno.connect({ hostname: "localhost", port: 8000 }),
 *   host: "localhost:8000",
 * });
 * const response = await client.request({ method: "GET", target: "/" });
 * console.log(response.status, await response.text(64 * 1024));
 * client.close();
 * ```
 */
export class HttpClient {
  #options: HttpClientOptions;
  #limits: ClientLimits;
  #connection: ClientConnection | null = null;
  #busy = false;

  /** Creates a client. It connects with the first request. */
  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#limits = { ...CLIENT_LIMITS, ...options.limits };
  }

  /**
   * Sends a request and waits for the head of the response. If the content of the previous response
   * was not read to its end, the rest of it is discarded with its connection.
   *
   * A connection that was closed since its last response is replaced. If that shows only after the
   * request was sent, an idempotent request is sent again, once (RFC 9110 §9.2.2).
   *
   * @throws {HttpError} 502 if the response is invalid
   * @throws {Deno.errors.UnexpectedEof} if the connection ended before the response or within its
   *   head
   * @throws {Deno.errors.TimedOut} if nothing came for `responseTimeoutMs` or `readTimeoutMs`
   * @throws {TypeError} if the request cannot be sent, or if another one is in progress
   */
  async request(request: OutgoingRequest): Promise<IncomingResponse> {
    if (this.#busy) {
      throw new TypeError(
        "A client sends one request at a time; the previous one has no response yet",
      );
    }
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

  /** Returns the connection if it can carry another request, otherwise a new one. */
  async #usableConnection(): Promise<ClientConnection> {
    let connection = this.#connection;
    if (connection !== null && !connection.broken) {
      // Lets the pending read settle first: it may have noticed the end of the connection.
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
      // The server may have responded, for example with 413, before it stopped reading.
      unsent = error;
    }
    try {
      const head = await this.#receiveHead(connection);
      return this.#open(connection, method, head);
    } catch (error) {
      // The parser reports every fault as the sender's. Here the sender is the server.
      if (error instanceof HttpError) throw new HttpError(502, error.message);
      if (unsent !== null && error instanceof NoResponse) {
        throw new NoResponse(NO_RESPONSE, { cause: unsent });
      }
      throw error;
    }
  }

  /** Returns the head of the final response. Interim responses are skipped (RFC 9110 §15.2). */
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
          if (begun) {
            throw new TruncatedResponse("the connection was closed within the head of a response");
          }
          throw new NoResponse(NO_RESPONSE);
        }
        // On a reused connection, these bytes may be left over from the previous response.
        if (!begun && connection.responses > 0 && connection.bytes[connection.start] !== 0x48) {
          throw new NoResponse("unsolicited bytes before a response");
        }
        begun = true;
      }
      headBytes += head.length;
      if (headBytes > this.#limits.headBytes) {
        throw new HttpError(502, "the head of the response is too large");
      }
      if (head.status >= 200) return head;
      if (head.status === 101) throw new HttpError(502, "an upgrade without a request for it");
      if (++interim > this.#limits.interimResponses) {
        throw new HttpError(502, "too many interim responses");
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

const NO_RESPONSE = "the connection was closed before a response";
