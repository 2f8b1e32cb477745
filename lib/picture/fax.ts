import { type CodeTable, HORIZONTAL, LONGEST, MODES, PASS, RUNS, VERTICAL } from "./fax_codes.ts";

/**
 * How rows are coded (TIFF 6.0, sections 10 and 11): by their runs, each beginning at a byte; as fax machines of
 * group 3 do, each by its runs or, `mixed`, by what differs from the row above; as those of group 4 do, all so.
 */
export type FaxCoding = "runs" | "group3" | "group3-mixed" | "group4";

/**
 * Undoes the codes of fax machines (ITU-T T.4 and T.6). Gives rows of a bit a pixel, black ones set; each is only
 * lent.
 *
 * @throws {Error} where a code means nothing, or the row would be longer than the width
 */
export function* unpackFax(
  data: Uint8Array,
  width: number,
  coding: FaxCoding,
): Generator<Uint8Array> {
  const bits = new BitReader(data);
  // Where the colour changes, to black first; behind the last change, the width.
  let above = new Uint32Array(width + 6).fill(width), row = new Uint32Array(width + 6);
  const octets = new Uint8Array(Math.ceil(width / 8));
  for (;;) {
    if (coding === "runs") bits.align();
    if (bits.ended) return;
    let differs = coding === "group4";
    if (coding === "group3" || coding === "group3-mixed") {
      let markers = 0;
      for (; bits.skipMarker(); markers++) {
        if (coding === "group3-mixed") differs = bits.take() === 0;
      }
      if (markers > 1) return; // several in a row end the page
    }
    const changes = differs ? readDifferences(bits, width, above, row) : readRuns(bits, width, row);
    row.fill(width, changes, changes + 4);
    paint(octets, row, width);
    yield octets;
    [above, row] = [row, above];
  }
}

/** Reads a row of runs (T.4, 4.1). @returns how many changes were stored */
function readRuns(bits: BitReader, width: number, row: Uint32Array): number {
  let changes = 0;
  for (let at = 0; at < width;) {
    at += readRun(bits, changes & 1);
    store(row, changes++, at, width);
  }
  return changes;
}

/** Reads a row as it differs from the one above (T.4, 4.2). @returns how many changes were stored */
function readDifferences(
  bits: BitReader,
  width: number,
  above: Uint32Array,
  row: Uint32Array,
): number {
  let changes = 0;
  // In front of the first pixel, at first, so that a change there is one to the right of it.
  for (let at = -1, next = 0; at < width;) {
    // The first change above that lies to the right and is to the other colour.
    while (next > 0 && above[next - 1] > at) next--;
    while (above[next] < width && (above[next] <= at || (next & 1) !== (changes & 1))) next++;
    const mode = bits.read(MODES);
    if (mode === PASS) {
      at = above[next + 1];
    } else if (mode === HORIZONTAL) {
      at = Math.max(at, 0) + readRun(bits, changes & 1);
      store(row, changes++, at, width);
      at += readRun(bits, changes & 1);
      store(row, changes++, at, width);
    } else {
      const change = above[next] + mode - VERTICAL;
      if (change < at) throw new Error("A change lies before the last one");
      at = change;
      store(row, changes++, at, width);
    }
  }
  return changes;
}

function readRun(bits: BitReader, color: number): number {
  let run = 0, part;
  do run += part = bits.read(RUNS[color]); while (part >= 64);
  return run;
}

function store(row: Uint32Array, index: number, at: number, width: number): void {
  if (at < 0 || at > width || index > width + 1) throw new Error("A row is too long");
  row[index] = at;
}

/** Sets the bits of the black runs. */
function paint(octets: Uint8Array, row: Uint32Array, width: number): void {
  octets.fill(0);
  for (let i = 0; row[i] < width; i += 2) {
    for (let at = row[i]; at < row[i + 1]; at++) octets[at >> 3] |= 0x80 >> (at & 7);
  }
}

/** Reads bits, the highest first. */
class BitReader {
  #at = 0;
  readonly #end: number;

  constructor(private readonly data: Uint8Array) {
    this.#end = data.length * 8;
  }

  get ended(): boolean {
    return this.#at >= this.#end;
  }

  align(): void {
    this.#at = Math.ceil(this.#at / 8) * 8;
  }

  take(): number {
    return this.#next(1, this.#at++);
  }

  /** What the next code word means. */
  read({ meanings, lengths }: CodeTable): number {
    const next = this.#next(LONGEST, this.#at);
    this.#at += lengths[next];
    if (meanings[next] < 0 || this.#at > this.#end) throw new Error("A code means nothing");
    return meanings[next];
  }

  /** Passes over an end-of-line code, eleven zeros or more and a one, if there is one. */
  skipMarker(): boolean {
    if (this.#next(11, this.#at) !== 0) return false;
    while (!this.ended && this.#next(1, this.#at) === 0) this.#at++;
    this.#at++;
    return !this.ended;
  }

  /** Bits from a place on, zeros behind the end. */
  #next(count: number, at: number): number {
    const byte = at >> 3, { data } = this;
    const three = (data[byte] << 16 | data[byte + 1] << 8 | data[byte + 2]) & 0xffffff;
    return three >> (24 - (at & 7) - count) & (1 << count) - 1;
  }
}
