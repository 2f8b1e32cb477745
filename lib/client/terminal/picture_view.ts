/**
 * Shows an image file on the terminal, or prints it into a pipe.
 */
import type { Environment } from "./environment.ts";
import { Failure } from "../failure.ts";
import type { Messages } from "../language/messages.ts";
import type { LineInput } from "./line_input.ts";
import type { PictureOptions } from "../options.ts";
import type { Graphics, PaintStyle } from "../painting/paint.ts";
import type { Canvas, PictureRemark } from "../../picture/mod.ts";
import { strip } from "../../text/printable.ts";
import { onExit } from "./exit_hooks.ts";
import type { Screen } from "./screen.ts";
import { terminalSize } from "./terminal_size.ts";
import { askForGraphics, type TerminalGraphics } from "./graphics_query.ts";

/**
 * lib/picture, loaded when the first picture is shown, so that the menu does not wait for it.
 */
type PictureModule = typeof import("../../picture/mod.ts");

/** Columns that the line below an animation takes at most, in any language. */
const HINT_COLUMNS = 30;

/** Columns of a picture in a pipe. */
const PIPE_COLUMNS = 80;

/** Rows at most in a pipe: there a picture is as high as its width makes it. */
const PIPE_ROWS = 1000;

/** The largest file that is drawn, bytes: it is read whole. */
export const DRAWN_FILE_LIMIT = 256 * 1024 * 1024;

/**
 * Bytes of a file that are read first. A larger file is read whole only if its type can be drawn;
 * all of it, because most programs write the directory of a TIFF behind the pixels.
 */
export const START_LIMIT = 4 * 1024 * 1024;

/** Clears the screen and goes to its upper left. */
const CLEAR_SCREEN = "\x1b[2J\x1b[H";

const HIDE_CURSOR = "\x1b[?25l", SHOW_CURSOR = "\x1b[?25h";

/** Ends a control string and a colour that were cut off; shows nothing otherwise. */
const RESET = "\x1b\\\x1b[0m";

/** What a picture view is made of. */
export interface PictureViewParts {
  readonly screen: Screen;
  readonly input: LineInput;
  readonly options: PictureOptions;
  readonly environment: Environment;
  /** Terminal rows that stay free for what is printed around a picture. */
  readonly rowsAround: number;
  /** The line below an animation. */
  readonly hint: string;
}

/** What became of an image. */
export interface ShownImage {
  /** False if its type cannot be drawn. */
  readonly isDrawn: boolean;
  /**
   * The kind of image, if that is why it cannot be drawn, e.g. "TIFF with Lab colours"; else null.
   */
  readonly kind: string | null;
  /** What there is to say about it. */
  readonly remarks: readonly PictureRemark[];
}

/** The sentences for the remarks on an image. */
export function remarkSentences(
  messages: Messages,
  remarks: readonly PictureRemark[],
): string[] {
  return remarks.map((remark) =>
    remark === "damaged" ? messages.imagePartial : messages.imageFirstOfSequence
  );
}

/** Shows images on the terminal. */
export class PictureView {
  /** Whether a signal that ends the program resets the terminal. */
  #resets = false;
  /** What there is to say about the image at hand. */
  readonly #remarks = new Set<PictureRemark>();
  /** The kind of the image at hand, if it cannot be drawn for that. */
  #undrawnKind: string | null = null;
  /** Undefined until the terminal has been asked. */
  #graphics: TerminalGraphics | null | undefined;

  readonly #screen: Screen;
  readonly #input: LineInput;
  readonly #options: PictureOptions;
  readonly #environment: Environment;
  readonly #rowsAround: number;
  readonly #hint: string;

  constructor({ screen, input, options, environment, rowsAround, hint }: PictureViewParts) {
    this.#screen = screen;
    this.#input = input;
    this.#options = options;
    this.#environment = environment;
    this.#rowsAround = rowsAround;
    this.#hint = hint;
  }

  /** Starts to load lib/picture while the program waits for something else. */
  prepare(): void {
    import("../../picture/mod.ts").catch(() => {});
  }

  /**
   * Shows the image in the file `path`, or as much of it as is whole.
   *
   * @param content that of the file, if it was read already
   * @throws {Failure} if nothing of the image can be decoded, or it is too large or unreadable
   */
  async show(path: string, content: Uint8Array | null = null): Promise<ShownImage> {
    this.#remarks.clear();
    this.#undrawnKind = null;
    const isDrawn = await this.#show(path, content);
    return { isDrawn, kind: this.#undrawnKind, remarks: [...this.#remarks] };
  }

  /** Whether the terminal shows colours. */
  get hasColors(): boolean {
    return !this.#environment.get("NO_COLOR") && this.#options.colors !== "none";
  }

  /**
   * Returns with what pictures are painted into boxes of cells. Asks the terminal whether it draws
   * pixels.
   */
  async paintStyle(): Promise<PaintStyle> {
    const picture = await import("../../picture/mod.ts");
    this.#graphics ??= await this.#findGraphics(picture);
    const { symbols, colors } = this.#canvas(picture, { columns: 1, rows: 1 });
    return { symbols, colors, graphics: this.#boxedGraphics };
  }

  /**
   * How pixels are painted into boxes; null for characters. tmux knows nothing of pictures that
   * pass through it, and would move its text under them. A sixel has the pixels that it has: with
   * cells of unknown size, it cannot be kept in its box.
   */
  get #boxedGraphics(): Graphics | null {
    if (!this.#graphics || this.#graphics.throughTmux) return null;
    const { protocol, cellWidth, cellHeight } = this.#graphics;
    if (protocol === "sixel" && cellHeight === 0) return null;
    return { protocol, cellWidth: cellWidth || 10, cellHeight: cellHeight || 20 };
  }

  /**
   * Reads an image file whole.
   *
   * @returns null if its type cannot be drawn
   * @throws {Failure} if it cannot be read, or is over `DRAWN_FILE_LIMIT`
   */
  async read(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return await readImage(await import("../../picture/mod.ts"), path);
  }

  /** Whether a part of the image in the file `path`, or all of it, cannot be decoded. */
  async isDamaged(path: string): Promise<boolean> {
    const picture = await import("../../picture/mod.ts");
    const bytes = await readImage(picture, path);
    if (bytes === null) return false;
    this.#remarks.clear();
    try {
      await picture.draw(bytes, this.#canvas(picture, { columns: 1, rows: 1 }));
    } catch (error) {
      if (!(error instanceof picture.PictureError)) throw error;
      return error.code === "damaged";
    }
    return this.#remarks.has("damaged");
  }

  async #show(path: string, content: Uint8Array | null): Promise<boolean> {
    this.#resetOnExit();
    const shown = strip(path);
    const picture = await import("../../picture/mod.ts");
    const bytes = content ?? await readImage(picture, path);
    if (bytes === null) return false;
    try {
      if (this.#canMove && picture.isAnimated(bytes)) await this.#play(picture, bytes);
      else await this.#screen.put(await this.#draw(picture, bytes));
      return true;
    } catch (error) {
      if (!(error instanceof picture.PictureError)) throw error;
      // An empty file is a damaged image rather than one of an unknown type.
      if (error.code === "unknown-type" && bytes.length > 0) {
        this.#undrawnKind = error.kind;
        return false;
      }
      if (error.code === "too-large") throw tooLarge(shown);
      if (error.code === "too-slow") {
        throw new Failure("TOO_LARGE_TO_DRAW", (m) => m.imageTooSlow(shown));
      }
      throw new Failure("IMAGE_DAMAGED", (m) => m.imageDamaged(shown));
    }
  }

  /** Whether a person watches who can press a key, on a terminal whose cursor can move up. */
  get #canMove(): boolean {
    return this.#screen.outIsTerminal && this.#input.isTerminal &&
      !/^(|dumb)$/.test(this.#environment.get("TERM") ?? "") &&
      (this.#options.graphics === "auto" || this.#options.graphics === "blocks");
  }

  readonly #onRemark = (remark: PictureRemark): void => {
    this.#remarks.add(remark);
  };

  async #draw(picture: PictureModule, bytes: Uint8Array): Promise<string> {
    if (this.#graphics === undefined) this.#graphics = await this.#findGraphics(picture);
    const size = this.#availableSize();
    if (this.#graphics === null) return await picture.draw(bytes, this.#canvas(picture, size));
    const onRemark = this.#onRemark;
    return await picture.drawPixels(bytes, { ...size, ...this.#graphics, onRemark });
  }

  /**
   * Makes Ctrl-C leave no colour, no half command and no hidden cursor behind, even long after a
   * picture: the terminal's driver then drops what has not gone out yet (ISIG without NOFLSH), such
   * as the end of the picture.
   */
  #resetOnExit(): void {
    if (this.#resets || !this.#screen.outIsTerminal) return;
    this.#resets = true;
    onExit(() => this.#screen.putSync(RESET + SHOW_CURSOR));
  }

  /** Draws the frames over one another until the last one or until a key is pressed. */
  async #play(picture: PictureModule, bytes: Uint8Array): Promise<void> {
    const screen = this.#screen;
    let stage = this.#stage();
    let canvas = this.#canvas(picture, stage);
    let back = "";
    // The window may change its size between two frames. What the terminal has made of the rows
    // that were there cannot be known: the screen is cleared.
    const canvasNow = () => {
      const next = this.#stage();
      if (next.columns !== stage.columns || next.rows !== stage.rows) {
        canvas = this.#canvas(picture, next);
        back = CLEAR_SCREEN;
      }
      stage = next;
      return canvas;
    };
    const done = onExit(() => screen.putSync(RESET + "\n"));
    await screen.put(HIDE_CURSOR);
    try {
      await this.#input.untilKey(async (pressed) => {
        for await (const { text, delayMs } of picture.animate(bytes, canvasNow)) {
          const shownAt = performance.now();
          // Without colours, the spaces at the end of a row are left out.
          const rows = canvas.colors === "none" ? text.replaceAll("\n", "\x1b[K\n") : text;
          await screen.put(back + rows + stage.hint);
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
   * Returns the size of an animation and the line below it. Whatever the options say, it is no
   * larger than the terminal: the cursor cannot go back to lines that have left the screen.
   */
  #stage(): { columns: number; rows: number; hint: string } {
    const { columns, rows } = this.#availableSize();
    const terminal = terminalSize() ?? { columns, rows };
    return {
      columns: Math.min(columns, terminal.columns),
      rows: Math.max(1, Math.min(rows, terminal.rows) - 1),
      hint: terminal.columns < HINT_COLUMNS ? "" : this.#hint,
    };
  }

  #canvas(picture: PictureModule, { columns, rows }: { columns: number; rows: number }): Canvas {
    const { symbols = "block", colors } = this.#options;
    const found = () => picture.capabilities(this.#environment, this.#screen.outIsTerminal);
    return { columns, rows, symbols, colors: colors ?? found(), onRemark: this.#onRemark };
  }

  /** Returns the cells that a picture may take, by the options and the size of the terminal. */
  #availableSize(): { columns: number; rows: number } {
    let columns = PIPE_COLUMNS;
    let rows = PIPE_ROWS;
    if (this.#screen.outIsTerminal) {
      const size = terminalSize();
      columns = size?.columns ?? columns;
      rows = size === null ? rows : Math.max(4, size.rows - this.#rowsAround);
    }
    return { columns: this.#options.width ?? columns, rows: this.#options.height ?? rows };
  }

  /** Returns how the terminal draws pixels, or null for block characters. */
  async #findGraphics(picture: PictureModule): Promise<TerminalGraphics | null> {
    const { graphics, symbols, colors } = this.#options;
    if (graphics === "blocks") return null;
    const talks = this.#screen.outIsTerminal && this.#input.isTerminal;
    if (graphics !== "auto") {
      const found = talks ? await askForGraphics(picture, this.#screen, this.#input) : null;
      // A tmux that has sixels itself says so, and keeps them when the window is drawn anew.
      const throughTmux = this.#screen.outIsTerminal && !!this.#environment.get("TMUX") &&
        !(graphics === "sixel" && found?.protocol === "sixel");
      return { cellWidth: 0, cellHeight: 0, ...found, protocol: graphics, throughTmux };
    }
    // Symbols or colours mean blocks, and in tmux the reply would be that of tmux.
    if (!talks || symbols !== undefined || colors !== undefined) return null;
    if (this.#environment.get("NO_COLOR") || this.#environment.get("TMUX")) return null;
    // The Linux console and terminals without a name would print the query.
    if (/^(|dumb|linux|screen.*|tmux.*)$/.test(this.#environment.get("TERM") ?? "")) return null;
    return await askForGraphics(picture, this.#screen, this.#input);
  }
}

/**
 * Reads an image file whole, or returns null if its start shows a type that cannot be drawn.
 *
 * @throws {Failure} if it cannot be read or is over `DRAWN_FILE_LIMIT`
 */
async function readImage(
  { typeOf }: PictureModule,
  path: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const shown = strip(path);
  try {
    const { size } = await Deno.stat(path);
    if (size > START_LIMIT) {
      if (typeOf(await readStart(path)) === null) return null;
      if (size > DRAWN_FILE_LIMIT) throw tooLarge(shown);
    }
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("CACHE_UNUSABLE", (m) => m.cacheUnusable(shown, m.fileError(error)));
  }
}

async function readStart(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const start = new Uint8Array(START_LIMIT);
  return start.subarray(0, await file.read(start) ?? 0);
}

function tooLarge(shown: string): Failure {
  return new Failure("TOO_LARGE_TO_DRAW", (m) => m.imageTooLarge(shown));
}

/** Waits, at most until `stop` aborts. */
function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, milliseconds));
    stop.addEventListener("abort", end);
    if (stop.aborted) end();
  });
}
