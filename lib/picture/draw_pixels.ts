/**
 * From a picture to the pixels of a terminal.
 *
 * @module
 */
import { DARK, fitInto, type PictureRemark } from "./canvas.ts";
import type { GraphicsProtocol } from "./terminal/graphics_query.ts";
import { averagesOf } from "./formats/decode.ts";
import { checkedHeader } from "./formats/identify.ts";
import { encodeIterm2, encodeKitty } from "./terminal/inline_image.ts";
import { swapsAxes, upright } from "./pixels/orientation.ts";
import { type Grid, toRaster } from "./pixels/grid.ts";
import type { BoxedPixels, Rgb, Size } from "./pixels/raster.ts";
import { encodeSixel } from "./terminal/sixel.ts";
import { throughTmux } from "./terminal/tmux.ts";
import { DRAWING_TURNS } from "./wasm/turns.ts";

/**
 * The most pixels that are sent: those of a screen of 3840 × 2160. A thousand cells by a thousand,
 * which may be asked for, would be 200 million, and many gigabytes on the way there.
 */
export const MAX_DRAWN_PIXELS = 3840 * 2160;

/** Where a picture is drawn with real pixels. */
export interface PixelCanvas {
  /** Cells across that may be used. */
  readonly columns: number;
  /** Cells down that may be used. */
  readonly rows: number;
  /** How the terminal takes pixels. */
  readonly protocol: GraphicsProtocol;
  /** Pixels of a cell across; 0 if the terminal did not say, which counts as 10. */
  readonly cellWidth: number;
  /** Pixels of a cell down; 0 if the terminal did not say, which counts as 20. */
  readonly cellHeight: number;
  /** The most pixels that are sent; `MAX_DRAWN_PIXELS` by default. */
  readonly maxPixels?: number;
  /** What the kitty protocol names the picture by; the cursor then stays where it is. */
  readonly imageId?: number;
  /** Whether it has to pass through tmux, which knows nothing of it. */
  readonly throughTmux?: boolean;
  /** The colour behind transparent pixels; black by default. */
  readonly background?: Rgb;
  /** Called with what there is to say about the picture. */
  readonly onRemark?: (remark: PictureRemark) => void;
}

/**
 * Draws a picture with a terminal's own pixels, in the same box of cells as block characters would
 * take; ends with a line feed below it. The picture is decoded and scaled here, so that the
 * terminal is sent no more than it can show, and nothing of the file's own bytes.
 *
 * @throws {PictureError} as `draw` does
 */
export function drawPixels(bytes: Uint8Array, canvas: PixelCanvas): Promise<string> {
  return DRAWING_TURNS.run(() => drawPixelsNow(bytes, canvas));
}

async function drawPixelsNow(bytes: Uint8Array, canvas: PixelCanvas): Promise<string> {
  const header = checkedHeader(bytes);
  const { cellWidth, cellHeight } = cellSize(canvas);
  const swapped = swapsAxes(header.orientation);
  const [sceneWidth, sceneHeight] = swapped
    ? [header.height, header.width]
    : [header.width, header.height];
  const cellAspect = cellHeight / cellWidth;
  const { columns, rows } = fitInto({ ...canvas, cellAspect }, sceneWidth, sceneHeight);
  const { width, height } = pixelsOf(columns, rows, canvas);
  const areas = swapped ? { width: height, height: width } : { width, height };
  const background = canvas.background ?? DARK;
  const grid = await averagesOf(bytes, header, { areas, minimum: areas, background });
  if (grid.isPartial) canvas.onRemark?.("damaged");
  if ("isSequence" in header && header.isSequence) canvas.onRemark?.("first-of-sequence");
  return await pixelText(upright(grid, header.orientation), { ...canvas, columns, rows });
}

/** Pixels of a sixel, down. */
const SIXEL = 6;

/** Returns the pixels that a box of cells is drawn with, no more than the canvas allows. */
export function pixelsOf(columns: number, rows: number, canvas: PixelCanvas): Size {
  const { cellWidth, cellHeight } = cellSize(canvas);
  const scale = Math.min(
    1,
    Math.sqrt((canvas.maxPixels ?? MAX_DRAWN_PIXELS) / (columns * cellWidth * rows * cellHeight)),
  );
  const height = Math.max(1, Math.floor(rows * cellHeight * scale));
  return {
    width: Math.max(1, Math.floor(columns * cellWidth * scale)),
    // A band that is not full would reach into the row of cells below.
    height: canvas.protocol === "sixel" && height > SIXEL ? height - height % SIXEL : height,
  };
}

/** Returns the commands that draw upright pixels, which fill the canvas. */
export async function pixelText(grid: Grid, canvas: PixelCanvas) {
  const { columns, rows } = canvas;
  const { width, height, data: rgb } = toRaster(grid);
  const text = await encoded({ width, height, rgb, columns, rows }, canvas);
  return canvas.throughTmux ? throughTmux(text, rows) : text;
}

function cellSize({ cellWidth, cellHeight }: PixelCanvas) {
  return { cellWidth: cellWidth || 10, cellHeight: cellHeight || 20 };
}

async function encoded(pixels: BoxedPixels, { protocol, imageId }: PixelCanvas): Promise<string> {
  switch (protocol) {
    case "kitty":
      return await encodeKitty(pixels, imageId);
    case "iterm2":
      return await encodeIterm2(pixels);
    case "sixel":
      return encodeSixel(pixels);
  }
}
