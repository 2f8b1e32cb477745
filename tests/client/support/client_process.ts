/**
 * The real client as a process, its screen read as it appears.
 */
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("../../../", import.meta.url));

/** How a client ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a client is started. */
export interface ClientOptions {
  /** The data directory. */
  readonly data: string;
  readonly env?: Record<string, string>;
}

/** The command that runs the client, `SOCKETPROGRAM_CLIENT` or the source. */
export function clientCommand(): [string, ...string[]] {
  const executable = Deno.env.get("SOCKETPROGRAM_CLIENT");
  if (executable) return [executable];
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", join(root, "client.ts")];
}

/** A Korean screen in true colour, whatever the environment of the tests is. */
export const ENVIRONMENT = {
  LC_ALL: "",
  LC_MESSAGES: "",
  LANG: "ko_KR.UTF-8",
  SERVER_IP: "",
  NO_COLOR: "",
  COLORTERM: "truecolor",
  TERM: "xterm-256color",
  TMUX: "",
};

/** A client that runs. */
export class ClientProcess {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: Text;
  readonly #stderr: Text;
  #seen = 0;

  constructor([executable, ...args]: readonly string[], env: Record<string, string>) {
    this.#child = new Deno.Command(executable, {
      args,
      env: { ...ENVIRONMENT, ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = new Text(this.#child.stdout);
    this.#stderr = new Text(this.#child.stderr);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Where what was waited for last ends in `screen`. */
  get seen(): number {
    return this.#seen;
  }

  /** What stdout has shown so far. */
  get screen(): string {
    return this.#stdout.content;
  }

  /**
   * Waits until stdout shows `text` after what was waited for last. @throws at the end of stdout
   */
  async shows(text: string): Promise<void> {
    for (;;) {
      const at = this.#stdout.content.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (!await this.#stdout.more()) {
        throw new Error(
          `never showed ${text}: ${
            this.#stdout.content.slice(this.#seen)
          }\n${this.#stderr.content}`,
        );
      }
    }
  }

  /** Waits until stderr shows `text`. */
  async notes(text: string): Promise<void> {
    while (!this.#stderr.content.includes(text)) {
      if (!await this.#stderr.more()) {
        throw new Error(`never noted ${text}: ${this.#stderr.content}`);
      }
    }
  }

  async types(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text));
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Ends the input and waits for the end. */
  async ends(): Promise<Ended> {
    await this.#stdin.close().catch(() => {});
    return await this.ended();
  }

  /** Waits for the end. */
  async ended(): Promise<Ended> {
    // Read to the end first: a program that nobody reads does not end.
    await Promise.all([this.#stdout.rest(), this.#stderr.rest()]);
    const { code } = await this.#child.status;
    await this.#stdin.close().catch(() => {});
    return { code, stdout: this.#stdout.content, stderr: this.#stderr.content };
  }
}

class Text {
  content = "";
  readonly #reader: ReadableStreamDefaultReader<string>;
  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }
  async more(): Promise<boolean> {
    const { value, done } = await this.#reader.read();
    this.content += value ?? "";
    return !done;
  }
  async rest(): Promise<void> {
    while (await this.more());
  }
}

/** Starts the client over pipes. */
export function startClient(
  args: readonly string[],
  { data, env = {} }: ClientOptions,
): ClientProcess {
  return new ClientProcess([...clientCommand(), ...args, "--data", data], env);
}

/** Runs the client as a process over pipes with all of its input. */
export async function runClientProcess(
  args: readonly string[],
  options: ClientOptions,
  input = "",
): Promise<Ended> {
  const client = startClient(args, options);
  await client.types(input).catch(() => {});
  return await client.ends();
}

/** Whether there is a program that makes a pseudo-terminal. */
export const hasPseudoTerminal = Deno.build.os === "linux" && await exists("/usr/bin/script");

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/**
 * Starts the client on a pseudo-terminal of 80 × 24, made by `script` of util-linux.
 *
 * @param after what the shell does after it
 * @param before what the shell does before it
 */
export function startOnTerminal(
  args: readonly string[],
  { data, env = {} }: ClientOptions,
  after = "",
  before = "",
): ClientProcess {
  const command = [...clientCommand(), ...args, "--data", data]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  // The trap is for the shell alone, which a Ctrl-C would end before it runs `after`.
  const script = `trap : INT; stty cols 80 rows 24; ${before}${command}${after}`;
  return new ClientProcess(["/usr/bin/script", "-qefc", script, "/dev/null"], env);
}
