/**
 * Failures of an exchange between client and server.
 */
import { HttpError, isDisconnect } from "../../http/mod.ts";
import { Failure } from "../failure.ts";
import { strip } from "../../text/printable.ts";

/** Turns an error of an exchange into a `Failure`. */
export function transportFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof Deno.errors.TimedOut) {
    return new Failure("ANSWER_TIMEOUT", (m) => m.responseTimeout);
  }
  if (error instanceof HttpError) {
    const reason = strip(error.message);
    return new Failure("ANSWER_MALFORMED", (m) => m.responseMalformed(reason));
  }
  if (isDisconnect(error)) {
    return new Failure("CONNECTION_LOST", (m) => m.connectionLost);
  }
  const reason = strip(error instanceof Error ? error.message : String(error));
  return new Failure("UNEXPECTED", (m) => m.unexpected(reason));
}
