/**
 * How large a picture may be.
 *
 * @module
 */

/** The most pixels that are decoded: 100 megapixels, three bytes each. */
export const MAX_PIXELS = 100_000_000;

/**
 * The most pixels of a sequential JPEG: a gigapixel. It is never held as pixels, and a larger one
 * would take many seconds.
 */
export const MAX_SEQUENTIAL_PIXELS = 1_000_000_000;

/** The most pixels along one side: a single row has to fit into memory at any depth. */
export const MAX_SIDE = 1_000_000;

/**
 * The most memory that a codec of somebody else's may take, bytes, by what it was measured to take
 * for a pixel: that is what bounds the pixels of such a picture.
 */
export const MAX_CODEC_BYTES = 1_000_000_000;
