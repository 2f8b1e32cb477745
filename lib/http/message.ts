/**
 * What a handler sees of a request and gives as an answer. Nothing here touches a socket.
 */
import type { CachedBody } from "./cached_body.ts";

/**
 * The fields of a message (RFC 9110 §5): a view over the bytes received. Names are compared without
 * regard to case; ask in lower case. A string is made only of what is asked for.
 */
export interface Fields {
  /**
   * The value of the field `name` (lower case), repeated lines combined with `", "` in order
   * (RFC 9110 §5.3), or null where there is none. Lines of `cookie` are combined with `"; "`, as its
   * grammar asks (RFC 6265 §4.2.1).
   */
  get(name: string): string | null;
  /** Every line of the field `name` (lower case), uncombined: for `Set-Cookie`. */
  getAll(name: string): string[];
  /** Whether the field `name` (lower case) is there. */
  has(name: string): boolean;
  /** Name as sent and trimmed value of each field line, in order. */
  [Symbol.iterator](): Iterator<[name: string, value: string]>;
}

/**
 * A request as the handler gets it: head parsed and checked, body whole (RFC 9112 §2). It is a view over
 * the connection's memory, good until the handler's answer has been given: keep strings, or copies.
 */
export interface Request {
  /** The method, a token, case kept (RFC 9110 §9). */
  readonly method: string;
  /** The request target exactly as sent, in any of its four forms (RFC 9112 §3.2). */
  readonly target: string;
  /**
   * The path of the target, percent-encoding decoded once; the authority for CONNECT; `*` for
   * asterisk-form, an OPTIONS about the server as a whole (RFC 9110 §9.3.7).
   */
  readonly path: string;
  /** The decoded query of the target; empty where there is none. */
  readonly query: URLSearchParams;
  /** The minor version: 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minorVersion: 0 | 1;
  /** The fields of the head. */
  readonly fields: Fields;
  /** The content, transfer coding removed; empty where there is none. */
  readonly body: Uint8Array;
  /**
   * The content as UTF-8, without a byte order mark; malformed bytes become U+FFFD. For a short content that
   * came together with its head, it costs less than decoding `body`.
   */
  readonly text: string;
  /** The address of the peer, e.g. `192.0.2.7` or `2001:db8::7`. */
  readonly peer: string;
  /**
   * Aborts when the client is known to be gone: its connection was reset, or a write failed. To notice
   * that, the connection goes on reading while the handler works, so ask only where it saves work.
   */
  readonly signal: AbortSignal;
  /**
   * Whether the client has ended its sending direction. It may have closed or half-closed; both look alike
   * until a write fails. Noticed only once `signal` was asked for.
   */
  readonly inputEnded: boolean;
  /**
   * Tells the observer who makes the request and what it is about, e.g. the name of an image. The last
   * call counts.
   */
  note(user: string | null, subject: string | null): void;
  /** Tells the observer which address the request comes from, if its peer is only a proxy. */
  noteClient(address: string): void;
}

/** Content that is read as it is sent, so that a large file costs one buffer, not its size. */
export interface BodySource {
  /** How many bytes `read` will give in all; becomes `Content-Length`. */
  readonly length: number;
  /** Fills the start of `into`; resolves with the number of bytes, or null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Called once, whether or not the content was sent to the end. */
  close(): void;
}

/**
 * An answer. The connection adds `Date`, `Content-Length`, `Connection` and nothing else. For HEAD, the
 * content is not sent and `Content-Length` is what it would have been (RFC 9110 §9.3.2).
 */
export interface Response {
  /** The status code, 200–599. */
  readonly status: number;
  /**
   * Field lines, in order, without those that the connection adds and `Transfer-Encoding`. Where one of
   * these or an invalid name or value is there, the request is answered 500 instead, and the fault reported.
   */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** The content. A string is sent as UTF-8. */
  readonly body?: string | Uint8Array<ArrayBuffer> | CachedBody | BodySource;
}

/**
 * Answers one request. May answer at once or with a promise. What it throws becomes a 500, logged
 * once, unless it is an `HttpError`, whose status and message are the answer.
 */
export type Handler = (request: Request) => Response | Promise<Response>;
