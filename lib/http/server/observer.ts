/** The events that a server reports, for its log. */

/**
 * A request that has ended, whatever ended it. Its texts come from outside: escape them before
 * printing.
 */
export interface RequestEnd {
  /**
   * The address of the peer (`Request.peer`), or the one the handler noted (`Request.noteClient`).
   */
  readonly peer: string;
  /** The user, as the handler noted it (`Request.note`), otherwise null. */
  readonly user: string | null;
  /** The method as sent, or `-` if no request line could be read. */
  readonly method: string;
  /**
   * The path without the query: decoded, but as sent if the request was refused; `-` if unknown.
   */
  readonly path: string;
  /** The subject, as the handler noted it (`Request.note`), otherwise null. */
  readonly subject: string | null;
  /** The status code, or 0 if the request ended before there was a response. */
  readonly status: number;
  /** The number of bytes of content that the transport has accepted. */
  readonly bodyBytes: number;
  /**
   * The time from the complete request to the last byte accepted, or to the premature end. 0 for a
   * refusal.
   */
  readonly milliseconds: number;
  /**
   * `complete`: the transport has accepted the whole response. `aborted`: the connection ended
   * earlier. `stalled`: the peer accepted nothing for `ServerLimits.writeTimeoutMs`.
   */
  readonly outcome: "complete" | "aborted" | "stalled";
}

/**
 * Receives server events, for logging. Every method is optional. None may throw or block, as they
 * are called while responses are being sent.
 *
 * @example
 * ```ts
 * const observer: Observer = {
 *   responded: ({ peer, method, path, status }) => console.log(peer, method, path, status),
 *   failed: (peer, error) => console.error(peer, error),
 * };
 * serve(listener, handler, { observer });
 * ```
 */
export interface Observer {
  /** A connection was accepted. */
  opened?(peer: string, port: number): void;
  /** A connection has ended. */
  closed?(peer: string, port: number): void;
  /**
   * A request has ended. Called once for each request whose head was complete, and for each
   * refusal.
   */
  responded?(request: RequestEnd): void;
  /**
   * An error the operator should know of: a handler threw, a body could not be read to its end, a
   * socket or the listener failed. For the listener, `peer` is `-`.
   */
  failed?(peer: string, error: unknown): void;
}
