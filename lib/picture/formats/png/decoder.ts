/**
 * Decodes a PNG of any colour type and depth, and the pictures of an animated one.
 *
 * Rows are inflated, unfiltered and laid over the background one by one, so that nothing more is
 * held than the finished pixels: imagescript's codec takes 1.6 GB for the worst 100 megapixels,
 * this takes 0.4.
 *
 * @module
 */
import type { Raster, Rgb, Size } from "../../pixels/raster.ts";
import { cut, fill, paste } from "../../pixels/rectangle.ts";
import { PIECE, SMALL_PIECE } from "../inflate.ts";
import type { Frame } from "../header.ts";
import { isHdr } from "../../colors/description.ts";
import { sampleReducer } from "../../pixels/sample_reducer.ts";
import { COLOR, GREY, GREY_ALPHA, PALETTE, type PngHeader, SAMPLES } from "./header.ts";
import { type PngData, pngRows } from "./rows.ts";

/**
 * The seven passes of an interlaced picture (Adam7, PNG 8.2): first column and row, steps. A
 * picture that is not interlaced is a single pass over everything.
 */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The disposal methods of an animation (11.3.6.2). */
const RESTORE_BACKGROUND = 1, RESTORE_PREVIOUS = 2;

/** The shortest delay between the pictures of an animation: browsers wait 100 ms if it is less. */
const MIN_DELAY_MS = 11, USUAL_DELAY_MS = 100;

/** A place in a raster that pixels are written to. */
interface Target extends Size {
  readonly data: Uint8Array;
  readonly channels: 1 | 3;
  /** Bytes from a row to the next. */
  readonly stride: number;
  /** Where the first pixel goes. */
  readonly origin: number;
  /** What shows through: the background, or what the target holds already. */
  readonly under: Rgb | "target";
}

/**
 * Decodes the still picture of a PNG. Of one that is cut short or damaged, the rows before.
 *
 * @throws {Error} if there is not a single row
 */
export async function decode(
  _bytes: Uint8Array,
  header: PngHeader,
  _minimum: Size,
  background: Rgb,
): Promise<Raster> {
  const { width, height } = header;
  const channels = header.colorType === GREY && header.transparency === null ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  const stride = width * channels;
  const target: Target = { width, height, channels, data, stride, origin: 0, under: background };
  const isWhole = await readPicture(header, header.data, target);
  return { width, height, channels, data, ...(isWhole ? {} : { isPartial: true }) };
}

/** Decodes an animated PNG (APNG) picture by picture, and places each as it says. */
export async function* frames(
  _bytes: Uint8Array,
  header: PngHeader,
  background: Rgb,
): AsyncGenerator<Frame> {
  const { width, height } = header;
  const data = new Uint8Array(width * height * 3);
  const screen = { width, height, channels: 3 as const, data };
  fill(screen, { x: 0, y: 0, width, height }, background);
  for (const [i, frame] of header.animation.entries()) {
    const { x, y, delayMs, isBlended } = frame;
    // Before the first it is the background (11.3.6.2).
    const before = frame.disposal === RESTORE_PREVIOUS ? cut(screen, frame) : null;
    let isWhole = false;
    try {
      isWhole = await readPicture(header, frame.data, {
        ...screen,
        width: frame.width,
        height: frame.height,
        stride: width * 3,
        origin: (y * width + x) * 3,
        under: isBlended ? "target" : background,
      });
    } catch (error) {
      if (i === 0) throw error;
    }
    const raster: Raster = isWhole ? screen : { ...screen, isPartial: true };
    yield { raster, delayMs: delayMs < MIN_DELAY_MS ? USUAL_DELAY_MS : delayMs };
    if (!isWhole) return;
    if (before !== null) paste(screen, frame, before);
    else if (frame.disposal === RESTORE_BACKGROUND) fill(screen, frame, background);
  }
}

/** Reads a picture into its target. @returns whether all of it was there */
async function readPicture(
  header: PngHeader,
  data: readonly Uint8Array[],
  target: Target,
): Promise<boolean> {
  const reader = new PictureReader(header, data, target);
  if (await reader.read(PIECE)) return true;
  // Of a piece in which there is an error nothing is inflated: smaller ones lose less.
  await reader.read(SMALL_PIECE);
  if (reader.rowsRead === 0) throw new Error("There is not a single row");
  reader.fillMissing();
  return false;
}

/** Reads one picture of a PNG. */
class PictureReader {
  /** Rows that were read, of all passes. */
  rowsRead = 0;
  readonly #passes: readonly (readonly [number, number, number, number])[];
  readonly #sizes: readonly Size[];

  readonly #header: PngHeader;
  readonly #data: readonly Uint8Array[];
  readonly #target: Target;

  constructor(header: PngHeader, data: readonly Uint8Array[], target: Target) {
    this.#header = header;
    this.#data = data;
    this.#target = target;
    const { width, height } = target;
    this.#passes = header.isInterlaced ? ADAM7 : [[0, 0, 1, 1]];
    this.#sizes = this.#passes.map(([x, y, dx, dy]) => ({
      width: Math.max(0, Math.ceil((width - x) / dx)),
      height: Math.max(0, Math.ceil((height - y) / dy)),
    }));
  }

  /** Reads it, inflating so many bytes at a time. @returns whether all of it was there */
  async read(piece: number): Promise<boolean> {
    const header = this.#header, target = this.#target;
    const write = reducesRows(header)
      ? reducingWriter(header, rowWriter(header, target))
      : rowWriter(header, target);
    const image: PngData = {
      bits: header.depth * SAMPLES[header.colorType],
      data: this.#data,
      piece,
    };
    this.rowsRead = 0;
    try {
      await pngRows(image, this.#sizes, (row, pass, y) => {
        const [left, top, dx, dy] = this.#passes[pass];
        const at = target.origin + (top + y * dy) * target.stride + left * target.channels;
        write(row, this.#sizes[pass].width, at, dx * target.channels);
        this.rowsRead++;
      });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Fills what is missing: with the background, or in an interlaced picture with the pixel of an
   * earlier pass that stands for it.
   */
  fillMissing(): void {
    const { channels, data, stride, origin, under } = this.#target;
    let rowsRead = this.rowsRead;
    for (const [pass, [left, top, dx, dy]] of this.#passes.entries()) {
      const { width, height } = this.#sizes[pass];
      const first = width === 0 ? height : Math.min(height, rowsRead);
      rowsRead -= first;
      for (let y = first; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const to = origin + (top + y * dy) * stride + (left + x * dx) * channels;
          const from = to - top * stride - left * channels;
          for (let c = 0; c < channels; c++) {
            if (pass > 0) data[to + c] = data[from + c];
            else if (under !== "target") data[to + c] = under[c];
          }
        }
      }
    }
  }
}

/**
 * Turns an unfiltered row into finished pixels: takes the row, how many pixels are in it, where the
 * first belongs and how far apart they belong.
 */
type RowWriter = (row: Uint8Array, pixels: number, at: number, step: number) => void;

/** Whether the lower eight of 16 bits count; they do not where a colour is compared with them. */
function reducesRows({ depth, color, transparency }: PngHeader): boolean {
  return depth === 16 && isHdr(color) && transparency === null;
}

/** Reduces rows of 16 bits a sample before they are written. */
function reducingWriter({ width, colorType }: PngHeader, write: RowWriter): RowWriter {
  const samples = SAMPLES[colorType];
  const reducers = Array.from({ length: samples }, () => sampleReducer());
  // The row itself is what the next one is unfiltered by.
  const reduced = new Uint8Array(width * samples * 2);
  return (row, pixels, at, step) => {
    for (let i = 0; i < pixels * samples; i++) {
      reduced[i * 2] = reducers[i % samples](row[i * 2] << 8 | row[i * 2 + 1]);
    }
    write(reduced, pixels, at, step);
  };
}

function rowWriter(header: PngHeader, { data, channels, under }: Target): RowWriter {
  const { colorType, depth, transparency } = header;
  const wide = depth === 16 ? 2 : 1;
  // Of 16 bits the upper eight are kept. Fewer than eight are spread over the whole range.
  const most = (1 << Math.min(depth, 8)) - 1;
  const sample = (row: Uint8Array, index: number): number => {
    if (depth >= 8) return row[index * wide];
    const bit = index * depth;
    return row[bit >> 3] >> (8 - depth - (bit & 7)) & most;
  };
  const put = (at: number, red: number, green: number, blue: number, alpha: number) => {
    const over = (value: number, c: number) => {
      if (alpha === 255) return value;
      const below = under === "target" ? data[at + c] : under[c];
      return Math.round((value * alpha + below * (255 - alpha)) / 255);
    };
    data[at] = over(red, 0);
    data[at + 1] = over(green, 1);
    data[at + 2] = over(blue, 2);
  };
  if (colorType === PALETTE) {
    const { palette } = header;
    return (row, pixels, at, step) => {
      for (let i = 0; i < pixels; i++, at += step) {
        const index = sample(row, i), color = index * 3;
        const alpha = transparency?.[index] ?? 255;
        // A colour that PLTE does not have is black, as other decoders have it.
        put(at, palette[color] ?? 0, palette[color + 1] ?? 0, palette[color + 2] ?? 0, alpha);
      }
    };
  }
  // The one transparent colour, if any, is compared with all its bits.
  const isOpaque = (row: Uint8Array, first: number, count: number): boolean => {
    if (transparency === null || transparency.length < count * 2) return true;
    for (let c = 0; c < count; c++) {
      const value = depth === 16
        ? row[(first + c) * 2] << 8 | row[(first + c) * 2 + 1]
        : sample(row, first + c);
      if (value !== (transparency[c * 2] << 8 | transparency[c * 2 + 1])) return true;
    }
    return false;
  };
  const stride = SAMPLES[colorType];
  if (colorType === GREY || colorType === GREY_ALPHA) {
    return (row, pixels, at, step) => {
      for (let i = 0; i < pixels; i++, at += step) {
        const grey = Math.round(sample(row, i * stride) * 255 / most);
        if (channels === 1) {
          data[at] = grey;
          continue;
        }
        const alpha = colorType === GREY_ALPHA
          ? sample(row, i * stride + 1)
          : isOpaque(row, i, 1)
          ? 255
          : 0;
        put(at, grey, grey, grey, alpha);
      }
    };
  }
  return (row, pixels, at, step) => {
    for (let i = 0, from = 0; i < pixels; i++, from += stride, at += step) {
      const alpha = colorType === COLOR ? isOpaque(row, from, 3) ? 255 : 0 : row[(from + 3) * wide];
      put(at, row[from * wide], row[(from + 1) * wide], row[(from + 2) * wide], alpha);
    }
  };
}
