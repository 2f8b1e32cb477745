/**
 * The two output streams: the result on stdout, everything else on stderr.
 */

import { Failure } from "../failure.ts";

/** Erases the line and leaves the cursor at its start (ECMA-48 EL). */
const ERASE_LINE = "\r\x1b[K";

/** A stream for bytes, such as `Deno.stdout`. */
export interface Sink {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** The two streams of the program. At the menu, everything that a person reads is on `out`. */
export class Screen {
  readonly #encoder = new TextEncoder();
  /** Whether a status line stands on stderr. */
  #hasStatus = false;

  readonly #out: Sink;
  readonly #err: Sink;
  readonly #sentencesOnError: boolean;

  /**
   * @param out stdout
   * @param err stderr
   * @param sentencesOnError whether sentences go to stderr, as in scripts, so that stdout holds the
   * picture alone
   */
  constructor(
    out: Sink,
    err: Sink,
    sentencesOnError: boolean,
  ) {
    this.#out = out;
    this.#err = err;
    this.#sentencesOnError = sentencesOnError;
  }

  /** Whether stdout is a terminal. */
  get outIsTerminal(): boolean {
    return this.#out.isTerminal();
  }

  /** Whether stderr is a terminal. */
  get errIsTerminal(): boolean {
    return this.#err.isTerminal();
  }

  /** Prints a sentence and a line feed. */
  async say(sentence: string): Promise<void> {
    await this.ask(sentence + "\n");
  }

  /** Prints a question; the cursor stays behind it. */
  async ask(question: string): Promise<void> {
    if (this.#sentencesOnError) this.note(question);
    else await this.put(question);
  }

  /**
   * Prints the result to stdout.
   *
   * @throws {Deno.errors.BrokenPipe} if the reader has gone
   * @throws {Failure} if it cannot be written
   */
  async put(text: string): Promise<void> {
    await this.putBytes(this.#encoder.encode(text));
  }

  /** Writes bytes to stdout, as `put` does text. */
  async putBytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#out.write(bytes.subarray(at));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      throw new Failure("OUTPUT_FAILED", (m) => m.outputFailed(m.fileError(error)));
    }
  }

  /** Writes text to stdout synchronously, for the moment when the program ends. */
  putSync(text: string): void {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += this.#out.writeSync(bytes.subarray(at));
  }

  /**
   * Shows a one-line status on stderr, replacing the previous one. An empty line, and whatever is
   * written to stderr next, erases it.
   */
  status(line: string): void {
    this.note(line);
    this.#hasStatus = line !== "";
  }

  /** Writes text to stderr synchronously. A reader that has gone is no error. */
  note(text: string): void {
    const bytes = this.#encoder.encode((this.#hasStatus ? ERASE_LINE : "") + text);
    this.#hasStatus = false;
    try {
      for (let at = 0; at < bytes.length;) at += this.#err.writeSync(bytes.subarray(at));
    } catch {
      // The reader of stderr has gone; the result on stdout may still be wanted.
    }
  }
}
