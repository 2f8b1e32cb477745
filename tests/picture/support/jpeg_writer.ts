/** The shape of a baseline JPEG (ITU-T T.81). */
export interface JpegShape {
  readonly width: number;
  readonly height: number;
  /**
   * For each component its sampling factors, across and down: one component is grey, three are
   * YCbCr.
   */
  readonly factors: readonly (readonly [across: number, down: number])[];
  /** MCUs between two restart markers; 0 for none. */
  readonly restartInterval: number;
}

/** The coefficients of a block, row by row, before they are multiplied by `STEP`. */
export type Block = Int32Array;

/** The blocks of a component, row by row, those that only fill up the last MCUs included. */
export interface Plane {
  readonly across: number;
  readonly down: number;
  readonly blocks: readonly Block[];
}

/** The quantization step of every coefficient. */
export const STEP = 3;

/**
 * Places of a block in the order in which they are stored (figure A.6), by sorting: diagonals,
 * alternately upwards.
 */
const ZIGZAG = Array.from({ length: 64 }, (_, place) => place).sort((a, b) => {
  const diagonal = (place: number) => (place >> 3) + (place & 7);
  const alternating = (place: number) => diagonal(place) % 2 === 0 ? place & 7 : place >> 3;
  return diagonal(a) - diagonal(b) || alternating(a) - alternating(b);
});

/** A Huffman table (C.2): how many codes there are of 1 to 16 bits, and their symbols. */
interface HuffmanTable {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** Differences of up to eleven bits. */
const DC: HuffmanTable = {
  counts: [0, 2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
  symbols: Array.from({ length: 12 }, (_, bits) => bits),
};

/** End of block, sixteen zeros, and each run of zeros with each size; codes of every length. */
const AC: HuffmanTable = {
  counts: [0, 1, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 42],
  symbols: [
    0x00,
    0xf0,
    ...Array.from({ length: 160 }, (_, i) => i % 16 << 4 | 1 + Math.floor(i / 16)),
  ],
};

/** How many blocks a component has, across and down, whole MCUs of them (A.2.4). */
export function planeSize(shape: JpegShape, component: number): { across: number; down: number } {
  const [across, down] = shape.factors[component];
  const { mcusAcross, mcusDown } = mcus(shape);
  return { across: mcusAcross * across, down: mcusDown * down };
}

function mcus({ width, height, factors }: JpegShape): { mcusAcross: number; mcusDown: number } {
  const [most, highest] = [0, 1].map((axis) => Math.max(...factors.map((factor) => factor[axis])));
  return { mcusAcross: Math.ceil(width / 8 / most), mcusDown: Math.ceil(height / 8 / highest) };
}

/**
 * A JPEG file of these coefficients. A component is in MCUs even where it is the only one, as its
 * factors are 1.
 */
export function writeJpeg(shape: JpegShape, planes: readonly Plane[]): Uint8Array<ArrayBuffer> {
  const { width, height, factors, restartInterval } = shape;
  const word = (value: number) => [value >> 8, value & 255];
  const segment = (marker: number, parameters: readonly number[]) => {
    return [0xff, marker, ...word(parameters.length + 2), ...parameters];
  };
  const table = (head: number, { counts, symbols }: HuffmanTable) => [head, ...counts, ...symbols];
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, [0, ...Array<number>(64).fill(STEP)]),
    ...segment(0xc0, [
      8,
      ...word(height),
      ...word(width),
      factors.length,
      ...factors.flatMap(([across, down], i) => [i + 1, across << 4 | down, 0]),
    ]),
    ...segment(0xc4, [...table(0x00, DC), ...table(0x10, AC)]),
    ...(restartInterval > 0 ? segment(0xdd, word(restartInterval)) : []),
    ...segment(0xda, [factors.length, ...factors.flatMap((_, i) => [i + 1, 0]), 0, 63, 0]),
    ...scan(shape, planes),
    ...[0xff, 0xd9],
  ]);
}

/** The entropy-coded bytes, restart markers between them (F.1.2). */
function scan(shape: JpegShape, planes: readonly Plane[]): number[] {
  const bits = new BitWriter();
  const { mcusAcross, mcusDown } = mcus(shape);
  let predictions = planes.map(() => 0);
  for (let mcu = 0; mcu < mcusAcross * mcusDown; mcu++) {
    if (shape.restartInterval > 0 && mcu > 0 && mcu % shape.restartInterval === 0) {
      bits.marker(0xd0 + (mcu / shape.restartInterval - 1) % 8);
      predictions = planes.map(() => 0);
    }
    planes.forEach((plane, i) => {
      const [across, down] = shape.factors[i];
      for (let y = 0; y < down; y++) {
        for (let x = 0; x < across; x++) {
          const row = Math.floor(mcu / mcusAcross) * down + y;
          const block = plane.blocks[row * plane.across + mcu % mcusAcross * across + x];
          writeBlock(bits, block, predictions[i]);
          predictions[i] = block[0];
        }
      }
    });
  }
  return bits.finish();
}

function writeBlock(bits: BitWriter, block: Block, prediction: number): void {
  bits.coded(DC, 0, block[0] - prediction);
  const last = ZIGZAG.findLastIndex((place) => block[place] !== 0);
  let zeros = 0;
  for (let k = 1; k <= last; k++) {
    const value = block[ZIGZAG[k]];
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.symbol(AC, 0xf0);
    bits.coded(AC, zeros, value);
    zeros = 0;
  }
  if (last < 63) bits.symbol(AC, 0x00);
}

class BitWriter {
  readonly #bytes: number[] = [];
  #partial = 0;
  #free = 8;

  #put(value: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) {
      this.#partial |= (value >> i & 1) << --this.#free;
      if (this.#free === 0) this.#flush();
    }
  }

  #flush(): void {
    this.#bytes.push(this.#partial);
    if (this.#partial === 0xff) this.#bytes.push(0); // stuffed (F.1.2.3)
    this.#partial = 0;
    this.#free = 8;
  }

  /** A symbol, by its code. */
  symbol({ counts, symbols }: HuffmanTable, symbol: number): void {
    let code = 0;
    let place = symbols.indexOf(symbol);
    for (let length = 1; length <= 16; length++) {
      if (place < counts[length - 1]) return this.#put(code + place, length);
      code = (code + counts[length - 1]) * 2;
      place -= counts[length - 1];
    }
    throw new Error(`No code for ${symbol}`);
  }

  /** A value behind a run of zeros: its size as a symbol, then its bits (F.1.2.1, F.1.2.2). */
  coded(table: HuffmanTable, zeros: number, value: number): void {
    const size = 32 - Math.clz32(Math.abs(value));
    this.symbol(table, zeros << 4 | size);
    this.#put(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  marker(marker: number): void {
    this.finish();
    this.#bytes.push(0xff, marker);
  }

  /** Fills the last byte with ones. */
  finish(): number[] {
    if (this.#free < 8) this.#put(0xff, this.#free);
    return this.#bytes;
  }
}
