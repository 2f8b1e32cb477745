/**
 * HTTP/1.1 over any byte stream (RFC 9110, RFC 9112): a server, a client, and the semantics that
 * both share. Knows no routes, users or files. Start with `serve` and `HttpClient`.
 *
 * @module
 */
export { errorResponse, HttpError } from "./error.ts";
export { CLIENT_LIMITS, type ClientLimits, SERVER_LIMITS, type ServerLimits } from "./limits.ts";
export type { BodySource, Fields, Handler, Request, Response } from "./message.ts";
export { type ByteStream, closeQuietly, isDisconnect } from "./stream.ts";
export { CachedBody } from "./cached_body.ts";
export { PreparedResponse } from "./prepared_response.ts";

// RFC 9110: what messages mean.
export { type ByteRange, parseRange } from "./semantics/byte_range.ts";
export { evaluateConditions, rangeApplies, type Validators } from "./semantics/conditional.ts";
export { formatHttpDate, parseHttpDate } from "./semantics/http_date.ts";

// RFC 9112, the server's side.
export {
  type AcceptedStream,
  type HttpServer,
  serve,
  type ServeOptions,
  type StreamListener,
} from "./server/server.ts";
export type { Observer, RequestEnd } from "./server/observer.ts";

// RFC 9112, the client's side.
export { HttpClient, type HttpClientOptions } from "./client/client.ts";
export { type IncomingResponse, TruncatedResponse } from "./client/incoming_response.ts";
export type { WireObserver } from "./client/connection.ts";
export type { OutgoingRequest } from "./wire/request_encoder.ts";
export {
  type RequestHeadLimits,
  type RequestHeadParser,
  requestHeadParser,
} from "./wire/request_head.ts";
