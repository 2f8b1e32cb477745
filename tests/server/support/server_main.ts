/** The server program within the test's own process, for commands that end by themselves. */
import { main } from "../../../lib/server/main.ts";

/** How a program ended, with everything that it printed. */
export interface MainEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command as `server.ts` does; to start a process instead would take 0.3 s of processor time.
 * One command at a time: what is printed meanwhile counts as its output.
 */
export async function runMain(...args: string[]): Promise<MainEnd> {
  const printed = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"] as const;
  const originals = streams.map((name) => Deno[name].writeSync);
  for (const name of streams) {
    const decoder = new TextDecoder();
    Deno[name].writeSync = (bytes) => {
      printed[name] += decoder.decode(bytes, { stream: true });
      return bytes.length;
    };
  }
  try {
    return { code: await main(args), ...printed };
  } finally {
    streams.forEach((name, i) => Deno[name].writeSync = originals[i]);
  }
}
