/** What a server tells its log. */

/** A request that has ended, however it ended. Texts come from outside: escape them before printing. */
export interface RequestEnd {
  /** The peer's address (`Request.peer`), or what the handler noted (`Request.noteClient`). */
  readonly peer: string;
  /** Who made it, as the handler noted (`Request.note`); null if it did not. */
  readonly user: string | null;
  /** The method as sent, or `-` if no request line could be read. */
  readonly method: string;
  /** The path without the query: decoded, but as sent if the request was refused; or `-`. */
  readonly path: string;
  /** What it was about, as the handler noted; null if it did not. */
  readonly subject: string | null;
  /** The status code; 0 if the request ended before there was a response. */
  readonly status: number;
  /** Bytes of content that the transport has accepted. */
  readonly bodyBytes: number;
  /** From the complete request to the last byte accepted, or to its premature end; 0 for a refusal. */
  readonly milliseconds: number;
  /**
   * `complete`: the transport has accepted the whole response. `aborted`: the connection ended before.
   * `stalled`: the peer did not read for `ServerLimits.writeTimeoutMs`.
   */
  readonly outcome: "complete" | "aborted" | "stalled";
}

/**
 * Receives server events, for logging. Every method is optional; none may throw or block, as they are
 * called between two bytes of somebody's response.
 */
export interface Observer {
  /** A connection was accepted. */
  opened?(peer: string, port: number): void;
  /** A connection has ended. */
  closed?(peer: string, port: number): void;
  /** A request has ended. Called once for each whose head was complete, and for each refusal. */
  responded?(request: RequestEnd): void;
  /**
   * Something the operator should know: a handler threw, a body could not be read to its end, a socket
   * or the listener failed. `peer` is `-` for the listener.
   */
  failed?(peer: string, error: unknown): void;
}
