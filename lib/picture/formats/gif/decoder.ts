/**
 * Decodes the pictures of a GIF and places each on the screen as it says. Pixels are painted as
 * they come out of the LZW codes, so that nothing more is held than the screen.
 *
 * @module
 */
import type { Raster, Rgb, Size } from "../../pixels/raster.ts";
import { cut, fill, paste, type Rectangle } from "../../pixels/rectangle.ts";
import type { Frame } from "../header.ts";
import { unpackLzw } from "../lzw.ts";
import { pauses } from "../yielding.ts";
import { type GifHeader, type GifImage, joinSubBlocks } from "./header.ts";

/** The disposal methods (GIF89a, 23.c.iv) that do something. */
const RESTORE_BACKGROUND = 2, RESTORE_PREVIOUS = 3;

/** If a delay of 0 or 10 ms is asked for, browsers wait this long, and authors rely on it. */
const USUAL_DELAY_MS = 100;

/** The rows of an interlaced picture (appendix E): first row and step of each pass. */
const PASSES = [[0, 8], [4, 8], [2, 4], [1, 2]] as const;

/**
 * Decodes the first picture of a GIF, as far as it is whole.
 *
 * @throws {Error} if there is nothing to be decoded
 */
export async function decode(
  bytes: Uint8Array,
  header: GifHeader,
  _minimum: Size,
  background: Rgb,
): Promise<Raster> {
  for await (const { raster } of frames(bytes, header, background)) {
    return header.isCut ? { ...raster, isPartial: true } : raster;
  }
  throw new Error("The GIF holds no picture");
}

/**
 * Decodes a GIF picture by picture. Transparent pixels show the background. Ends with the first
 * picture that is not whole.
 *
 * @throws {Error} if nothing of the first can be decoded
 */
export async function* frames(
  bytes: Uint8Array,
  header: GifHeader,
  background: Rgb,
): AsyncGenerator<Frame> {
  const { width, height } = header;
  const screen = { width, height, channels: 3 as const, data: new Uint8Array(width * height * 3) };
  fill(screen, { x: 0, y: 0, width, height }, background);
  for (const image of header.images) {
    const area = clip(image, screen);
    const before = image.disposal === RESTORE_PREVIOUS ? cut(screen, area) : null;
    const painted = await paint(bytes, image, screen);
    const isWhole = painted >= image.width * image.height;
    if (!isWhole && image === header.images[0]) {
      if (painted === 0) throw new Error("The first picture has no pixels");
      if (image.isInterlaced) fillMissingRows(image, painted, screen);
    }
    yield {
      raster: isWhole ? screen : { ...screen, isPartial: true },
      delayMs: image.delay > 1 ? image.delay * 10 : USUAL_DELAY_MS,
    };
    if (!isWhole) return;
    if (before !== null) paste(screen, area, before);
    else if (image.disposal === RESTORE_BACKGROUND) fill(screen, area, background);
  }
}

/** The part of a picture that lies on the screen. */
function clip({ x, y, width, height }: Rectangle, screen: Size): Rectangle {
  const left = Math.min(x, screen.width), top = Math.min(y, screen.height);
  return {
    x: left,
    y: top,
    width: Math.min(width, screen.width - left),
    height: Math.min(height, screen.height - top),
  };
}

/** Paints the opaque pixels of a picture; a GIF has no half transparency. @returns how many came */
async function paint(bytes: Uint8Array, image: GifImage, screen: Raster): Promise<number> {
  const { x, y, width, transparentIndex } = image;
  const palette = image.palette ?? usualPalette();
  const { data } = screen;
  const columns = Math.min(width, Math.max(0, screen.width - x));
  const rows = rowsOf(image);
  const pause = pauses();
  let column = 0, pixels = 0;
  let row: number | undefined = rows.next().value;
  try {
    for (const piece of unpackLzw(joinSubBlocks(bytes, image.dataAt), gifCodes(image))) {
      for (const index of piece) {
        if (row === undefined) return pixels;
        // Rows below the screen are beyond its data, where nothing is kept.
        if (column < columns && index !== transparentIndex) {
          const to = ((y + row) * screen.width + x + column) * 3;
          data[to] = palette[index * 3] ?? 0;
          data[to + 1] = palette[index * 3 + 1] ?? 0;
          data[to + 2] = palette[index * 3 + 2] ?? 0;
        }
        pixels++;
        if (++column < width) continue;
        column = 0;
        row = rows.next().value;
      }
      await pause();
    }
  } catch {
    // What was painted before the damage stays.
  }
  return pixels;
}

/**
 * Fills the rows that are missing of an interlaced picture, all of which is on the screen, with
 * those of earlier passes above them.
 */
function fillMissingRows(
  { x, y, width, height }: GifImage,
  painted: number,
  screen: Raster,
): void {
  let rowsLeft = Math.floor(painted / width);
  for (const [first, step] of PASSES) {
    for (let row = first; row < height; row += step) {
      if (rowsLeft-- > 0) continue;
      const to = { x, y: y + row, width, height: 1 };
      paste(screen, to, cut(screen, { ...to, y: to.y - first }));
    }
  }
}

/** The codes of a GIF: the lowest bit of a byte first (appendix F). */
function gifCodes({ literalBits }: GifImage) {
  return { literalBits, isLsbFirst: true, growsEarly: false };
}

/** The rows of a picture, in the order that they are stored. */
function* rowsOf({ height, isInterlaced }: GifImage): Generator<number, undefined> {
  for (const [first, step] of isInterlaced ? PASSES : [[0, 1]]) {
    for (let row = first; row < height; row += step) yield row;
  }
}

/** The colours of a GIF that has none: black, white, and from there on all greys. */
function usualPalette(): Uint8Array {
  return Uint8Array.from({ length: 768 }, (_, i) => i < 3 ? 0 : i < 6 ? 255 : Math.floor(i / 3));
}
