/**
 * One image on the whole screen: all of it, or a part that one zooms and moves to.
 *
 * What is shown first is what there is: the thumbnail, then what the server scales for the screen.
 * The file itself is needed to zoom in, and where the server has nothing better.
 */
import type { Box, Painted } from "../painting/paint.ts";
import type { OpenPicture } from "../painting/painter.ts";
import type { Entry } from "./folder_contents.ts";
import type { TerminalSize } from "./layout.ts";
import type { Preview } from "./previews.ts";
import { type Box as ShapedBox, Viewport } from "./viewport.ts";

/** How long a part may take to be painted before that is said, milliseconds. */
const SAID_AFTER_MS = 200;

/** What a view works with. */
export interface ViewParts {
  /** What there is of the image without its file, from rough to sharp. */
  readonly previews: (
    entry: Entry,
    box: Box,
    isWanted: () => boolean,
  ) => AsyncIterable<Preview>;
  /** Opens the file of the image; null if it is not drawn, or no longer wanted. */
  readonly open: (entry: Entry, isWanted: () => boolean) => Promise<OpenPicture | null>;
  /** Whether no picture may end in the last row, because that would scroll the screen. */
  readonly isLastRowFree: boolean;
  readonly size: () => TerminalSize;
  /** Draws the picture into a box at the upper left of the screen. */
  readonly show: (painted: Painted | null, box: TerminalSize) => void;
  /** Called when something is awaited that takes its time, and when it is there. */
  readonly loading: (isLoading: boolean) => void;
  /** Called when the image is as sharp as it will be. */
  readonly settled: () => void;
  /** Called if nothing of the image can be drawn. */
  readonly undrawn: () => void;
  /** Called with what went wrong. */
  readonly failed: (error: unknown) => void;
}

/** An image on the whole screen. */
export class ImageView {
  readonly entry: Entry;
  readonly #parts: ViewParts;
  /** Whether the picture has every row, without a line below it. */
  isFull: boolean;
  /** The file; null until it is needed. */
  #opening: Promise<OpenPicture | null> | null = null;
  #picture: OpenPicture | null = null;
  /** What was shown last, and in which box. */
  #shown: { readonly painted: Painted | null; readonly box: Box } | null = null;
  /** All of the picture, as it was painted last. */
  #whole: Painted | null = null;
  #viewport: Viewport | null = null;
  #isPainting = false;
  /** How often all of the picture was asked for: only the last time counts. */
  #round = 0;
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

  /** Shows what there is of the image, and what is better as it comes. */
  async open(): Promise<void> {
    const { box } = this;
    const round = ++this.#round;
    const isCurrent = () => !this.#isClosed && round === this.#round;
    const show = (painted: Painted) => {
      this.#whole = painted;
      if (!this.isZoomed) this.#show(painted, box);
    };
    this.#parts.loading(true);
    try {
      let isSharp = false;
      for await (const preview of this.#parts.previews(this.entry, box, isCurrent)) {
        if (!isCurrent()) return;
        show(preview.painted);
        isSharp = preview.isSharp;
      }
      if (!isCurrent()) return;
      if (!isSharp) {
        const picture = await this.#load();
        const painted = isCurrent() ? await picture?.paint(box) ?? null : null;
        if (!isCurrent()) return;
        if (painted !== null) show(painted);
        else if (this.#whole === null) this.#show(null, box);
        if (painted === null) this.#parts.undrawn();
      }
      this.#parts.loading(false);
      this.#parts.settled();
    } catch (error) {
      if (isCurrent()) this.#parts.failed(error);
    }
  }

  /** Stops painting: the screen belongs to something else. */
  close(): void {
    this.#isClosed = true;
    this.#picture?.close();
  }

  /** Draws the picture again, on a screen of any size. */
  redraw(): void {
    this.#whole = null;
    this.#viewport?.resize(this.#cells);
    const { box } = this;
    // A part of a large picture takes seconds.
    if (this.isZoomed) this.#show(isSame(box, this.#shown?.box) ? this.#shown!.painted : null, box);
    this.#update();
  }

  /** Zooms in or out by steps. */
  async zoomBy(steps: number): Promise<void> {
    try {
      const picture = await this.#load();
      if (picture === null || this.#isClosed) return;
      this.#viewport ??= new Viewport(picture.size, this.#cells);
      if (this.#viewport.zoomBy(steps)) this.#update();
    } catch (error) {
      if (!this.#isClosed) this.#parts.failed(error);
    }
  }

  /** Shows all of the picture. */
  showWhole(): void {
    if (this.#viewport?.reset()) this.#update();
  }

  /** Moves by steps to another part. */
  move(right: number, down: number): void {
    if (this.#viewport?.move(right, down)) this.#update();
  }

  /** The box with the shape of its cells. */
  get #cells(): ShapedBox {
    return { ...this.box, cellAspect: this.#picture?.cellAspect };
  }

  /** Gives the picture every row, or takes the last one back. */
  toggleFull(): void {
    this.isFull = !this.isFull;
    this.redraw();
  }

  /** Gets the file, once; null if it is not drawn. */
  async #load(): Promise<OpenPicture | null> {
    if (this.#picture !== null) return this.#picture;
    if (this.#opening === null) {
      this.#parts.loading(true);
      this.#opening = this.#parts.open(this.entry, () => !this.#isClosed);
      // After a failure it can be asked for again.
      this.#opening.catch(() => this.#opening = null);
    }
    const picture = await this.#opening;
    if (this.#isClosed) {
      picture?.close();
      return null;
    }
    this.#parts.loading(false);
    return this.#picture = picture;
  }

  /** Shows all of the picture, or the part that is wanted. */
  #update(): void {
    if (this.isZoomed) this.#paintSoon();
    else if (this.#whole === null) this.open();
    else this.#show(this.#whole, this.box);
  }

  #show(painted: Painted | null, box: TerminalSize): void {
    this.#shown = { painted, box };
    this.#parts.show(painted, box);
  }

  /** Paints a part now, or once more after the painting that goes on: keys may come faster. */
  async #paintSoon(): Promise<void> {
    this.#isStale = true;
    if (this.#isPainting) return;
    this.#isPainting = true;
    while (this.#isStale && this.isZoomed && !this.#isClosed) {
      this.#isStale = false;
      const { box } = this;
      const timer = setTimeout(() => this.#parts.loading(true), SAID_AFTER_MS);
      const painted = await this.#picture!.paintPart(this.#viewport!.window);
      clearTimeout(timer);
      if (this.#isClosed) break;
      this.#parts.loading(false);
      if (this.isZoomed) this.#show(painted, box);
    }
    this.#isPainting = false;
  }
}

function isSame(one: Box, other: Box | undefined): boolean {
  return one.columns === other?.columns && one.rows === other.rows;
}
