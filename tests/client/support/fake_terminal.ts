/**
 * A terminal within the test's own process: keys that a test presses, and a screen as a person sees
 * it. It knows what the client writes, and of pixels only where a picture is (kitty's protocol).
 */
import stringWidth from "string-width";
import { main } from "../../../lib/client/main.ts";
import { type ClientOptions, ENVIRONMENT } from "./client_process.ts";

/** How long a test waits for something to be shown, milliseconds. */
const PATIENCE_MS = 60_000;

/** What a terminal of kitty's protocol replies, with cells of 10 × 20 pixels. */
const REPLY = "\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;22c";

/** A picture on the screen: where it begins, from 1, and the cells that it takes. */
export interface PlacedPicture {
  readonly row: number;
  readonly column: number;
  readonly columns: number;
  readonly rows: number;
}

/** A client on a terminal. */
export class FakeTerminal implements AsyncDisposable {
  #columns = 80;
  #rows = 24;
  #cells: string[][] = [];
  #row = 0;
  #column = 0;
  /** What begins an escape sequence whose end is not there yet. */
  #cut = "";
  readonly #decoder = new TextDecoder();
  readonly #keys: Uint8Array[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #consoleSize = Deno.consoleSize;
  readonly #code: Promise<number>;
  #hasEnded = false;
  /** Whether nothing can be written any more. */
  isBroken = false;
  /** All that was written to stdout. */
  written = "";
  /** The sizes of the pictures that the terminal has, by their ids. */
  readonly #pictures = new Map<string, Pick<PlacedPicture, "columns" | "rows">>();
  readonly #placed = new Map<string, PlacedPicture>();

  /**
   * Starts the client.
   *
   * @param args the command line
   */
  constructor(
    args: readonly string[],
    { data, env = {}, columns = 80, rows = 24, saveDirectory = data }: ClientOptions & {
      columns?: number;
      rows?: number;
      /** Where the browser saves images. */
      saveDirectory?: string;
    },
  ) {
    this.resize(columns, rows);
    Deno.consoleSize = () => ({ columns: this.#columns, rows: this.#rows });
    const variables: Record<string, string> = { ...ENVIRONMENT, ...env };
    const stdin = {
      read: (into: Uint8Array) => this.#read(into),
      isTerminal: () => true,
      setRaw() {},
    };
    const stdout = {
      writeSync: (bytes: Uint8Array) => this.#write(bytes),
      write: (bytes: Uint8Array) => Promise.resolve(this.#write(bytes)),
      isTerminal: () => true,
    };
    const environment = { get: (name: string) => variables[name] };
    const streams = { stdin, stdout, stderr: stdout };
    this.#code = main([...args, "--data", data], { ...streams, environment, saveDirectory });
    this.#code.finally(() => {
      this.#hasEnded = true;
      this.#notify();
    }).catch(() => {});
  }

  /** The rows of the screen, without the blanks at their end. */
  get screen(): readonly string[] {
    return this.#cells.map((row) => row.join("").trimEnd());
  }

  /** The pictures on the screen, in the order in which they were placed. */
  get pictures(): readonly PlacedPicture[] {
    return [...this.#placed.values()];
  }

  /** Presses keys. */
  types(keys: string): void {
    this.#keys.push(new TextEncoder().encode(keys));
    this.#notify();
  }

  /** Gives the window another size; the client notices when it draws all of it anew. */
  resize(columns: number, rows: number): void {
    this.#columns = columns;
    this.#rows = rows;
    this.#clear();
  }

  /** Waits until the screen is as it should be. */
  async until(isSo: (screen: string) => boolean, expected: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!isSo(this.screen.join("\n"))) {
      if (this.#hasEnded || performance.now() > end) {
        throw new Error(`expected ${expected}:\n${this.screen.join("\n")}`);
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      clearTimeout(timer);
    }
  }

  /** Waits until all of these are on the screen. */
  async shows(...texts: string[]): Promise<void> {
    await this.until((screen) => texts.every((text) => screen.includes(text)), texts.join(", "));
  }

  /** Waits until none of these is on the screen. */
  async hides(...texts: string[]): Promise<void> {
    await this.until(
      (screen) => !texts.some((text) => screen.includes(text)),
      `no ${texts.join(", ")}`,
    );
  }

  /** Presses keys and waits until these are on the screen. */
  async press(keys: string, ...texts: string[]): Promise<void> {
    this.types(keys);
    await this.shows(...texts);
  }

  /** Waits for the end. @returns the exit code */
  async ended(): Promise<number> {
    return await this.#code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The end of input ends the client wherever it is.
    this.#keys.push(new Uint8Array(0));
    this.#notify();
    await this.#code.catch(() => {});
    Deno.consoleSize = this.#consoleSize;
  }

  async #read(into: Uint8Array): Promise<number | null> {
    while (this.#keys.length === 0) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    const [keys] = this.#keys;
    if (keys.length === 0) return null;
    this.#keys.shift();
    into.set(keys);
    return keys.length;
  }

  #notify(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #write(bytes: Uint8Array): number {
    if (this.isBroken) throw new Deno.errors.BrokenPipe();
    const text = this.#decoder.decode(bytes, { stream: true });
    this.written += text;
    this.#show(this.#cut + text);
    this.#notify();
    return bytes.length;
  }

  #show(text: string): void {
    this.#cut = "";
    for (let at = 0; at < text.length;) {
      if (text.startsWith("\x1b_", at)) {
        const end = text.indexOf("\x1b\\", at);
        if (end < 0) {
          this.#cut = text.slice(at);
          return;
        }
        this.#place(text.slice(at + 3, end));
        at = end + 2;
        continue;
      }
      // deno-lint-ignore no-control-regex -- what a terminal obeys (ECMA-48 §5.4)
      const [part, parameters, final] = /^(?:\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\\|[^\x1b]|\x1b$)/su
        .exec(text.slice(at, at + 64)) ?? [];
      if (part === undefined || part === "\x1b") {
        this.#cut = text.slice(at);
        return;
      }
      if (final !== undefined) this.#obey(final, parameters);
      else if (part === "\r") this.#column = 0;
      else if (part === "\n") this.#lineFeed();
      else if (part >= " " && part !== "\x1b\\") this.#put(part);
      at += part.length;
    }
  }

  #obey(final: string, parameters: string): void {
    const [first, second] = parameters.split(";").map((parameter) => Number(parameter || 1));
    if (final === "H" && (first > this.#rows || second > this.#columns)) {
      throw new Error(`${parameters} is outside`);
    }
    if (final === "H") [this.#row, this.#column] = [first - 1, (second ?? 1) - 1];
    else if (final === "G") this.#column = first - 1;
    else if (final === "A") this.#row -= first;
    else if (final === "K") this.#cells[this.#row]?.fill(" ", this.#column);
    else if (final === "J") this.#clear();
    else if (final === "c") this.types(REPLY);
  }

  /** A command of kitty's protocol: sends and places a picture, places it again, or deletes it. */
  #place(command: string): void {
    const keys = new Map(
      command.split(";")[0].split(",").map((pair) => pair.split("=", 2) as [string, string]),
    );
    const id = keys.get("i"), action = keys.get("a");
    if (id === undefined) return;
    if (action === "T") {
      this.#pictures.set(id, { columns: Number(keys.get("c")), rows: Number(keys.get("r")) });
    }
    const picture = this.#pictures.get(id);
    if (action === "d") this.#placed.delete(id);
    if (keys.get("d") === "I") this.#pictures.delete(id);
    if ((action === "T" || action === "p") && picture !== undefined) {
      this.#placed.set(id, { row: this.#row + 1, column: this.#column + 1, ...picture });
    }
  }

  #put(character: string): void {
    const width = stringWidth(character);
    const row = this.#cells[this.#row];
    if (row === undefined || this.#column + width > this.#columns) {
      throw new Error(`${character} is outside, at ${this.#row + 1};${this.#column + 1}`);
    }
    row[this.#column] = character;
    for (let i = 1; i < width; i++) row[this.#column + i] = "";
    this.#column += width;
  }

  #lineFeed(): void {
    // The driver of a terminal makes it a return as well (ONLCR).
    this.#column = 0;
    if (++this.#row < this.#rows) return;
    this.#row = this.#rows - 1;
    this.#cells.shift();
    this.#cells.push(Array(this.#columns).fill(" "));
  }

  #clear(): void {
    this.#cells = Array.from({ length: this.#rows }, () => Array(this.#columns).fill(" "));
  }
}
