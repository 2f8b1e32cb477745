/** The byte stream that messages travel on, and what can be said about any of them. */

/**
 * A stream of bytes in both directions: a `Deno.Conn`, a TLS connection, or a pair of queues in a
 * test.
 */
export interface ByteStream {
  /** Fills the start of `into`. Resolves with the number of bytes, or null once the peer ended. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes a prefix of `bytes`. Resolves with its length. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the sending direction (a TCP FIN). */
  closeWrite(): Promise<void>;
  /** Ends both directions. */
  close(): void;
}

/** The errors of `Deno.Conn` by which a peer ends a connection. */
const RESETS = [
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted,
  Deno.errors.BrokenPipe,
  Deno.errors.UnexpectedEof,
];

/** The further errors that mean the connection is gone, for instance because this end closed it. */
const ENDS = [
  Deno.errors.BadResource,
  Deno.errors.Interrupted,
  Deno.errors.NotConnected,
  Deno.errors.TimedOut,
];

/** The codes of `node:net` and `node:tls` for the same. */
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

/** Returns whether an error of a stream means that the peer reset or closed the connection. */
export function isReset(error: unknown): boolean {
  return RESETS.some((kind) => error instanceof kind);
}

/**
 * Returns whether an error of a stream only means that the connection is gone: reset by the peer,
 * timed out by the system, or closed by this end.
 */
export function isDisconnect(error: unknown): boolean {
  return isReset(error) || ENDS.some((kind) => error instanceof kind) ||
    (error instanceof Error && NODE_CODES.has((error as { code?: unknown }).code));
}

/** Closes a stream or a listener that may be closed already. */
export function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Already closed.
  }
}

/**
 * Reads and discards what a peer still sends after the last response: the second half of a lingering
 * close. Closing with unread bytes would reset the connection, and the peer could lose the response
 * (RFC 9112 §9.6).
 *
 * @param buffer the memory to read into
 * @param limit the number of bytes to read at most
 * @throws the errors of `stream.read`
 */
export async function drain(stream: ByteStream, buffer: Uint8Array, limit: number): Promise<void> {
  for (let left = limit; left > 0;) {
    const read = await stream.read(buffer);
    if (read === null) return;
    left -= read;
  }
}
