/**
 * Inflating, piece by piece.
 *
 * @module
 */

/**
 * Compressed bytes that are inflated at a time. Deflate makes at most 1032 bytes of one, so
 * whatever the data say, no more than 17 MB wait to be looked at.
 */
export const PIECE = 16_384;

/**
 * The same for data that are damaged, and lost as far as they are in the same piece as the damage.
 */
export const SMALL_PIECE = 128;

/**
 * Inflates data in the zlib format (RFC 1950), as much at a time as somebody reads.
 *
 * @param data the compressed bytes, in one part or several
 * @param piece how many of them are inflated at a time
 */
export function inflate(
  data: readonly Uint8Array[],
  piece: number = PIECE,
): ReadableStream<Uint8Array> {
  return ReadableStream.from(piecesOf(data, piece)).pipeThrough(new DecompressionStream("deflate"));
}

function* piecesOf(
  data: readonly Uint8Array[],
  length: number,
): Generator<Uint8Array<ArrayBuffer>> {
  for (const part of data) {
    for (let at = 0; at < part.length; at += length) yield part.slice(at, at + length);
  }
}
