/**
 * Answers from the keyboard or a pipe: lines, secrets without echo, single keys.
 */
import { editedLine } from "./line_editor.ts";
import { Failure } from "../failure.ts";
import { onExit } from "./exit_hooks.ts";

/** Where answers come from; `Deno.stdin` is one. */
export interface InputSource {
  read(into: Uint8Array): Promise<number | null>;
  isTerminal(): boolean;
  setRaw(raw: boolean): void;
}

/** The longest answer, bytes. */
export const LINE_LIMIT = 64 * 1024;

const CTRL_C = 0x03, LINE_FEED = 0x0a, RETURN = 0x0d;

/** DECSC, DECRC and ED: what was typed is drawn anew, so nobody has to know how wide it is. */
const SAVE_CURSOR = "\x1b7", RESTORE_CURSOR = "\x1b8", ERASE_BELOW = "\x1b[J";

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
  #isRaw = false;
  /** Whether the read that is under way began in raw mode. */
  #begunRaw = false;

  readonly #source: InputSource;
  readonly #interrupt: () => void;
  readonly #echo: (text: string) => void;

  /**
   * @param source where the bytes come from
   * @param interrupt called on Ctrl-C while the terminal does not turn it into a signal itself
   * @param echo shows text on the terminal while that does not echo itself
   */
  constructor(
    source: InputSource,
    interrupt: () => void,
    echo: (text: string) => void = () => {},
  ) {
    this.#source = source;
    this.#interrupt = interrupt;
    this.#echo = echo;
  }

  /** Whether a person sits at the other end. */
  get isTerminal(): boolean {
    return this.#source.isTerminal();
  }

  /**
   * The next line without its end, or null at the end of input. A last line without an end counts.
   * @throws Failure for a line over `LINE_LIMIT`, the rest of which is skipped
   */
  async line(): Promise<string | null> {
    if (this.#misses) return await this.#raw(() => this.#echoed());
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
      return await this.#edited(() => {});
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
        if (bytes?.includes(CTRL_C)) this.#interrupt();
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
        if (bytes.includes(CTRL_C)) this.#interrupt();
        reply = concatenate([reply, bytes]);
      }
      clearTimeout(timer);
      this.#buffered = concatenate([this.#buffered, keysIn(reply)]);
      return reply;
    });
  }

  /**
   * Whether a read is under way that would miss the end of input: to Linux, a read that began in raw
   * mode wants at least one byte, and Ctrl-D in line mode is none. It cannot be taken back.
   */
  get #misses(): boolean {
    return this.#arriving !== null && this.#begunRaw && this.#buffered.length === 0;
  }

  /** A line in raw mode, shown as it is typed. */
  async #echoed(): Promise<string | null> {
    this.#echo(SAVE_CURSOR);
    const line = await this.#edited((text) => this.#echo(RESTORE_CURSOR + ERASE_BELOW + text));
    if (line !== null) this.#echo("\n");
    return line;
  }

  /** A line in raw mode; null at the end of input or Ctrl-D. */
  async #edited(show: (text: string) => void): Promise<string | null> {
    const hasMore = () => this.#buffered.length > 0;
    const keys = { next: () => this.#byte(), hasMore };
    const line = await editedLine(keys, this.#interrupt, show, LINE_LIMIT);
    this.#skipLineFeed = line?.end === RETURN;
    return line === null ? null : line.text;
  }

  async #raw<T>(run: () => Promise<T>): Promise<T> {
    const restore = () => {
      this.#isRaw = false;
      this.#source.setRaw(false);
    };
    const done = onExit(restore);
    this.#source.setRaw(true);
    this.#isRaw = true;
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
      this.#begunRaw = this.#isRaw;
      this.#arriving = this.#source.read(into).then(
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
}

/** What a person typed among a terminal's replies, the last of which may be cut off. */
function keysIn(reply: Uint8Array): Uint8Array {
  const octets = Array.from(reply, (octet) => String.fromCharCode(octet)).join("");
  const keys = octets.replace(ESCAPE_SEQUENCE_BEGUN, "").replace(ESCAPE_SEQUENCE, "");
  return Uint8Array.from(keys, (key) => key.charCodeAt(0));
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
