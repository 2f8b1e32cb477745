/**
 * What went wrong between client and server, as a sentence.
 */
import { HttpError } from "../../http/error.ts";
import { Failure } from "../failure.ts";
import { strip } from "../../text/printable.ts";

/** Turns whatever an exchange threw into a `Failure`. */
export function transportFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof Deno.errors.TimedOut) {
    return new Failure("ANSWER_TIMEOUT", (m) => m.answerTimeout);
  }
  if (error instanceof HttpError) {
    const reason = strip(error.message);
    return new Failure("ANSWER_MALFORMED", (m) => m.answerMalformed(reason));
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
