/**
 * Answers from the keyboard or a pipe: lines, secrets without echo, single keys.
 */
import { Failure } from "./failure.ts";
import { onExit } from "./process_exit.ts";

/** Where answers come from; `Deno.stdin` is one. */
export interface InputSource {
  read(into: Uint8Array): Promise<number | null>;
  isTerminal(): boolean;
  setRaw(raw: boolean): void;
}

/** The longest answer, bytes. */
export const LINE_LIMIT = 64 * 1024;

const LINE_FEED = 0x0a, RETURN = 0x0d;
const CTRL_C = 0x03, CTRL_D = 0x04, BACKSPACE = 0x08, CTRL_U = 0x15, ESCAPE = 0x1b, DELETE = 0x7f;

/** Control sequences, control strings and other escapes (ECMA-48 §5.4, §5.6). */
const ESCAPE_SEQUENCE =
  // deno-lint-ignore no-control-regex -- that is what they are made of
  /\x1b(?:\[[0-?]*[ -\/]*[@-~]|[P_\]][^\x1b\x07]*(?:\x1b\\|\x07)|O?.?)/g;

/** The beginning of one at the end of what came. */
// deno-lint-ignore no-control-regex -- as above
const ESCAPE_SEQUENCE_BEGUN = /\x1b(?:\[[0-?]*[ -\/]*|[P_\]][^\x1b\x07]*\x1b?)?$/;

/**
 * Reads answers, one a line. Always asynchronous, so that a signal is noticed while somebody
 * thinks.
 */
export class LineInput {
  #buffered = new Uint8Array(0);
  #arriving: Promise<Uint8Array<ArrayBuffer> | null> | null = null;
  /** Set after a carriage return: a line feed that follows belongs to it. */
  #skipLineFeed = false;

  /**
   * @param source where the bytes come from
   * @param interrupt called on Ctrl-C while the terminal does not turn it into a signal itself
   */
  constructor(private readonly source: InputSource, private readonly interrupt: () => void) {}

  /** Whether a person sits at the other end. */
  get isTerminal(): boolean {
    return this.source.isTerminal();
  }

  /**
   * The next line without its end, or null at the end of input. A last line without an end counts.
   * @throws Failure for a line over `LINE_LIMIT`, the rest of which is skipped
   */
  async line(): Promise<string | null> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const bytes = await this.#next();
      if (bytes === null) {
        if (parts.length === 0) return null;
        break;
      }
      const end = bytes.findIndex((byte) => byte === LINE_FEED || byte === RETURN);
      const part = end < 0 ? bytes : bytes.subarray(0, end);
      length += part.length;
      if (length <= LINE_LIMIT) parts.push(part);
      if (end >= 0) {
        this.#skipLineFeed = bytes[end] === RETURN;
        this.#buffered = bytes.subarray(end + 1);
        break;
      }
    }
    if (length > LINE_LIMIT) throw new Failure("LINE_TOO_LONG", (m) => m.lineTooLong);
    const text = decode(parts);
    // An arrow key, or a late reply of the terminal, is no part of an answer.
    return this.isTerminal ? text.replace(ESCAPE_SEQUENCE, "") : text;
  }

  /**
   * The next line, not shown while it is typed on a terminal; null at the end of input or Ctrl-D.
   * @param ask puts the question, once nothing is echoed any more
   */
  async secret(ask: () => Promise<void>): Promise<string | null> {
    if (!this.isTerminal) {
      await ask();
      return await this.line();
    }
    return await this.#raw(async () => {
      await ask();
      const typed: number[] = [];
      for (;;) {
        const byte = await this.#byte();
        if (byte === null) return typed.length > 0 ? decode([Uint8Array.from(typed)]) : null;
        if (byte === LINE_FEED || byte === RETURN) {
          this.#skipLineFeed = byte === RETURN;
          return decode([Uint8Array.from(typed)]);
        }
        if (byte === CTRL_C) this.interrupt();
        else if (byte === CTRL_D) {
          if (typed.length === 0) return null;
        } else if (byte === CTRL_U) typed.length = 0;
        else if (byte === DELETE || byte === BACKSPACE) eraseCharacter(typed);
        else if (byte === ESCAPE) await this.#skipEscapeSequence();
        else if (byte >= 0x20 && typed.length < LINE_LIMIT) typed.push(byte);
      }
    });
  }

  /**
   * Runs `work` on a terminal until it is done or a key is pressed, which aborts the signal it is
   * given and is used up.
   */
  async untilKey(work: (pressed: AbortSignal) => Promise<void>): Promise<void> {
    await this.#raw(async () => {
      const pressed = new AbortController();
      let over = false;
      this.#arrival().then((bytes) => {
        if (over) return;
        this.#arriving = null;
        if (bytes?.includes(CTRL_C)) this.interrupt();
        pressed.abort();
      });
      await work(pressed.signal);
      // A key pressed from now on is the start of the next answer.
      over = true;
    });
  }

  /**
   * Asks the terminal itself something.
   * @param ask sends the question
   * @param isComplete whether the reply so far is all of it
   * @param timeoutMs how long to wait at most: a terminal may not answer
   * @returns what came; keys that were pressed meanwhile are the start of the next answer, too
   */
  async reply(
    ask: () => Promise<void>,
    isComplete: (reply: Uint8Array) => boolean,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    return await this.#raw(async () => {
      let reply = new Uint8Array(0);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const timeout = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), timeoutMs);
      });
      await ask();
      while (!isComplete(reply)) {
        const bytes = await Promise.race([this.#arrival(), timeout]);
        if (bytes === "late" || bytes === null) break;
        this.#arriving = null;
        if (bytes.includes(CTRL_C)) this.interrupt();
        reply = concatenate([reply, bytes]);
      }
      clearTimeout(timer);
      this.#buffered = concatenate([this.#buffered, keysIn(reply)]);
      return reply;
    });
  }

  async #raw<T>(run: () => Promise<T>): Promise<T> {
    const restore = () => this.source.setRaw(false);
    const done = onExit(restore);
    this.source.setRaw(true);
    try {
      return await run();
    } finally {
      restore();
      done();
    }
  }

  /** What arrived and is not used yet, or what arrives next; null at the end. */
  async #next(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      let bytes = this.#buffered;
      if (bytes.length === 0) {
        const arrived = await this.#arrival();
        if (arrived === null) return null;
        this.#arriving = null;
        bytes = arrived;
      }
      this.#buffered = new Uint8Array(0);
      if (this.#skipLineFeed && bytes[0] === LINE_FEED) bytes = bytes.subarray(1);
      if (bytes.length > 0) {
        this.#skipLineFeed = false;
        return bytes;
      }
    }
  }

  /**
   * What arrives next, null at the end; input that cannot be read has ended, too. A read cannot be
   * taken back, so one that nobody waits for any more is kept for whoever asks next; who takes its
   * bytes sets `#arriving` to null.
   */
  #arrival(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#arriving === null) {
      const into = new Uint8Array(4096);
      this.#arriving = this.source.read(into).then(
        (count) => count === null ? null : into.subarray(0, count),
        () => null,
      );
    }
    return this.#arriving;
  }

  async #byte(): Promise<number | null> {
    const bytes = await this.#next();
    if (bytes === null) return null;
    this.#buffered = bytes.subarray(1);
    return bytes[0];
  }

  /**
   * Arrows and their like (ECMA-48 §5.4): they are sent in one piece, so a lone Escape skips
   * nothing.
   */
  async #skipEscapeSequence(): Promise<void> {
    if (this.#buffered.length === 0) return;
    let byte = await this.#byte();
    if (byte !== 0x5b && byte !== 0x4f) return;
    do {
      if (this.#buffered.length === 0) return;
      byte = await this.#byte();
    } while (byte !== null && (byte < 0x40 || byte > 0x7e));
  }
}

/** What a person typed among a terminal's replies, the last of which may be cut off. */
function keysIn(reply: Uint8Array): Uint8Array {
  const octets = Array.from(reply, (octet) => String.fromCharCode(octet)).join("");
  const keys = octets.replace(ESCAPE_SEQUENCE_BEGUN, "").replace(ESCAPE_SEQUENCE, "");
  return Uint8Array.from(keys, (key) => key.charCodeAt(0));
}

/** Removes the last character: in UTF-8, the continuation bytes and the byte before them. */
function eraseCharacter(typed: number[]): void {
  while (typed.length > 0 && (typed[typed.length - 1] & 0xc0) === 0x80) typed.pop();
  typed.pop();
}

function decode(parts: readonly Uint8Array[]): string {
  return new TextDecoder().decode(concatenate(parts));
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
