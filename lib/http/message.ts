/** The messages that a handler receives and returns. Nothing here touches a socket. */
import type { CachedBody } from "./cached_body.ts";

/**
 * The fields of a message (RFC 9110 §5): a view over the bytes received. Names are compared without
 * regard to case; pass them in lower case. Strings are created only for the values requested.
 *
 * @example
 * ```ts
 * if (request.fields.has("range")) console.log(request.fields.get("range"));
 * for (const [name, value] of request.fields) console.log(`${name}: ${value}`);
 * ```
 */
export interface Fields {
  /**
   * Returns the value of the field `name` (lower case), or null if it is absent. Repeated lines are
   * combined in order with `", "` (RFC 9110 §5.3), those of `cookie` with `"; "`, as its grammar
   * requires (RFC 6265 §4.2.1).
   */
  get(name: string): string | null;
  /**
   * Returns the value of each line of the field `name` (lower case), uncombined: for `Set-Cookie`.
   */
  getAll(name: string): string[];
  /** Returns whether the field `name` (lower case) is present. */
  has(name: string): boolean;
  /** Yields the name as sent and the trimmed value of each field line, in order. */
  [Symbol.iterator](): Iterator<[name: string, value: string]>;
}

/**
 * A request as the handler receives it: its head parsed and checked, its body complete (RFC 9112
 * §2). It is a view over the connection's memory and valid only until the handler has responded:
 * keep strings or copies.
 *
 * @example
 * ```ts
 * const handler = (request: Request) => ({ status: 200, body: `You asked for ${request.path}` });
 * ```
 */
export interface Request {
  /** The method, a case-sensitive token (RFC 9110 §9.1). */
  readonly method: string;
  /** The request target exactly as sent, in any of its four forms (RFC 9112 §3.2). */
  readonly target: string;
  /**
   * The path of the target, percent-decoded once. For CONNECT it is the authority; for
   * asterisk-form, an OPTIONS request about the server as a whole, it is `*` (RFC 9110 §9.3.7).
   */
  readonly path: string;
  /** The decoded query of the target, empty if it has none. */
  readonly query: URLSearchParams;
  /** The minor version: 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minorVersion: 0 | 1;
  /** The fields of the head. */
  readonly fields: Fields;
  /** The content without transfer coding, empty if there is none. */
  readonly body: Uint8Array;
  /**
   * The content as UTF-8, without a byte order mark. Malformed bytes become U+FFFD. For short
   * content that arrived together with its head, this costs less than decoding `body`.
   */
  readonly text: string;
  /** The address of the peer, e.g. `192.0.2.7` or `2001:db8::7`. */
  readonly peer: string;
  /**
   * Aborts when the client is known to be gone: its connection was reset, or a write failed. To
   * notice that, the connection keeps reading while the handler works, so use it only where it
   * saves work.
   */
  readonly signal: AbortSignal;
  /**
   * Whether the client has ended its sending direction. It may have closed or half-closed the
   * connection; the two look alike until a write fails. Known only once `signal` has been used.
   */
  readonly inputEnded: boolean;
  /**
   * Tells the observer who makes the request and what it is about, e.g. the name of an image. A
   * later call replaces an earlier one.
   */
  note(user: string | null, subject: string | null): void;
  /** Tells the observer which address the request comes from, if its peer is a proxy. */
  noteClient(address: string): void;
}

/** Content that is read while it is sent, so that a large file costs one buffer, not its size. */
export interface BodySource {
  /** The total number of bytes that `read` returns. Becomes `Content-Length`. */
  readonly length: number;
  /** Fills the start of `into`. Resolves with the number of bytes, or null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Releases the source. Called once, whether or not the content was sent to its end. */
  close(): void;
}

/**
 * A response. The connection adds `Date`, `Content-Length` and `Connection`, and nothing else. To a
 * HEAD request the content is not sent, and `Content-Length` is what it would be for GET (RFC 9110
 * §9.3.2).
 *
 * @example
 * ```ts
 * const response: Response = {
 *   status: 200,
 *   fields: [["Content-Type", "text/plain; charset=utf-8"]],
 *   body: "Hello",
 * };
 * ```
 */
export interface Response {
  /** The status code, 200 to 599. */
  readonly status: number;
  /**
   * The field lines, in order, without those that the connection adds and without
   * `Transfer-Encoding`. If one of these or an invalid name or value is present, the request gets a
   * 500 response, and the error is reported.
   */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** The content. A string is sent as UTF-8. */
  readonly body?: string | Uint8Array<ArrayBuffer> | CachedBody | BodySource;
}

/**
 * Handles one request. Returns the response or a promise of it. An error that it throws becomes a
 * 500 response and is reported once, unless it is an `HttpError`, which becomes
 * `errorResponse(error)`.
 *
 * @example
 * ```ts
 * const handler: Handler = async (request) => {
 *   if (request.path !== "/") throw new HttpError(404, "Page not found");
 *   return { status: 200, body: await greeting() };
 * };
 * ```
 */
export type Handler = (request: Request) => Response | Promise<Response>;
