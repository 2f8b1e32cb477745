/**
 * The client within the test's own process, over pipes that a test gives: a hundred runs in the
 * time in which a process starts ten times.
 */
import { main } from "../../../lib/client/main.ts";
import { type ClientOptions, type Ended, ENVIRONMENT, runClientProcess } from "./client_process.ts";

/**
 * Runs the client with all of its input. With `SOCKETPROGRAM_CLIENT`, that program is run instead.
 */
export async function runClient(
  args: readonly string[],
  options: ClientOptions,
  input = "",
): Promise<Ended> {
  if (Deno.env.get("SOCKETPROGRAM_CLIENT")) return runClientProcess(args, options, input);
  const variables: Record<string, string> = { ...ENVIRONMENT, ...options.env };
  const stdout = new Output();
  const stderr = new Output();
  const code = await main([...args, "--data", options.data], {
    stdin: inputOf(new TextEncoder().encode(input)),
    stdout,
    stderr,
    environment: { get: (name) => variables[name] },
    saveDirectory: options.data,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A pipe that holds these bytes and then ends. */
function inputOf(bytes: Uint8Array) {
  return {
    read(into: Uint8Array): Promise<number | null> {
      const piece = bytes.subarray(0, into.length);
      bytes = bytes.subarray(piece.length);
      into.set(piece);
      return Promise.resolve(piece.length || null);
    },
    isTerminal: () => false,
    setRaw() {},
  };
}

/** A pipe whose reader keeps everything. */
class Output {
  readonly #decoder = new TextDecoder();
  text = "";

  writeSync(bytes: Uint8Array): number {
    this.text += this.#decoder.decode(bytes, { stream: true });
    return bytes.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(this.writeSync(bytes));
  }

  isTerminal(): boolean {
    return false;
  }
}
