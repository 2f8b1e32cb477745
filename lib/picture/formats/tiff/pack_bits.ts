/**
 * The PackBits compression of TIFF (TIFF 6.0, section 9).
 *
 * @module
 */

/** Undoes PackBits. @returns the bytes in pieces */
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
