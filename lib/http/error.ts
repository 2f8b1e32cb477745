/** The error that becomes a response. */
import type { Response } from "./message.ts";

/**
 * A request or response that cannot be accepted, with the status code that says so. The only error
 * that the parsers throw. A handler may throw it to respond with an error status.
 *
 * @example
 * ```ts
 * throw new HttpError(405, "Method not allowed", [["Allow", "GET, HEAD"]]);
 * ```
 */
export class HttpError extends Error {
  /** The name of the class. */
  override readonly name = "HttpError";

  /**
   * Creates the error.
   *
   * @param status the status code to respond with, 400 to 599
   * @param message one plain sentence for the peer and the log, without secrets
   * @param fields further fields of the response, e.g. `Retry-After` or `Allow`
   */
  constructor(
    readonly status: number,
    message: string,
    readonly fields: readonly (readonly [string, string])[] = [],
  ) {
    super(message);
  }
}

/**
 * Returns the response for an error: its status, its fields, and its message as text. The response
 * is about a single request, so no cache may store it, even if its status allows that (RFC 9110
 * §15.1).
 */
export function errorResponse(error: HttpError): Response {
  return {
    status: error.status,
    fields: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Cache-Control", "no-store"],
      ...error.fields,
    ],
    body: error.message,
  };
}
