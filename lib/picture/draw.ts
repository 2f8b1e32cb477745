/**
 * From a picture to text.
 *
 * @module
 */
import { type Canvas, DARK, fitInto } from "./canvas.ts";
import { averagesOf, conversionFor, framesOf } from "./formats/decode.ts";
import type { BaseHeader } from "./formats/header.ts";
import { checkedHeader, type PictureHeader, readHeader } from "./formats/identify.ts";
import { type Painter, painterFor } from "./painter.ts";
import { average, type Grid } from "./pixels/grid.ts";
import { swapsAxes, upright } from "./pixels/orientation.ts";
import type { Size } from "./pixels/raster.ts";
import { DRAWING_TURNS } from "./wasm/turns.ts";

/**
 * Draws a picture as rows of coloured block characters: text with SGR sequences, a line feed after
 * every row, the terminal's own colours at the end of each. Of a moving picture, the first frame. A
 * picture that is cut short or damaged is drawn as far as possible, and `canvas.onRemark` is told.
 *
 * @param bytes the whole file
 * @throws {PictureError} if the file is of a type that is not drawn, larger than the limits, or
 * nothing of it can be decoded
 */
export function draw(bytes: Uint8Array, canvas: Canvas): Promise<string> {
  return DRAWING_TURNS.run(() => drawNow(bytes, canvas));
}

async function drawNow(bytes: Uint8Array, canvas: Canvas): Promise<string> {
  const header = checkedHeader(bytes);
  const drawing = new Drawing(header, canvas);
  const { areas, samples: minimum } = drawing;
  const background = canvas.background ?? DARK;
  const grid = await averagesOf(bytes, header, { areas, minimum, background });
  if (grid.isPartial) canvas.onRemark?.("damaged");
  if ("isSequence" in header && header.isSequence) canvas.onRemark?.("first-of-sequence");
  return drawing.paint(grid);
}

/** One picture of a moving one. */
export interface AnimationFrame {
  /** The text, as `draw` returns it; every frame on a canvas has the same number of rows. */
  readonly text: string;
  /** Milliseconds to show it. */
  readonly delayMs: number;
}

/**
 * Draws the frames of an animation as often as the file says, which may be for ever: stop asking
 * when it is enough. Any other picture is one frame. Frames are decoded when they are asked for.
 *
 * @param bytes the whole file
 * @param on where and how; a function is asked before each frame, for the size may change meanwhile
 * @throws {PictureError} as `draw` does
 */
export async function* animate(
  bytes: Uint8Array,
  on: Canvas | (() => Canvas),
): AsyncGenerator<AnimationFrame> {
  const header = checkedHeader(bytes);
  let canvas = typeof on === "function" ? on() : on;
  if (framesIn(header) < 2) {
    yield { text: await draw(bytes, canvas), delayMs: 0 };
    return;
  }
  let drawing = new Drawing(header, canvas);
  const convert = await conversionFor(header);
  let isReported = false;
  for await (const { raster, delayMs } of framesOf(bytes, header, canvas.background ?? DARK)) {
    if (raster.isPartial && !isReported) canvas.onRemark?.("damaged");
    isReported ||= raster.isPartial ?? false;
    const next = typeof on === "function" ? on() : on;
    if (next !== canvas) {
      canvas = next;
      drawing = new Drawing(header, canvas);
    }
    const { width, height } = drawing.areas;
    const grid = average(raster, width, height);
    convert?.(grid.data);
    yield { text: drawing.paint(grid), delayMs };
  }
}

/** How many pictures there are. */
function framesIn(header: BaseHeader | null): number {
  return header?.frames ?? 1;
}

/** Whether a file is an animation: a picture with more than one frame. */
export function isAnimated(bytes: Uint8Array): boolean {
  return framesIn(readHeader(bytes)) > 1;
}

/**
 * Samples of a cell, across and down, that a picture is decoded with at least, even if fewer pixels
 * are painted: a codec that scales while it decodes blurs a little, and with fewer samples that can
 * be seen (0.1 to 1 dB; with eight, 0.01 to 0.04 dB).
 */
const SAMPLES = 8;

/** The same for a picture of few pixels, which takes a few milliseconds more. */
const SAMPLES_OF_SMALL = 16, SMALL_PIXELS = 2_000_000;

/** The plan of a drawing: how many cells of which kind, and how many pixels that asks for. */
class Drawing {
  /** The size at which to decode at least, in the file's own orientation. */
  readonly samples: Size;
  /** The size of the grid of averages, in the file's own orientation. */
  readonly areas: Size;
  readonly #painter: Painter;
  readonly #header: PictureHeader;

  constructor(header: PictureHeader, canvas: Canvas) {
    this.#header = header;
    const swapped = swapsAxes(header.orientation);
    const { columns, rows } = swapped
      ? fitInto(canvas, header.height, header.width)
      : fitInto(canvas, header.width, header.height);
    this.#painter = painterFor(canvas);
    const inFile = (width: number, height: number): Size =>
      swapped ? { width: height, height: width } : { width, height };
    this.areas = inFile(columns * this.#painter.across, rows * this.#painter.down);
    const painter = this.#painter;
    const isSmall = header.width * header.height <= SMALL_PIXELS;
    const samples = isSmall ? SAMPLES_OF_SMALL : SAMPLES;
    this.samples = inFile(
      columns * Math.max(samples, painter.across),
      rows * Math.max(samples, painter.down),
    );
  }

  /** Makes text of the averages over `areas`. */
  paint(grid: Grid): string {
    return this.#painter.paint(upright(grid, this.#header.orientation));
  }
}
