/**
 * Failures of an exchange between client and server.
 */
import { HttpError } from "../../http/mod.ts";
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
  if (isConnectionLoss(error)) {
    return new Failure("CONNECTION_LOST", (m) => m.connectionLost);
  }
  const reason = strip(error instanceof Error ? error.message : String(error));
  return new Failure("UNEXPECTED", (m) => m.unexpected(reason));
}

function isConnectionLoss(error: unknown): boolean {
  return [
    Deno.errors.ConnectionReset,
    Deno.errors.ConnectionAborted,
    Deno.errors.BrokenPipe,
    Deno.errors.UnexpectedEof,
    Deno.errors.NotConnected,
    Deno.errors.BadResource,
    Deno.errors.Interrupted,
  ].some((kind) => error instanceof kind);
}
