/**
 * The LZW compression of GIF (GIF89a, appendix F) and TIFF (TIFF 6.0, section 13).
 *
 * @module
 */

/** How codes are stored. */
export interface LzwCodes {
  /**
   * Bits of a literal, 1 to 11, of which the lowest 8 count. The next two codes are "clear" and
   * "end".
   */
  readonly literalBits: number;
  /** Whether the lowest bit of a byte comes first. */
  readonly isLsbFirst: boolean;
  /** Whether codes grow by a bit one code before they need it, as those of TIFF do. */
  readonly growsEarly: boolean;
}

/** The longest codes, bits. */
const MAX_WIDTH = 12;

/** Bytes that are handed over at a time, about. */
const OUTPUT_BYTES = 65_536;

/** What the first codes stand for. Of more than 8 bits, some GIFs have literals all the same. */
const LITERALS = Uint8Array.from({ length: 1 << MAX_WIDTH - 1 }, (_, i) => i);

/**
 * Undoes LZW compression. Codes need not begin with "clear".
 *
 * @returns the bytes in pieces, each only lent
 * @throws {Error} if a code is not defined, after all that was before it
 */
export function* unpackLzw(
  data: Uint8Array,
  { literalBits, isLsbFirst, growsEarly }: LzwCodes,
): Generator<Uint8Array> {
  if (literalBits < 1 || literalBits >= MAX_WIDTH) {
    throw new Error("The LZW codes have no valid width");
  }
  const size = 1 << MAX_WIDTH;
  const prefix = new Uint16Array(size), suffix = new Uint8Array(size);
  const length = new Uint16Array(size);
  const clear = 1 << literalBits, end = clear + 1, early = growsEarly ? 1 : 0;
  suffix.set(LITERALS);
  length.fill(1, 0, clear);
  const output = new Uint8Array(OUTPUT_BYTES);
  let filled = 0, next = clear + 2, width = literalBits + 1, previous = -1;
  let bits = 0, held = 0;
  for (let at = 0;;) {
    while (held < width && at < data.length) {
      if (isLsbFirst) bits |= data[at++] << held;
      else bits = (bits << 8 | data[at++]) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    let code: number;
    if (isLsbFirst) {
      code = bits & ((1 << width) - 1);
      bits >>= width;
    } else {
      code = bits >> held & ((1 << width) - 1);
    }
    if (code === end) break;
    if (code === clear) {
      next = clear + 2;
      width = literalBits + 1;
      previous = -1;
      continue;
    }
    if (code > next || (code === next && previous < 0)) {
      yield output.subarray(0, filled);
      throw new Error("An LZW code is not defined");
    }
    if (filled + size > output.length) {
      yield output.subarray(0, filled);
      filled = 0;
    }
    // A code that is about to be defined stands for the last string and that string's first byte.
    const known = code < next ? code : previous;
    const count = length[known];
    for (let i = count - 1, link = known; i >= 0; i--, link = prefix[link]) {
      output[filled + i] = suffix[link];
    }
    const first = output[filled];
    filled += count;
    if (code === next) output[filled++] = first;
    if (previous >= 0) {
      // Behind the longest codes there are none: what is defined there, the arrays ignore.
      prefix[next] = previous;
      suffix[next] = first;
      length[next] = length[previous] + 1;
      next++;
      if (next + early >= 1 << width && width < MAX_WIDTH) width++;
    }
    previous = code;
  }
  yield output.subarray(0, filled);
}
