/**
 * What the client writes to: the answer on stdout, everything else on stderr.
 */

import { Failure } from "../failure.ts";

/** Erases the line and leaves the cursor at its start (ECMA-48 EL). */
const ERASE_LINE = "\r\x1b[K";

/** A place for bytes; `Deno.stdout` is one. */
export interface Sink {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** The two streams of a program. At the menu everything a person reads is on `out`. */
export class Screen {
  readonly #encoder = new TextEncoder();
  /** Whether a sign of life stands on stderr. */
  #hasSign = false;

  constructor(
    private readonly out: Sink,
    private readonly err: Sink,
    /** Whether sentences go to stderr, as in scripts, so that stdout holds the picture alone. */
    private readonly sentencesOnError: boolean,
  ) {}

  /** Whether a person looks at the answer. */
  get outIsTerminal(): boolean {
    return this.out.isTerminal();
  }

  /** Whether a person looks at stderr. */
  get errIsTerminal(): boolean {
    return this.err.isTerminal();
  }

  /** A sentence and a line feed. */
  async say(sentence: string): Promise<void> {
    await this.ask(sentence + "\n");
  }

  /** A question: the cursor stays behind it. */
  async ask(question: string): Promise<void> {
    if (this.sentencesOnError) this.note(question);
    else await this.put(question);
  }

  /**
   * The answer itself, to stdout.
   * @throws Deno.errors.BrokenPipe where the reader has gone; Failure where it cannot be written
   */
  async put(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += await this.out.write(bytes.subarray(at));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      throw new Failure("OUTPUT_FAILED", (m) => m.outputFailed(m.fileError(error)));
    }
  }

  /** The same at once, for the moment when the program ends. */
  putSync(text: string): void {
    this.out.writeSync(this.#encoder.encode(text));
  }

  /**
   * A sign of life on stderr: a line without an end, in the place of the one before. Whatever is said
   * next on stderr takes it back, and so does an empty one.
   */
  sign(line: string): void {
    this.note(line);
    this.#hasSign = line !== "";
  }

  /** Text to stderr at once; where nobody reads it any more, nothing is lost. */
  note(text: string): void {
    const bytes = this.#encoder.encode((this.#hasSign ? ERASE_LINE : "") + text);
    this.#hasSign = false;
    try {
      for (let at = 0; at < bytes.length;) at += this.err.writeSync(bytes.subarray(at));
    } catch {
      // The reader of stderr has gone; the answer on stdout may still be wanted.
    }
  }
}
