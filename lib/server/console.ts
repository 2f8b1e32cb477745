/** The terminal of whoever runs the server: output, errors and the password prompt. */
import { promptSecret } from "@std/cli/prompt-secret";

/** Longest line that is read from a pipe, characters; no password is that long. */
const LONGEST_LINE = 16 * 1024;

const encoder = new TextEncoder();

/** Writes text to stdout; line ends are the caller's. */
export const say = (text: string): void => print(Deno.stdout, text);

/** Writes text to stderr; line ends are the caller's. */
export const complain = (text: string): void => print(Deno.stderr, text);

/** Writes all of a text. A reader that has gone, as `head` does, is not an error. */
function print(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/**
 * Asks for a password without showing it. If stdin is not a terminal, reads its first line instead.
 *
 * @returns null if stdin has ended
 */
export async function readPassword(prompt: string): Promise<string | null> {
  return Deno.stdin.isTerminal()
    ? promptSecret(prompt.trimEnd(), { mask: "" })
    : await readLine(Deno.stdin.readable);
}

/**
 * Returns the first line of a stream without its line end, or null if the stream is empty. Reads no
 * further than it must.
 */
export async function readLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string | null> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n") || text.length > LONGEST_LINE) break;
  }
  return text === "" ? null : text.split("\n", 1)[0].replace(/\r$/, "");
}
