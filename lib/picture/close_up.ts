/**
 * Pictures in parts: for zooming in.
 *
 * @module
 */
import { type Canvas, DARK } from "./canvas.ts";
import { type PixelCanvas, pixelsOf, pixelText } from "./draw_pixels.ts";
import { conversionFor, decode, storedAverages } from "./formats/decode.ts";
import { checkedHeader, type PictureHeader } from "./formats/identify.ts";
import { painterFor } from "./painter.ts";
import { average, type Grid } from "./pixels/grid.ts";
import { storedPart, swapsAxes, upright } from "./pixels/orientation.ts";
import type { Raster, Rgb, Size } from "./pixels/raster.ts";
import type { Rectangle } from "./pixels/rectangle.ts";
import { DRAWING_TURNS } from "./wasm/turns.ts";

/**
 * The most bytes of decoded pixels that are kept for the next part: 40 megapixels in RGB. A larger
 * picture is decoded for each part.
 */
export const KEPT_PIXEL_BYTES = 120_000_000;

/** Samples of a cell, across and down, that a part is averaged from at least. */
const SAMPLES = 8;

/**
 * A picture of which any part can be drawn, from all of its pixels. A usual JPEG is never held as
 * pixels; of any other, the pixels are kept if they are no more than `KEPT_PIXEL_BYTES`. Of a
 * moving picture, the first frame.
 */
export class CloseUp {
  readonly #bytes: Uint8Array;
  readonly #header: PictureHeader;
  #kept: { raster: Raster; background: Rgb } | null = null;

  /**
   * @param bytes the whole file
   * @throws {PictureError} if the file is of a type that is not drawn, or larger than the limits
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#header = checkedHeader(bytes);
  }

  /** Pixels across and down, upright. */
  get size(): Size {
    const { width, height, orientation } = this.#header;
    return swapsAxes(orientation) ? { width: height, height: width } : { width, height };
  }

  /**
   * Draws a part with characters, as `draw` does, on all of the canvas.
   *
   * @param part in pixels of the upright picture, within it
   * @throws {PictureError} if nothing of the picture can be decoded
   */
  async draw(canvas: Canvas, part: Rectangle): Promise<string> {
    const painter = painterFor(canvas);
    const { columns, rows, background = DARK } = canvas;
    const areas = { width: columns * painter.across, height: rows * painter.down };
    const minimum = {
      width: columns * Math.max(SAMPLES, painter.across),
      height: rows * Math.max(SAMPLES, painter.down),
    };
    return await DRAWING_TURNS.run(async () =>
      painter.paint(await this.#averages(part, areas, minimum, background))
    );
  }

  /**
   * Draws a part with a terminal's own pixels, as `drawPixels` does, on all of the canvas.
   *
   * @param part in pixels of the upright picture, within it
   * @throws {PictureError} if nothing of the picture can be decoded
   */
  async drawPixels(canvas: PixelCanvas, part: Rectangle): Promise<string> {
    const areas = pixelsOf(canvas.columns, canvas.rows, canvas);
    const background = canvas.background ?? DARK;
    return await DRAWING_TURNS.run(async () =>
      await pixelText(await this.#averages(part, areas, areas, background), canvas)
    );
  }

  /** Averages a part of the upright picture over upright areas. */
  async #averages(
    uprightPart: Rectangle,
    uprightAreas: Size,
    uprightMinimum: Size,
    background: Rgb,
  ): Promise<Grid> {
    const header = this.#header;
    const stored = ({ width, height }: Size): Size =>
      swapsAxes(header.orientation) ? { width: height, height: width } : { width, height };
    const part = storedPart(uprightPart, header.orientation, header);
    const areas = stored(uprightAreas), minimum = stored(uprightMinimum);
    const convert = await conversionFor(header);
    const sampling = { areas, minimum, background, part };
    const grid = await storedAverages(this.#bytes, header, sampling);
    const { width, height, data } = grid ?? await this.#averagesOfPixels(part, areas, background);
    convert?.(data);
    return upright({ width, height, data }, header.orientation);
  }

  async #averagesOfPixels(part: Rectangle, areas: Size, background: Rgb): Promise<Grid> {
    const header = this.#header;
    const isKept = this.#kept !== null && `${this.#kept.background}` === `${background}`;
    const raster = isKept
      ? this.#kept!.raster
      : await decode(this.#bytes, header, header, background);
    this.#kept = raster.data.length <= KEPT_PIXEL_BYTES ? { raster, background } : null;
    return average(raster, areas.width, areas.height, scaled(part, header, raster));
  }
}

/** The same part of a picture that was decoded to fewer pixels: whole ones, at least one. */
function scaled(part: Rectangle, from: Size, to: Size): Rectangle {
  const along = (start: number, length: number, pixels: number, all: number) => {
    const first = Math.min(all - 1, Math.floor(start * all / pixels));
    const end = Math.max(first + 1, Math.min(all, Math.ceil((start + length) * all / pixels)));
    return [first, end - first] as const;
  };
  const [x, width] = along(part.x, part.width, from.width, to.width);
  const [y, height] = along(part.y, part.height, from.height, to.height);
  return { x, y, width, height };
}
