/**
 * The part of a picture that is on the screen: zoom and position, pure arithmetic.
 */
import { fitInto, type Rectangle, type Size } from "../../picture/mod.ts";

/** How much one step zooms in. */
export const ZOOM_STEP = 1.5;

/** How far one step moves, in parts of what is on the screen. */
export const MOVE_STEP = 0.25;

/** The cells that a picture may take. */
export interface Box {
  readonly columns: number;
  readonly rows: number;
  /** Height of a cell divided by its width; 2 by default. */
  readonly cellAspect?: number;
}

/** What is drawn: a part of the picture, in so many cells. */
export interface Window {
  readonly columns: number;
  readonly rows: number;
  /** In pixels of the picture. */
  readonly part: Rectangle;
}

/** A way to look at a picture: first as all of it. */
export class Viewport {
  readonly #picture: Size;
  #box: Box;
  #zoom = 1;
  /** The pixel in the middle of the screen. */
  #x: number;
  #y: number;

  constructor(picture: Size, box: Box) {
    this.#picture = picture;
    this.#box = box;
    this.#x = picture.width / 2;
    this.#y = picture.height / 2;
  }

  /** How much larger the picture is than when all of it is shown; 1 then. */
  get zoom(): number {
    return this.#zoom;
  }

  get isZoomed(): boolean {
    return this.#zoom > 1;
  }

  /** Takes another size of the screen. */
  resize(box: Box): void {
    this.#box = box;
    this.#setZoom(this.#zoom);
  }

  /**
   * Zooms in or out, no further in than until a pixel is one cell wide: more would show squares,
   * not the picture.
   *
   * @param steps how often; negative to zoom out
   * @returns whether that changed anything
   */
  zoomBy(steps: number): boolean {
    return this.#setZoom(this.#zoom * ZOOM_STEP ** steps);
  }

  /** Shows all of the picture. @returns whether that changed anything */
  reset(): boolean {
    return this.#setZoom(1);
  }

  /**
   * Moves by steps, no further than the edges.
   *
   * @returns whether that changed anything
   */
  move(right: number, down: number): boolean {
    const { x, y } = this.window.part;
    const { width, height } = this.#visible();
    this.#x += right * width * MOVE_STEP;
    this.#y += down * height * MOVE_STEP;
    this.#stayWithin();
    const { part } = this.window;
    return part.x !== x || part.y !== y;
  }

  /** What is on the screen. */
  get window(): Window {
    const { columns, rows, width, height } = this.#visible();
    const [x, partWidth] = whole(this.#x - width / 2, width, this.#picture.width);
    const [y, partHeight] = whole(this.#y - height / 2, height, this.#picture.height);
    return { columns, rows, part: { x, y, width: partWidth, height: partHeight } };
  }

  #setZoom(zoom: number): boolean {
    const { columns } = fitInto(this.#box, this.#picture.width, this.#picture.height);
    const most = Math.max(1, this.#picture.width / columns);
    const before = this.#zoom;
    // Out by as many steps as in comes to 1, whatever rounding says.
    this.#zoom = zoom < 1.01 ? 1 : Math.min(zoom, most);
    this.#stayWithin();
    return this.#zoom !== before;
  }

  #stayWithin(): void {
    const { width, height } = this.#visible();
    const within = (middle: number, length: number, all: number) =>
      Math.max(length / 2, Math.min(middle, all - length / 2));
    this.#x = within(this.#x, width, this.#picture.width);
    this.#y = within(this.#y, height, this.#picture.height);
  }

  /** The cells that are drawn, and the pixels in them, not whole yet. */
  #visible(): { columns: number; rows: number; width: number; height: number } {
    const { width, height } = this.#picture;
    const fit = fitInto(this.#box, width, height);
    const across = fit.columns * this.#zoom, down = fit.rows * this.#zoom;
    const columns = Math.min(this.#box.columns, Math.round(across));
    const rows = Math.min(this.#box.rows, Math.round(down));
    return {
      columns,
      rows,
      width: Math.min(width, width * columns / across),
      height: Math.min(height, height * rows / down),
    };
  }
}

/** Whole pixels: the first one, and how many. */
function whole(start: number, length: number, all: number): [number, number] {
  const count = Math.max(1, Math.min(all, Math.round(length)));
  return [Math.max(0, Math.min(all - count, Math.round(start))), count];
}
