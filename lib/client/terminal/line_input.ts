/**
 * Answers from the keyboard or a pipe: lines, secrets without echo, single keys.
 */
import { Failure } from "../failure.ts";
import { onExit } from "./exit_hooks.ts";
import { type Key, readKey } from "./keys.ts";
import type { LineEditorOptions } from "./line_editor.ts";

/** Where answers come from; `Deno.stdin` is one. */
export interface InputSource {
  read(into: Uint8Array): Promise<number | null>;
  isTerminal(): boolean;
  setRaw(raw: boolean): void;
}

/** Longest answer, bytes. */
export const LINE_LIMIT = 64 * 1024;

/** How long the rest of an escape sequence may take, milliseconds: a lone Escape counts then. */
export const ESCAPE_DELAY_MS = 50;
/** The same over SSH. */
export const REMOTE_ESCAPE_DELAY_MS = 200;

const CTRL_C = 0x03, CTRL_Z = 0x1a, LINE_FEED = 0x0a, RETURN = 0x0d;

const PASTE_ON = "\x1b[?2004h", PASTE_OFF = "\x1b[?2004l";

/** What the input needs beside its source. */
export interface LineInputOptions {
  /** Called on Ctrl-C, which a terminal in raw mode does not turn into a signal. */
  readonly interrupt: () => void;
  /** Writes to the terminal; nothing by default. */
  readonly write?: (text: string) => void;
  /** Returns the width of the terminal; 80 by default. */
  readonly columns?: () => number;
  /**
   * Stops the process until it is continued (Ctrl-Z), or throws if it may not; by default Ctrl-Z
   * does nothing.
   */
  readonly suspend?: () => void;
  /** Replaces `ESCAPE_DELAY_MS`. */
  readonly escapeDelayMs?: number;
  /** Whether the terminal can edit lines: moves its cursor and shows what it is told to. */
  readonly canEdit?: boolean;
}

/** How a line on a terminal is asked for. */
export type LineQuestion = Pick<LineEditorOptions, "prompt" | "history" | "complete">;

/** Reads answers. Always asynchronous, so that a signal is noticed while somebody thinks. */
export class LineInput {
  readonly #source: InputSource;
  readonly #options: LineInputOptions;
  #buffered: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #arriving: Promise<Uint8Array<ArrayBuffer> | null> | null = null;
  /** Set after a carriage return: a line feed that follows belongs to it. */
  #skipLineFeed = false;
  /** Draws the screen anew after the process was continued or the terminal resized. */
  #redraw: (() => void) | null = null;
  #beforeSuspend: (() => void) | null = null;
  #isRaw = false;

  constructor(source: InputSource, options: LineInputOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Whether a person sits at the other end. */
  get isTerminal(): boolean {
    return this.#source.isTerminal();
  }

  /** Whether lines are edited here; then `edit` shows the question. */
  get canEdit(): boolean {
    return this.isTerminal && this.#options.canEdit !== false;
  }

  /**
   * Reads the next line, without its end. A last line without an end counts.
   *
   * @returns null at the end of input
   * @throws {Failure} for a line over `LINE_LIMIT`, the rest of which is skipped
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
    return new TextDecoder().decode(concatenate(parts));
  }

  /**
   * Asks for a line on a terminal and edits it there.
   *
   * @returns null at the end of input or Ctrl-D
   */
  async edit(question: LineQuestion): Promise<string | null> {
    return await this.#edited({ ...question, isSecret: false });
  }

  /**
   * Asks for a line that is not shown on a terminal.
   *
   * @param prompt the question
   * @param ask prints the question where it is not drawn here
   * @returns null at the end of input or Ctrl-D
   */
  async secret(prompt: string, ask: () => Promise<void>): Promise<string | null> {
    if (this.isTerminal) return await this.#edited({ prompt, isSecret: true });
    await ask();
    return await this.line();
  }

  /**
   * Runs `work` on a terminal until it is done or a key is pressed, which aborts the signal it is
   * given and is used up.
   */
  async untilKey(work: (pressed: AbortSignal) => Promise<void>): Promise<void> {
    await this.raw(async () => {
      const pressed = new AbortController();
      let over = false;
      this.#arrival().then((bytes) => {
        if (over) return;
        this.#arriving = null;
        if (bytes?.includes(CTRL_C)) this.#options.interrupt();
        pressed.abort();
      });
      await work(pressed.signal);
      // A key pressed from now on is the start of the next answer.
      over = true;
    });
  }

  /**
   * Asks the terminal itself something.
   *
   * @param ask sends the question
   * @param isComplete whether the reply so far is all of it
   * @param timeoutMs longest wait: a terminal may not reply
   * @returns what came; keys that were pressed meanwhile are the start of the next answer, too
   */
  async reply(
    ask: () => Promise<void>,
    isComplete: (reply: Uint8Array) => boolean,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    return await this.raw(async () => {
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
        if (bytes.includes(CTRL_C)) this.#options.interrupt();
        reply = concatenate([reply, bytes]);
      }
      clearTimeout(timer);
      // Replies are no keys, so they may stay; the last one may be cut off.
      this.#buffered = concatenate([this.#buffered, reply]);
      return reply;
    });
  }

  /**
   * Returns the next key, in raw mode. Ctrl-C interrupts, Ctrl-Z suspends.
   *
   * @returns null at the end of input
   */
  async key(): Promise<Key | null> {
    let isOver = false;
    for (;;) {
      if (this.#skipLineFeed && this.#buffered[0] === LINE_FEED) this.#consume(1);
      if (this.#buffered.length > 0) {
        this.#skipLineFeed = false;
        const [first] = this.#buffered;
        const read = readKey(this.#buffered, isOver);
        if (read !== null) {
          this.#consume(read.length);
          isOver = false;
          if (first === RETURN) this.#skipLineFeed = true;
          if (first === CTRL_C) this.#options.interrupt();
          else if (first === CTRL_Z) this.#suspend();
          else if (read.key !== null) return read.key;
          continue;
        }
      }
      // What cannot be completed by waiting is not waited for twice.
      const arrived = await this.#arrivalWithin(this.#buffered.length > 0 && !isOver);
      if (arrived === "late") {
        isOver = true;
        continue;
      }
      if (arrived === null) return null;
      isOver = false;
      this.#buffered = concatenate([this.#buffered, arrived]);
    }
  }

  /** Runs `run` with the terminal in raw mode. */
  async raw<Result>(run: () => Promise<Result>): Promise<Result> {
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

  /** Registers what draws the screen after it was resized or the process continued. */
  onRedraw(redraw: (() => void) | null): void {
    this.#redraw = redraw;
  }

  /** Registers what gives the screen back before the process stops. */
  onSuspend(suspend: (() => void) | null): void {
    this.#beforeSuspend = suspend;
  }

  /** Called when the process continues after it was stopped, or the terminal has another size. */
  redraw(): void {
    if (this.#isRaw) this.#source.setRaw(true);
    this.#redraw?.();
  }

  #suspend(): void {
    if (this.#options.suspend === undefined) return;
    this.#beforeSuspend?.();
    this.#source.setRaw(false);
    try {
      this.#options.suspend();
    } catch {
      // A runtime before Deno 2.9 asks for a permission: the program goes on.
      this.redraw();
    }
  }

  /** A line in raw mode; null at the end of input or Ctrl-D. */
  async #edited(
    question: LineQuestion & Pick<LineEditorOptions, "isSecret">,
  ): Promise<string | null> {
    const write = this.#options.write ?? (() => {});
    const columns = this.#options.columns ?? (() => 80);
    // Loaded on demand: the widths of characters take longer to load than a picture to be drawn.
    const { LineEditor } = await import("./line_editor.ts");
    const editor = new LineEditor({ ...question, limit: LINE_LIMIT, write, columns });
    return await this.raw(async () => {
      const [on, off] = this.canEdit ? [PASTE_ON, PASTE_OFF] : ["", ""];
      const done = onExit(() => write(off));
      write(on);
      editor.draw();
      this.onRedraw(() => {
        write(on);
        editor.draw();
      });
      try {
        for (;;) {
          const key = await this.key();
          const result = key === null ? editor.finish() : await editor.take(key);
          if (result !== null) return result.line;
        }
      } finally {
        this.onRedraw(null);
        done();
        write(off);
      }
    });
  }

  #consume(length: number): void {
    this.#buffered = this.#buffered.subarray(length);
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

  /** What arrives next, or "late" if that takes longer than an escape sequence may. */
  async #arrivalWithin(isLimited: boolean): Promise<Uint8Array<ArrayBuffer> | null | "late"> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const delayMs = this.#options.escapeDelayMs ?? ESCAPE_DELAY_MS;
    const late = new Promise<"late">((resolve) => {
      if (isLimited) timer = setTimeout(() => resolve("late"), delayMs);
    });
    try {
      const arrived = await Promise.race([this.#arrival(), late]);
      if (arrived !== "late") this.#arriving = null;
      return arrived;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * What arrives next, null at the end; input that cannot be read has ended, too. A read cannot be
   * taken back, so one that nobody waits for any more is kept for whoever asks next; whoever takes
   * its bytes sets `#arriving` to null.
   */
  #arrival(): Promise<Uint8Array<ArrayBuffer> | null> {
    this.#arriving ??= this.#read();
    return this.#arriving;
  }

  async #read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const into = new Uint8Array(4096);
    try {
      const count = await this.#source.read(into);
      return count === null ? null : into.subarray(0, count);
    } catch {
      return null;
    }
  }
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
