/** The log of a running server: its file, its console, and the kinds of lines in it. */
import { join } from "@std/path";
import { describeFault } from "./access_log.ts";
import { escapeForLog, EventLog } from "./event_log.ts";
import { LogFile } from "./log_file.ts";

/** Options of `ServerLog.open`. */
export interface ServerLogOptions {
  /** Where `server_log.txt` is. */
  readonly dataDirectory: string;
  /** Size at which the file is renamed, bytes. */
  readonly logBytes: number;
  /** Whether to leave out the console. */
  readonly quiet: boolean;
  /** Receives a sentence for the operator's terminal. */
  readonly complain: (sentence: string) => void;
}

/** Writes `server_log.txt` and, unless told to be quiet, the same lines to the console. */
export class ServerLog {
  /** Takes lines that are already escaped. */
  readonly events: EventLog;
  readonly #file: LogFile;
  readonly #complain: (sentence: string) => void;

  private constructor(events: EventLog, file: LogFile, complain: (sentence: string) => void) {
    this.events = events;
    this.#file = file;
    this.#complain = complain;
  }

  /** Opens the file. If that fails, the server runs without it until it can be opened. */
  static async open(options: ServerLogOptions): Promise<ServerLog> {
    const { complain } = options;
    const path = join(options.dataDirectory, "server_log.txt");
    const file = new LogFile(path, { maxBytes: options.logBytes, complain });
    await file.open();
    const console = options.quiet ? undefined : Deno.stdout;
    return new ServerLog(new EventLog({ file, console, complain }), file, complain);
  }

  /** Writes a line, escaped. */
  readonly line = (text: string): void => this.events.write(escapeForLog(text));

  /** Writes something worth knowing. */
  readonly notice = (sentence: string): void => this.line(`notice: ${sentence}`);

  /** Writes a fault that the server survives. */
  readonly report = (error: unknown): void => this.events.write(`error: ${describeFault(error)}`);

  /** Writes a warning to the log and to the terminal, so that the operator cannot miss it. */
  readonly warn = (sentence: string): void => {
    this.line(`warning: ${sentence}`);
    this.#complain(`Warning: ${sentence}.`);
  };

  /** Makes the next line open the file at its path again, for log rotation. */
  reopen(): void {
    this.#file.reopen();
    this.line("SIGHUP: the log is reopened");
  }

  /** Writes what is left. */
  close(): Promise<void> {
    return this.events.close();
  }
}
