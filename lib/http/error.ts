import type { Response } from "./message.ts";

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

/**
 * Returns the response that an error stands for: its status, its fields, its sentence as text. It is
 * about one request, so no cache may keep it, whatever its status allows (RFC 9110 §15.1).
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
