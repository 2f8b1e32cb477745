import type { Raster, Rgb } from "../../pixels/raster.ts";
import { type PngImage, pngRows } from "./rows.ts";

const IHDR = 0x49484452, PLTE = 0x504c5445, TRNS = 0x74524e53, IDAT = 0x49444154, IEND = 0x49454e44;

/** Colour types (PNG, third edition, 11.2.1) and how many samples a pixel has in each. */
const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const GREY = 0, COLOR = 2, PALETTE = 3, GREY_ALPHA = 4;

/** The depths that each colour type may have. */
const DEPTHS: Record<number, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/**
 * The seven passes of an interlaced picture (Adam7, PNG 8.2): first column and row, steps. A picture
 * that is not interlaced is a single pass over everything.
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

/**
 * Reads a PNG of any colour type and depth. Rows are inflated, unfiltered and laid over the background one
 * by one, so that no more is held than the finished pixels: imagescript's codec takes 1.6 GB for the
 * worst 100 megapixels, this takes 0.4.
 *
 * @throws {Error} where the file is cut short or not as the specification has it
 */
export async function readPng(bytes: Uint8Array, background: Rgb): Promise<Raster> {
  const image = readChunks(bytes);
  const { width, height } = image;
  const opaqueGrey = image.colorType === GREY && image.transparency === null;
  const channels = opaqueGrey ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  const write = rowWriter(image, data, channels, background);
  const passes = image.interlaced ? ADAM7 : [[0, 0, 1, 1]] as const;
  const sizes = passes.map(([x, y, dx, dy]) => ({
    width: Math.max(0, Math.ceil((width - x) / dx)),
    height: Math.max(0, Math.ceil((height - y) / dy)),
  }));
  await pngRows(image, sizes, (row, pass, y) => {
    const [left, top, dx, dy] = passes[pass];
    write(row, sizes[pass].width, ((top + y * dy) * width + left) * channels, dx * channels);
  });
  return { width, height, channels, data };
}

interface PngFile extends PngImage {
  readonly colorType: number;
  readonly depth: number;
  readonly interlaced: boolean;
  /** RGB, a colour after the other. */
  readonly palette: Uint8Array;
  /** The bytes of tRNS: an alpha for each colour of the palette, or the samples of one colour. */
  readonly transparency: Uint8Array | null;
}

function readChunks(bytes: Uint8Array): PngFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint32(16), height = view.getUint32(20);
  const depth = bytes[24], colorType = bytes[25];
  if (!DEPTHS[colorType]?.includes(depth) || bytes[26] !== 0 || bytes[27] !== 0 || bytes[28] > 1) {
    throw new Error("IHDR is not valid");
  }
  let palette = new Uint8Array(0);
  let transparency: Uint8Array | null = null;
  const data: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at), type = view.getUint32(at + 4);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (type === PLTE) palette = content.slice();
    else if (type === TRNS) transparency = content;
    else if (type === IDAT) data.push(content);
    else if (type === IEND || (type === IHDR && at > 8)) break;
    at += 12 + length;
  }
  if (colorType === PALETTE && palette.length < 3) throw new Error("PLTE is missing");
  const bits = depth * SAMPLES[colorType];
  const interlaced = bytes[28] === 1;
  return { width, height, depth, colorType, bits, interlaced, palette, transparency, data };
}

/**
 * What turns an unfiltered row into finished pixels: it takes the row, how many pixels are in it, where
 * the first belongs and how far apart they belong.
 */
type RowWriter = (row: Uint8Array, pixels: number, at: number, step: number) => void;

function rowWriter(
  image: PngFile,
  data: Uint8Array,
  channels: 1 | 3,
  background: Rgb,
): RowWriter {
  const { colorType, depth, transparency } = image;
  const wide = depth === 16 ? 2 : 1;
  // Of 16 bits the upper eight are kept. Fewer than eight are spread over the whole range.
  const most = (1 << Math.min(depth, 8)) - 1;
  const sample = (row: Uint8Array, index: number): number => {
    if (depth >= 8) return row[index * wide];
    const bit = index * depth;
    return row[bit >> 3] >> (8 - depth - (bit & 7)) & most;
  };
  const put = (at: number, red: number, green: number, blue: number, alpha: number) => {
    const over = (value: number, below: number) =>
      alpha === 255 ? value : Math.round((value * alpha + below * (255 - alpha)) / 255);
    data[at] = over(red, background[0]);
    data[at + 1] = over(green, background[1]);
    data[at + 2] = over(blue, background[2]);
  };
  if (colorType === PALETTE) {
    const { palette } = image;
    return (row, pixels, at, step) => {
      for (let i = 0; i < pixels; i++, at += step) {
        const index = sample(row, i), color = index * 3;
        if (color >= palette.length) throw new Error("A colour is not in PLTE");
        const alpha = transparency?.[index] ?? 255;
        put(at, palette[color], palette[color + 1], palette[color + 2], alpha);
      }
    };
  }
  // The one transparent colour, if any, is compared with all its bits.
  const see = (row: Uint8Array, first: number, count: number): boolean => {
    if (transparency === null || transparency.length < count * 2) return true;
    for (let c = 0; c < count; c++) {
      const value = depth === 16
        ? row[(first + c) * 2] << 8 | row[(first + c) * 2 + 1]
        : sample(row, first + c);
      if (value !== (transparency[c * 2] << 8 | transparency[c * 2 + 1])) return true;
    }
    return false;
  };
  if (colorType === GREY || colorType === GREY_ALPHA) {
    const stride = SAMPLES[colorType];
    return (row, pixels, at, step) => {
      for (let i = 0; i < pixels; i++, at += step) {
        const grey = Math.round(sample(row, i * stride) * 255 / most);
        if (channels === 1) {
          data[at] = grey;
          continue;
        }
        const alpha = colorType === GREY_ALPHA
          ? sample(row, i * stride + 1)
          : see(row, i, 1)
          ? 255
          : 0;
        put(at, grey, grey, grey, alpha);
      }
    };
  }
  const stride = SAMPLES[colorType];
  return (row, pixels, at, step) => {
    for (let i = 0, from = 0; i < pixels; i++, from += stride, at += step) {
      const alpha = colorType === COLOR ? see(row, from, 3) ? 255 : 0 : row[(from + 3) * wide];
      put(at, row[from * wide], row[(from + 1) * wide], row[(from + 2) * wide], alpha);
    }
  };
}
