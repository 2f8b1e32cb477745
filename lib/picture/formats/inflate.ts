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
  let part = 0, at = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      while (part < data.length && at >= data[part].length) {
        part++;
        at = 0;
      }
      if (part === data.length) return controller.close();
      controller.enqueue(data[part].slice(at, at += piece));
    },
  }, { highWaterMark: 0 }).pipeThrough(new DecompressionStream("deflate"));
}
