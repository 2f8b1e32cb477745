/**
 * From an image file to what the screen shows of it.
 */
import type { Environment } from "./environment.ts";
import { Failure } from "../failure.ts";
import type { LineInput } from "./line_input.ts";
import type { PictureOptions } from "../options.ts";
import { strip } from "../../text/printable.ts";
import { onExit } from "./exit_hooks.ts";
import type { Screen } from "./screen.ts";
import { askForGraphics, type TerminalGraphics } from "./graphics_query.ts";

/**
 * The picture room; loaded when the first picture is shown, so that the menu does not wait for it.
 */
type PictureRoom = typeof import("../../picture/mod.ts");

/** Columns that the sentence below a picture that moves takes at most, in any language. */
const HINT_COLUMNS = 30;

/** Columns of a picture where nobody says how wide the screen is: over a pipe. */
const PIPE_COLUMNS = 80;

/** Rows at most over a pipe: a picture there is as high as its width makes it. */
const PIPE_ROWS = 1000;

/** The largest file that is drawn, bytes: it is read whole. */
export const DRAWN_FILE_LIMIT = 256 * 1024 * 1024;

/**
 * How much of a file is read at first, bytes: smaller ones are whole with that. Of a larger one the
 * rest is read only where its type is one that is drawn. Its size may stand anywhere: most programs
 * write the directory of a TIFF behind the pixels.
 */
export const START_LIMIT = 4 * 1024 * 1024;

const HIDE_CURSOR = "\x1b[?25l", SHOW_CURSOR = "\x1b[?25h";

/** Ends a control string and a colour that were cut off in the middle; shows nothing otherwise. */
const RESET = "\x1b\\\x1b[0m";

/** How pictures are shown in this run. */
export class PictureView {
  /** Whether the terminal is put right if the program is ended by a signal. */
  #undoes = false;
  /** Undefined until the terminal was asked. */
  #graphics: TerminalGraphics | null | undefined;

  /**
   * @param rowsAround rows that stay free on a terminal for what is said around a picture
   * @param hint what to say below a picture that moves
   */
  constructor(
    private readonly screen: Screen,
    private readonly input: LineInput,
    private readonly options: PictureOptions,
    private readonly environment: Environment,
    private readonly rowsAround: number,
    private readonly hint: string,
  ) {}

  /** Loads what draws pictures while there is something else to wait for. */
  prepare(): void {
    import("../../picture/mod.ts").catch(() => {});
  }

  /**
   * Shows the image in the file `path`.
   * @returns false where its type is not one that is drawn
   * @throws Failure where it should be drawn and cannot
   */
  async show(path: string): Promise<boolean> {
    this.#undoOnExit();
    const shown = strip(path);
    const room = await import("../../picture/mod.ts");
    const bytes = await readImage(path, shown, (start) => room.typeOf(start) !== null);
    if (bytes === null) return false;
    try {
      if (this.#canMove && room.isAnimated(bytes)) await this.#play(room, bytes);
      else await this.screen.put(await this.#draw(room, bytes));
      return true;
    } catch (error) {
      if (!(error instanceof room.PictureError)) throw error;
      // An empty file is no type that nobody here knows; it is what is left of a picture.
      if (error.code === "unknown-type" && bytes.length > 0) return false;
      if (error.code === "too-large") throw tooLarge(shown);
      throw new Failure("IMAGE_DAMAGED", (m) => m.imageDamaged(shown));
    }
  }

  /** Whether somebody watches who can also press a key, on a terminal whose cursor can go back. */
  get #canMove(): boolean {
    return this.screen.outIsTerminal && this.input.isTerminal &&
      !/^(|dumb)$/.test(this.environment.get("TERM") ?? "") &&
      (this.options.graphics === "auto" || this.options.graphics === "blocks");
  }

  async #draw(room: PictureRoom, bytes: Uint8Array): Promise<string> {
    if (this.#graphics === undefined) this.#graphics = await this.#findGraphics(room);
    const size = this.#room();
    if (this.#graphics === null) return await room.draw(bytes, this.#canvas(room, size));
    return await room.drawPixels(bytes, { ...size, ...this.#graphics });
  }

  /**
   * From now on, Ctrl-C leaves neither colour nor half a command behind, nor a hidden cursor. Long
   * after a picture, too: of what the program has written, the terminal's driver then drops what has
   * not gone out yet (ISIG without NOFLSH), the end of the picture for one.
   */
  #undoOnExit(): void {
    if (this.#undoes || !this.screen.outIsTerminal) return;
    this.#undoes = true;
    onExit(() => this.screen.putSync(RESET + SHOW_CURSOR));
  }

  /** Draws the frames one over the other until they are through or a key is pressed. */
  async #play(room: PictureRoom, bytes: Uint8Array): Promise<void> {
    const { screen } = this;
    const { columns, rows, hint } = this.#stage();
    const canvas = this.#canvas(room, { columns, rows });
    const done = onExit(() => screen.putSync(RESET + "\n"));
    await screen.put(HIDE_CURSOR);
    try {
      await this.input.untilKey(async (pressed) => {
        let back = "";
        for await (const { text, delayMs } of room.animate(bytes, canvas)) {
          const shownAt = performance.now();
          // Without colours a row ends with its last character that is not a space.
          const rows = canvas.colors === "none" ? text.replaceAll("\n", "\x1b[K\n") : text;
          await screen.put(back + rows + hint);
          if (pressed.aborted) break;
          back = `\r\x1b[${text.split("\n").length - 1}A`;
          await pause(delayMs - (performance.now() - shownAt), pressed);
          if (pressed.aborted) break;
        }
      });
    } finally {
      await screen.put("\r\x1b[K" + SHOW_CURSOR);
      done();
    }
  }

  /**
   * The room of a picture that moves, and what stands below it. More than the terminal has is of no
   * use, whatever the options say: the cursor cannot go back to lines that have left the screen.
   */
  #stage(): { columns: number; rows: number; hint: string } {
    const { columns, rows } = this.#room();
    const terminal = terminalSize() ?? { columns, rows };
    return {
      columns: Math.min(columns, terminal.columns),
      rows: Math.max(1, Math.min(rows, terminal.rows) - 1),
      hint: terminal.columns < HINT_COLUMNS ? "" : this.hint,
    };
  }

  #canvas(room: PictureRoom, size: { columns: number; rows: number }) {
    const { symbols = "block", colors } = this.options;
    const found = () => room.capabilities(this.environment, this.screen.outIsTerminal);
    return { ...size, symbols, colors: colors ?? found() };
  }

  /** The room that a picture has, by the options and the size of the terminal. */
  #room(): { columns: number; rows: number } {
    let columns = PIPE_COLUMNS;
    let rows = PIPE_ROWS;
    if (this.screen.outIsTerminal) {
      const size = terminalSize();
      columns = size?.columns ?? columns;
      rows = size === null ? rows : Math.max(4, size.rows - this.rowsAround);
    }
    return { columns: this.options.width ?? columns, rows: this.options.height ?? rows };
  }

  /** How the terminal draws real pixels, or null for blocks. */
  async #findGraphics(room: PictureRoom): Promise<TerminalGraphics | null> {
    const { graphics, symbols, colors } = this.options;
    if (graphics === "blocks") return null;
    const talks = this.screen.outIsTerminal && this.input.isTerminal;
    if (graphics !== "auto") {
      const found = talks ? await askForGraphics(room, this.screen, this.input) : null;
      // A tmux that has sixels itself says so, and keeps them when the window is drawn anew.
      const throughTmux = this.screen.outIsTerminal && !!this.environment.get("TMUX") &&
        !(graphics === "sixel" && found?.protocol === "sixel");
      return { cellWidth: 0, cellHeight: 0, ...found, protocol: graphics, throughTmux };
    }
    // Who asks for symbols or colours wants blocks, and in tmux the answer would be tmux's own.
    if (!talks || symbols !== undefined || colors !== undefined) return null;
    if (this.environment.get("NO_COLOR") || this.environment.get("TMUX")) return null;
    // The console of Linux and terminals without a name would print the question.
    if (/^(|dumb|linux|screen.*|tmux.*)$/.test(this.environment.get("TERM") ?? "")) return null;
    return await askForGraphics(room, this.screen, this.input);
  }
}

/**
 * Reads the file, or only its start where its type is none that is drawn: then null.
 * @throws Failure
 */
async function readImage(
  path: string,
  shown: string,
  isDrawn: (start: Uint8Array) => boolean,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const start = await readUpTo(file, new Uint8Array(Math.min(size, START_LIMIT)));
    if (size <= START_LIMIT) return start;
    if (!isDrawn(start)) return null;
    if (size > DRAWN_FILE_LIMIT) throw tooLarge(shown);
    const whole = new Uint8Array(size);
    whole.set(start);
    const rest = await readUpTo(file, whole.subarray(start.length));
    return whole.subarray(0, start.length + rest.length);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("CACHE_UNUSABLE", (m) => m.cacheUnusable(shown, m.fileError(error)));
  }
}

/** Fills `into`, as far as the file goes. @returns what is filled */
async function readUpTo(
  file: Deno.FsFile,
  into: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  let at = 0;
  while (at < into.length) {
    const count = await file.read(into.subarray(at));
    if (count === null) break;
    at += count;
  }
  return into.subarray(0, at);
}

function tooLarge(shown: string): Failure {
  return new Failure("TOO_LARGE_TO_DRAW", (m) => m.imageTooLarge(shown));
}

/** The size of the terminal, or null where it does not tell. */
function terminalSize(): { columns: number; rows: number } | null {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : null;
  } catch {
    return null;
  }
}

/** Waits, but not after `stop`. */
function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, milliseconds));
    stop.addEventListener("abort", end);
  });
}
