/** Explains failures to the operator: one sentence on stderr, no stack trace. */
import { StoreUnavailable, StoreUnusable } from "../accounts/mod.ts";

/** The server cannot start; the message is a whole sentence. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Returns the system's reason without Deno's suffix, e.g. `No such file or directory`. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "");
}

/** Returns the sentence for an error that ends the program. */
export function explainFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof StoreUnusable) return `The server cannot start: ${reason}.`;
  if (error instanceof StoreUnavailable) return `The users cannot be read or saved: ${reason}.`;
  return `The server failed: ${reason}.`;
}
