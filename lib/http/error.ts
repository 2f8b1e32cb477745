/**
 * A request or response that cannot be accepted, with the status that says so. The only error that
 * the parser throws.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";

  /**
   * @param status the status code to answer with (400–599)
   * @param message one plain sentence for the peer and the log; holds nothing secret
   * @param fields further field lines of the answer, e.g. `Retry-After` or `Allow`
   */
  constructor(
    readonly status: number,
    message: string,
    readonly fields: readonly (readonly [string, string])[] = [],
  ) {
    super(message);
  }
}
