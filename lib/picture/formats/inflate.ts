/**
 * Compressed bytes that are inflated at a time. Deflate makes at most 1032 bytes of one, so whatever the data
 * say, no more than 17 MB wait to be looked at.
 */
const PIECE = 16_384;

/**
 * Inflates data in the zlib format (RFC 1950), as much at a time as somebody reads.
 *
 * @param data the compressed bytes, in one part or several
 */
export function inflate(data: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let part = 0, at = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      while (part < data.length && at >= data[part].length) {
        part++;
        at = 0;
      }
      if (part === data.length) return controller.close();
      controller.enqueue(data[part].slice(at, at += PIECE));
    },
  }, { highWaterMark: 0 }).pipeThrough(new DecompressionStream("deflate"));
}
