/** What keeps the server from starting, told in one plain sentence: exit 1, no stack trace. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The system's reason without Deno's trailing detail, e.g. `No such file or directory`. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "");
}
