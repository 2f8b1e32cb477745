/**
 * HTTP/1.1 over any byte stream (RFC 9110, RFC 9112): the server's side and the client's. Knows no route, no
 * user and no file.
 */
export { HttpError } from "./error.ts";
export * from "./limits.ts";
export * from "./message.ts";
export { CachedBody } from "./cached_body.ts";
export * from "./server/server.ts";
export * from "./client/client.ts";
