/** The event log: one line an event, to a file and to the console, written in batches. */
import { localTime } from "../../text/local_time.ts";
import { escape } from "../../text/printable.ts";
import { BatchWriter, type ByteSink } from "./batch_writer.ts";
import { ByteBuffer } from "./byte_buffer.ts";

/** Longest text from outside in one line, characters; what is longer ends in `…`. */
const LONGEST_TEXT = 1024;

/** Text that needs no escaping: anywhere, between quotation marks, between blanks. */
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;
const PLAIN_QUOTED = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const PLAIN_WORD = /^[\x21-\x5b\x5d-\x7e]*$/;

/**
 * Returns text from outside as it may stand in a log: one line, nothing a terminal would obey, and
 * different texts written differently.
 *
 * @param delimiter what ends the text in its line, if anything: it is escaped as well
 */
export function escapeForLog(text: string, delimiter?: '"' | " "): string {
  // One look at the text, nearly always: this is done for three of each line.
  const plain = delimiter === '"' ? PLAIN_QUOTED : delimiter === " " ? PLAIN_WORD : PLAIN;
  if (text.length <= LONGEST_TEXT && plain.test(text)) return text;
  const escaped = escape(text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) + "…" : text);
  if (delimiter === undefined) return escaped;
  return escaped.replaceAll(delimiter, delimiter === " " ? "\\x20" : '\\"');
}

/**
 * Gives `[YYYY-MM-DD HH:MM:SS] ` in local time. Lines that are written in a row get the same, since looking at
 * the time takes as long as half a line; it is made anew once a second.
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

  /** The bytes for a line that is written now. */
  get bytes(): Uint8Array {
    if (!this.#isCurrent) this.#look();
    return this.#bytes;
  }

  #look(): void {
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

/** Where the log goes. */
export interface LogSinks {
  /** Gets the lines. */
  readonly file?: ByteSink;
  /** Gets the same lines. */
  readonly console?: ByteSink;
  /** Told once, in a sentence, when the file starts to refuse lines. */
  readonly complain?: (sentence: string) => void;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
}

/**
 * The log. A line costs its caller some copying; it is written a few milliseconds later, together with
 * the others of that time. Nothing that goes wrong here stops a caller.
 */
export class EventLog {
  readonly #timestamp: Timestamp;
  readonly #file: BatchWriter | null;
  readonly #console: BatchWriter | null;
  /** Where the line in hand is written, and where it begins. */
  #line: ByteBuffer = new ByteBuffer();
  #lineFrom = 0;

  constructor({ file, console, complain, now }: LogSinks) {
    this.#timestamp = new Timestamp(now ?? Date.now);
    this.#file = file === undefined ? null : new BatchWriter(file, {
      failed: (reason) =>
        complain?.(`The log cannot be written (${reason}); the server goes on without it.`),
      recovered: (lost) => {
        if (lost > 0) this.write(`log: ${lost} lines were lost while it could not be written`);
      },
    });
    this.#console = console === undefined ? null : new BatchWriter(console);
  }

  /** Adds a line. It must be free of what `escapeForLog` removes. */
  write(text: string): void {
    this.begin().text(text);
    this.end();
  }

  /**
   * Begins a line that is written piece by piece, for what is logged often. Pieces must be free of what
   * `escapeForLog` removes; `end` must follow before anything else is logged.
   */
  begin(): ByteBuffer {
    if (this.#file !== null) this.#line = this.#file.begin();
    else this.#line.clear();
    this.#lineFrom = this.#line.length;
    return this.#line.append(this.#timestamp.bytes);
  }

  /** Adds the line that `begin` began. */
  end(): void {
    const line = this.#line.text("\n");
    if (this.#console !== null) {
      this.#console.begin().append(line.view(this.#lineFrom));
      this.#console.end();
    }
    this.#file?.end();
  }

  /** Writes what waits; gives up after `patienceMs`, so that a stuck console delays no exit. */
  async close(patienceMs = 1000): Promise<void> {
    await Promise.all([this.#file?.close(patienceMs), this.#console?.close(patienceMs)]);
  }
}
