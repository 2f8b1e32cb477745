/**
 * Told what a server does, for its log. Every method is optional; none may throw or block, as they are
 * called between two octets of somebody's answer.
 */
export interface Observer {
  /** A connection was accepted. */
  opened?(peer: string, port: number): void;
  /** A connection has ended. */
  closed?(peer: string, port: number): void;
  /**
   * An answer was given.
   *
   * @param method as sent, or `-` where no request line could be read
   * @param path without the query; decoded, but as sent where the request was refused; or `-`. It comes
   * from outside: escape before printing
   * @param bodyBytes octets of content sent
   * @param milliseconds from the complete request until its answer is ready to be written, or, of content
   * that is read as it is sent, until that is written; 0 for a refusal
   */
  answered?(
    peer: string,
    method: string,
    path: string,
    status: number,
    bodyBytes: number,
    milliseconds: number,
  ): void;
  /**
   * Something the operator should know: a handler threw, a body could not be read to its end, a socket
   * or the listener failed. `peer` is `-` for the listener.
   */
  failed?(peer: string, error: unknown): void;
}
