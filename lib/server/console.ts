/** What the program says to whoever runs it, and asks. */
import { promptSecret } from "@std/cli/prompt-secret";

/** Longest line that is read from a pipe, characters; no password is as long. */
const LONGEST_LINE = 16 * 1024;

const encoder = new TextEncoder();

/** Writes text, its line ends included. A reader that went away, as `head` does, is no fault. */
export function print(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/**
 * Asks for a password without showing it, or, where stdin is no terminal, reads its first line.
 *
 * @returns null where stdin has ended
 */
export async function readPassword(prompt: string): Promise<string | null> {
  return Deno.stdin.isTerminal()
    ? promptSecret(prompt.trimEnd(), { mask: "" })
    : await readLine(Deno.stdin.readable);
}

/** The first line of a stream, without its end; null where there is none. */
async function readLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string | null> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n") || text.length > LONGEST_LINE) break;
  }
  if (text === "") return null;
  return text.split("\n", 1)[0].replace(/\r$/, "");
}
