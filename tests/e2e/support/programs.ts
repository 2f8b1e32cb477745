/**
 * Starts the real programs for a test, each in a directory of its own. `SOCKETPROGRAM_SERVER` and
 * `SOCKETPROGRAM_CLIENT` name executables to test instead of the sources.
 */
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("../../../", import.meta.url));

/** Command and first arguments that run `program` ("server" or "client"). */
export function command(program: "server" | "client"): [string, ...string[]] {
  const executable = Deno.env.get(`SOCKETPROGRAM_${program.toUpperCase()}`);
  if (executable) return [executable];
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", join(root, `${program}.ts`)];
}

/**
 * Whether TLS is tested: not where the executables were compiled with a runtime older than the
 * floor, Deno 2.9, which `SOCKETPROGRAM_WITHOUT_TLS` says.
 */
export const hasTls = Deno.env.get("SOCKETPROGRAM_WITHOUT_TLS") === undefined;

/** A directory that is gone when the test ends: `await using dir = await temporaryDirectory()`. */
export async function temporaryDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "socketprogram-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** How a program ended, with everything it printed. */
export interface Ended {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** A server that runs; disposing it stops it and waits for its end. */
export interface RunningServer extends AsyncDisposable {
  /** The port it prints. */
  readonly port: number;
  /** Its process, for signals. */
  readonly process: Deno.ChildProcess;
  /** Resolves when it has ended. */
  readonly ended: Promise<Ended>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Ended>;
}

/** Collects a stream as text; `onText` sees all that has come so far whenever more comes. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void = () => {},
): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    onText(text);
  }
  return text;
}

/**
 * Starts the server on a free port with `directory` as its data directory and waits until it says
 * that it accepts connections.
 *
 * @param descriptors how many descriptors it may open, where it is to have few
 * @throws Error with what it printed, when it ends instead
 */
export async function startServer(
  directory: string,
  args: readonly string[] = [],
  { descriptors }: { descriptors?: number } = {},
): Promise<RunningServer> {
  const program = command("server");
  const limited = ["sh", "-c", `ulimit -n ${descriptors}; exec "$0" "$@"`, ...program];
  const [executable, ...first] = descriptors === undefined ? program : limited;
  const process = new Deno.Command(executable, {
    args: [...first, "0", "--host", "127.0.0.1", "--data", directory, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const { promise: port, resolve, reject } = Promise.withResolvers<number>();
  const stdout = collect(process.stdout, (text) => {
    const started = text.match(/^Server started at (\d+)$/m);
    if (started) resolve(Number(started[1]));
  });
  const stderr = collect(process.stderr);
  const ended = Promise.all([process.status, stdout, stderr]).then(
    ([{ code, signal }, stdout, stderr]) => ({ code, signal, stdout, stderr }),
  );
  ended.then((end) => reject(new Error(`the server ended: ${JSON.stringify(end)}`)));

  let running = true;
  ended.then(() => running = false);
  const stop = () => {
    if (running) process.kill("SIGTERM");
    return ended;
  };
  return {
    port: await port,
    process,
    ended,
    stop,
    [Symbol.asyncDispose]: async () => void await stop(),
  };
}

/** Runs the client with `directory` as its data directory until it ends, `input` on its stdin. */
export async function runClient(
  directory: string,
  args: readonly string[],
  { input = "", env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const [executable, ...first] = command("client");
  const process = new Deno.Command(executable, {
    args: [...first, ...args, "--data", directory],
    env: { NO_COLOR: "", LANG: "en_US.UTF-8", LC_ALL: "", LC_MESSAGES: "", SERVER_IP: "", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  // The program may end without reading what it is sent.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const [{ code, signal }, stdout, stderr] = await Promise.all([
    process.status,
    collect(process.stdout),
    collect(process.stderr),
  ]);
  return { code, signal, stdout, stderr };
}
