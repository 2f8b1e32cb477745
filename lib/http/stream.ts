/** What `node:net` and `node:tls` call the same; a stream that was destroyed was so by this end. */
const NODE_CODES: ReadonlySet<unknown> = new Set([
  "ECANCELED",
  "ECONNABORTED",
  "ECONNRESET",
  "ENOTCONN",
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
]);

/** Whether an error of a stream's only says that the peer is gone, or that this end cut it off. */
export function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.TimedOut ||
    (error instanceof Error && NODE_CODES.has((error as { code?: unknown }).code));
}
