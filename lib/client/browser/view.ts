/**
 * One image on the whole screen: all of it, or a part that one zooms and moves to.
 */
import type { Painted, PartPainter, PictureView } from "../terminal/picture_view.ts";
import type { Entry } from "./folder_contents.ts";
import type { TerminalSize } from "./layout.ts";
import { type Box, Viewport } from "./viewport.ts";

/** What a view works with. */
export interface ViewParts {
  readonly pictures: Pick<PictureView, "paint" | "closeUp">;
  /** Gets the file of the image; null if it is not drawn, or no longer wanted. */
  readonly read: (entry: Entry, isWanted: () => boolean) => Promise<Uint8Array | null>;
  /** Whether no picture may end in the last row, because that would scroll the screen. */
  readonly isLastRowFree: boolean;
  readonly size: () => TerminalSize;
  /** Draws the picture into a box at the upper left of the screen. */
  readonly show: (painted: Painted | null, box: TerminalSize) => void;
  /** Called with what went wrong. */
  readonly failed: (error: unknown) => void;
}

/** An image on the whole screen. */
export class ImageView {
  readonly entry: Entry;
  readonly #parts: ViewParts;
  /** Whether the picture has every row, without a line below it. */
  isFull: boolean;
  #bytes: Uint8Array | null = null;
  /** All of the picture, as it was painted last. */
  #whole: Painted | null = null;
  #closeUp: PartPainter | null = null;
  #viewport: Viewport | null = null;
  #isPainting = false;
  /** Whether something has changed since the painting began. */
  #isStale = false;
  #isClosed = false;

  constructor(entry: Entry, isFull: boolean, parts: ViewParts) {
    this.entry = entry;
    this.isFull = isFull;
    this.#parts = parts;
  }

  /** Whether a part of the picture is shown. */
  get isZoomed(): boolean {
    return this.#viewport?.isZoomed ?? false;
  }

  /** The rows and columns that the picture may take. */
  get box(): TerminalSize {
    const { columns, rows } = this.#parts.size();
    return { columns, rows: this.isFull && !this.#parts.isLastRowFree ? rows : rows - 1 };
  }

  /**
   * Gets the image and shows it.
   *
   * @returns whether it could be drawn
   */
  async open(): Promise<boolean> {
    this.#bytes = await this.#parts.read(this.entry, () => !this.#isClosed);
    if (this.#bytes === null) return false;
    this.#isStale = true;
    await this.#paintAll();
    return this.#whole !== null;
  }

  /** Stops painting: the screen belongs to something else. */
  close(): void {
    this.#isClosed = true;
  }

  /** Draws the picture again, on a screen of any size. */
  redraw(): void {
    this.#whole = null;
    this.#viewport?.resize(this.#cells);
    this.#paintSoon();
  }

  /** Zooms in or out by steps. */
  async zoomBy(steps: number): Promise<void> {
    // What cannot be painted whole has no parts.
    if (this.#bytes === null || this.#whole === null) return;
    this.#closeUp ??= await this.#parts.pictures.closeUp(this.#bytes);
    if (this.#closeUp === null || this.#isClosed) return;
    this.#viewport ??= new Viewport(this.#closeUp.size, this.#cells);
    if (this.#viewport.zoomBy(steps)) this.#paintSoon();
  }

  /** Shows all of the picture. */
  showWhole(): void {
    if (this.#viewport?.reset()) this.#paintSoon();
  }

  /** Moves by steps to another part. */
  move(right: number, down: number): void {
    if (this.#viewport?.move(right, down)) this.#paintSoon();
  }

  /** The box with the shape of its cells. */
  get #cells(): Box {
    return { ...this.box, cellAspect: this.#closeUp?.cellAspect };
  }

  /** Gives the picture every row, or takes the last one back. */
  toggleFull(): void {
    this.isFull = !this.isFull;
    this.redraw();
  }

  /** Paints now, or once more after the painting that goes on: keys may come faster. */
  async #paintSoon(): Promise<void> {
    this.#isStale = true;
    if (this.#isPainting || this.#bytes === null) return;
    try {
      await this.#paintAll();
    } catch (error) {
      if (!this.#isClosed) this.#parts.failed(error);
    }
  }

  /** Paints until nothing has changed since. */
  async #paintAll(): Promise<void> {
    this.#isPainting = true;
    try {
      while (this.#isStale && !this.#isClosed) {
        this.#isStale = false;
        await this.#paint();
        // Lets keys be read in between.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } finally {
      this.#isPainting = false;
    }
  }

  async #paint(): Promise<void> {
    const { pictures, show } = this.#parts;
    const { box } = this;
    let painted: Painted | null;
    if (this.#viewport?.isZoomed && this.#closeUp !== null) {
      painted = await this.#closeUp.paint(this.#viewport.window);
    } else {
      painted = this.#whole ?? await pictures.paint(this.#bytes!, box);
      // Not kept if the screen has another size by now: then it is painted again.
      if (box.columns === this.box.columns && box.rows === this.box.rows) this.#whole = painted;
    }
    if (!this.#isClosed) show(painted, box);
  }
}
