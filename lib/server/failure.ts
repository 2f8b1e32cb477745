/** What goes wrong for the operator, in one plain sentence: exit 1, no stack trace. */
import { StoreUnavailable, StoreUnusable } from "../accounts/mod.ts";

/** Something keeps the server from starting; the message is a whole sentence. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The system's reason without Deno's trailing detail, e.g. `No such file or directory`. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "");
}

/** The sentence for whatever ended the program. */
export function explainFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof StoreUnusable) return `The server cannot start: ${reason}.`;
  if (error instanceof StoreUnavailable) return `The users cannot be read or saved: ${reason}.`;
  return `The server failed: ${reason}.`;
}
