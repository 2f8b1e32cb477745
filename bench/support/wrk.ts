/** The load generator `wrk` (Debian: `apt-get install wrk`). */
import { join } from "@std/path";

/** What is asked of a server. */
export interface Load {
  readonly method: string;
  readonly target: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether it is sent over TLS. */
  readonly tls?: boolean;
  /** Connections at a time. */
  readonly connections: number;
  /** The least duration of a round, seconds, if a response takes longer than that of others. */
  readonly leastSeconds?: number;
}

/** What came of it. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly requests: number;
}

/** Whether `wrk` is there. */
export async function hasWrk(): Promise<boolean> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** How long `wrk` waits for a response: over TLS, four of 256 MB at once take longer than its 2 s. */
const TIMEOUT_SECONDS = 30;

/**
 * Requests timed out, or none was responded to, and nothing else went wrong: the machine is slow, not
 * the server broken.
 */
export class WrkTimeoutError extends Error {}

/** Runs `wrk` with these arguments and returns what it prints. */
async function wrk(args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command("wrk", { args: [...args], stderr: "inherit" }).output();
  return new TextDecoder().decode(stdout);
}

/**
 * Sends a load for some seconds, as fast as the server responds.
 *
 * @param run runs `wrk`
 * @throws {WrkTimeoutError} if requests time out, or no response comes in all the time
 * @throws {Error} if a response is no success or a connection fails
 */
export async function runWrk(
  port: number,
  load: Load,
  seconds: number,
  run: (args: readonly string[]) => Promise<string> = wrk,
): Promise<LoadResult> {
  const directory = await Deno.makeTempDir();
  try {
    const script = join(directory, "load.lua");
    const lines = [`wrk.method = ${quote(load.method)}`];
    for (const [name, value] of Object.entries(load.fields ?? {})) {
      lines.push(`wrk.headers[${quote(name)}] = ${quote(value)}`);
    }
    if (load.body !== undefined) lines.push(`wrk.body = ${quote(load.body)}`);
    await Deno.writeTextFile(script, lines.join("\n"));
    const url = `${load.tls ? "https" : "http"}://127.0.0.1:${port}${load.target}`;
    const args = ["-t1", `-c${load.connections}`, `-d${seconds}s`, "-s", script];
    args.push("--timeout", `${TIMEOUT_SECONDS}s`, url);
    const output = await run(args);
    const timeouts = timeoutsAlone(output);
    if (timeouts > 0) {
      throw new WrkTimeoutError(`${load.method} ${load.target}: ${timeouts} time-outs.`);
    }
    const result = parse(output);
    if (result.requests === 0) {
      throw new WrkTimeoutError(`${load.method} ${load.target}: no response within ${seconds} s.`);
    }
    return result;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Returns how many requests timed out if nothing else went wrong, else 0. */
function timeoutsAlone(output: string): number {
  const [, timeouts] = /connect 0, read 0, write 0, timeout (\d+)/.exec(output) ?? [];
  return /Non-2xx/.test(output) ? 0 : Number(timeouts ?? 0);
}

/** A string of Lua. JSON's escapes, as far as they occur here, are Lua's. */
const quote = (text: string) => JSON.stringify(text);

function parse(output: string): LoadResult {
  const failures = /Non-2xx or 3xx responses: \d+|Socket errors: .*[1-9].*/.exec(output);
  if (failures !== null) throw new Error(failures[0]);
  const [, amount, unit] = /^Transfer\/sec:\s+([\d.]+)([KMG]?)B$/m.exec(output)!;
  const scale = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[unit]!;
  return {
    requestsPerSecond: Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(output)![1]),
    bytesPerSecond: Number(amount) * scale,
    requests: Number(/(\d+) requests in/.exec(output)![1]),
  };
}
