/** Codes with a meaning of their own. */
const CLEAR = 256, END = 257;

/**
 * Undoes the LZW compression of TIFF (TIFF 6.0, section 13): codes of 9 to 12 bits, the highest bit first, the
 * width growing one code early. Gives pieces as they come out; each is only lent.
 *
 * @throws {Error} where a code stands for nothing
 */
export function* unpackLzw(data: Uint8Array): Generator<Uint8Array> {
  const prefix = new Uint16Array(4096),
    suffix = new Uint8Array(4096),
    length = new Uint16Array(4096);
  for (let i = 0; i < 256; i++) {
    suffix[i] = i;
    length[i] = 1;
  }
  const output = new Uint8Array(65_536);
  let filled = 0, next = 258, width = 9, previous = -1;
  let bits = 0, held = 0;
  for (let at = 0;;) {
    while (held < width && at < data.length) {
      bits = (bits << 8 | data[at++]) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    const code = bits >> held & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      next = 258;
      width = 9;
      previous = -1;
      continue;
    }
    if (code > next || (code === next && previous < 0) || (code >= CLEAR && code < 258)) {
      throw new Error("An LZW code stands for nothing");
    }
    if (filled + 4096 > output.length) {
      yield output.subarray(0, filled);
      filled = 0;
    }
    // A code that is about to be defined stands for the last string and that string's first byte.
    const known = code < next ? code : previous;
    const size = length[known];
    for (let i = size - 1, link = known; i >= 0; i--, link = prefix[link]) {
      output[filled + i] = suffix[link];
    }
    const first = output[filled];
    filled += size;
    if (code === next) output[filled++] = first;
    if (previous >= 0 && next < 4096) {
      prefix[next] = previous;
      suffix[next] = first;
      length[next] = length[previous] + 1;
      next++;
      if (next + 1 >= 1 << width && width < 12) width++;
    }
    previous = code;
  }
  yield output.subarray(0, filled);
}

/** Undoes PackBits (TIFF 6.0, section 9). Gives pieces as they come out. */
export function* unpackBits(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < data.length;) {
    const count = data[at++];
    if (count < 128) {
      yield data.subarray(at, at + count + 1);
      at += count + 1;
    } else if (count > 128 && at < data.length) {
      yield new Uint8Array(257 - count).fill(data[at++]);
    }
  }
}
