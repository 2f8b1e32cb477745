import { averagesOf } from "./averages.ts";
import { type Canvas, DARK, fitInto } from "./canvas.ts";
import { PictureError } from "./error.ts";
import { gifMoments, loadGifCodec } from "./formats/gif/decoder.ts";
import { readGifStructure } from "./formats/gif/structure.ts";
import { average } from "./pixels/grid.ts";
import type { PictureHeader } from "./formats/header.ts";
import { checkedHeader, identify } from "./formats/identify.ts";
import { swapsAxes, upright } from "./pixels/orientation.ts";
import { type Painter, painterFor } from "./painter.ts";
import type { Size } from "./pixels/raster.ts";

/**
 * Draws a picture as rows of coloured block characters: text with SGR sequences, a line feed after
 * every row, the terminal's own colours at the end of each. Of a moving picture, the first frame.
 *
 * @param bytes a JPEG, PNG, GIF or TIFF file
 * @throws {PictureError} where it is none of these, damaged, or larger than `MAX_PIXELS` or `MAX_GIF_PIXELS`
 */
export async function draw(bytes: Uint8Array, canvas: Canvas): Promise<string> {
  const header = checkedHeader(bytes);
  const drawing = new Drawing(header, canvas);
  const { areas, samples } = drawing;
  const grid = await averagesOf(bytes, header, areas, samples, canvas.background ?? DARK);
  return drawing.painter.paint(upright(grid, header.orientation));
}

/** One picture of a moving one. */
export interface AnimationFrame {
  /** As `draw` gives it; every frame has the same number of rows. */
  readonly text: string;
  /** Milliseconds to show it. */
  readonly delayMs: number;
}

/**
 * Draws the frames of an animated GIF as often as the file says, which may be for ever: stop asking
 * when it is enough. Any other picture is one frame. Frames are decoded when they are asked for.
 *
 * @throws {PictureError} as `draw` does, and at the frame where a file turns out to be damaged
 */
export async function* animate(bytes: Uint8Array, canvas: Canvas): AsyncGenerator<AnimationFrame> {
  const header = checkedHeader(bytes);
  if (header.type !== "gif") {
    yield { text: await draw(bytes, canvas), delayMs: 0 };
    return;
  }
  const drawing = new Drawing(header, canvas);
  const { areas } = drawing;
  const plays = readGifStructure(bytes)?.plays ?? 1;
  try {
    const codec = await loadGifCodec();
    for (let play = 0; play < plays; play++) {
      let frames = 0;
      for (const { raster, delayMs } of gifMoments(codec, bytes, canvas.background ?? DARK)) {
        frames++;
        yield { text: drawing.painter.paint(average(raster, areas.width, areas.height)), delayMs };
      }
      if (frames === 0) throw new PictureError("damaged", "The GIF picture holds no image.");
      if (frames === 1) return;
    }
  } catch (error) {
    if (error instanceof PictureError) throw error;
    throw new PictureError("damaged", "The GIF picture is damaged.");
  }
}

/** Whether a file is a GIF of more than one frame. */
export function isAnimated(bytes: Uint8Array): boolean {
  return identify(bytes)?.type === "gif" && (readGifStructure(bytes)?.frames ?? 0) > 1;
}

/**
 * Samples of a cell, across and down, that a picture is decoded with at least, even where fewer pixels are
 * painted: a codec that scales while it decodes blurs a little, and with fewer samples that can be seen
 * (0.1 to 1 dB; with eight, 0.01 to 0.04 dB).
 */
const SAMPLES = 8;

/** The plan of a drawing: how many cells of which kind, and how many pixels that asks for. */
class Drawing {
  /** The size at which to decode at least, in the file's own orientation. */
  readonly samples: Size;
  /** The size of the grid of averages, in the file's own orientation. */
  readonly areas: Size;
  readonly painter: Painter;

  constructor(header: PictureHeader, canvas: Canvas) {
    const swapped = swapsAxes(header.orientation);
    const { columns, rows } = swapped
      ? fitInto(canvas, header.height, header.width)
      : fitInto(canvas, header.width, header.height);
    this.painter = painterFor(canvas);
    const inFile = (width: number, height: number): Size =>
      swapped ? { width: height, height: width } : { width, height };
    this.areas = inFile(columns * this.painter.across, rows * this.painter.down);
    this.samples = inFile(columns * SAMPLES, rows * SAMPLES);
  }
}
