/** The event log: one line for each event, written in batches to a file and to the console. */
import { localTime } from "../../text/local_time.ts";
import { escape } from "../../text/printable.ts";
import { BatchWriter, type ByteSink } from "./batch_writer.ts";
import { ByteBuffer } from "./byte_buffer.ts";

/** Longest text from outside in a line, UTF-16 code units; longer text is cut and ends in `…`. */
const MAX_TEXT_LENGTH = 1024;

/** Text that needs no escaping: anywhere, between quotation marks, between spaces. */
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;
const PLAIN_QUOTED = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const PLAIN_WORD = /^[\x21-\x5b\x5d-\x7e]*$/;

/**
 * Escapes text from outside for the log: one line, nothing that controls a terminal, and different
 * texts stay different.
 *
 * @param delimiter the character that ends the text in its line, if any; it is escaped, too
 */
export function escapeForLog(text: string, delimiter?: '"' | " "): string {
  // Nearly always one test is enough. Each line of a request has three such texts.
  const plain = delimiter === '"' ? PLAIN_QUOTED : delimiter === " " ? PLAIN_WORD : PLAIN;
  const short = text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) + "…" : text;
  if (plain.test(short)) return short;
  const escaped = escape(short);
  if (delimiter === undefined) return escaped;
  return escaped.replaceAll(delimiter, delimiter === " " ? "\\x20" : '\\"');
}

/**
 * Provides `[YYYY-MM-DD HH:MM:SS] ` in local time. Lines written in the same turn of the event loop
 * share it, since reading the clock takes as long as writing half a line. The text is made once a
 * second.
 */
class Timestamp {
  readonly #now: () => number;
  readonly #forget = () => {
    this.#isCurrent = false;
  };
  #isCurrent = false;
  #second = NaN;
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param now the clock, milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The timestamp of a line that is written now. */
  get bytes(): Uint8Array {
    if (!this.#isCurrent) this.#update();
    return this.#bytes;
  }

  #update(): void {
    this.#isCurrent = true;
    queueMicrotask(this.#forget);
    const now = this.#now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytes = new TextEncoder().encode(`[${localTime(second)}] `);
    }
  }
}

/** Destinations of the log. */
export interface LogSinks {
  /** Receives the lines. */
  readonly file?: ByteSink;
  /** Receives the same lines. */
  readonly console?: ByteSink;
  /** Receives a sentence when writing to the file begins to fail. */
  readonly complain?: (sentence: string) => void;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
}

/**
 * The log. A call only copies the line; it is written a few milliseconds later, together with
 * others. A failure never reaches the caller.
 */
export class EventLog {
  readonly #timestamp: Timestamp;
  readonly #file: BatchWriter | null;
  readonly #console: BatchWriter | null;
  /** The buffer of the current line, and where the line begins. */
  #line: ByteBuffer = new ByteBuffer();
  #lineStart = 0;

  constructor({ file, console, complain, now }: LogSinks) {
    this.#timestamp = new Timestamp(now ?? Date.now);
    this.#file = file === undefined ? null : new BatchWriter(file, {
      failed: (reason) =>
        complain?.(`The log cannot be written: ${reason}. The server continues without it.`),
      recovered: (lost) => {
        if (lost > 0) this.write(`log: ${lost} lines were lost while the log could not be written`);
      },
    });
    this.#console = console === undefined ? null : new BatchWriter(console);
  }

  /** Adds a line, which must be escaped already. */
  write(text: string): void {
    this.begin().text(text);
    this.end();
  }

  /**
   * Begins a line that is appended piece by piece, for lines that are frequent. The pieces must be
   * escaped already; `end` must follow synchronously.
   */
  begin(): ByteBuffer {
    if (this.#file !== null) this.#line = this.#file.begin();
    else this.#line.clear();
    this.#lineStart = this.#line.length;
    return this.#line.append(this.#timestamp.bytes);
  }

  /** Completes the line that `begin` began. */
  end(): void {
    const line = this.#line.text("\n");
    if (this.#console !== null) {
      this.#console.begin().append(line.view(this.#lineStart));
      this.#console.end();
    }
    this.#file?.end();
  }

  /**
   * Writes all waiting lines; gives up after `timeoutMs`, so that a stuck console cannot delay
   * exit.
   */
  async close(timeoutMs = 1000): Promise<void> {
    await Promise.all([this.#file?.close(timeoutMs), this.#console?.close(timeoutMs)]);
  }
}
