/**
 * How large a picture may be.
 *
 * @module
 */

/** The most pixels that are decoded: 100 megapixels. */
export const MAX_PIXELS = 100_000_000;

/** The most pixels along one side: a single row has to fit into memory at any depth. */
export const MAX_SIDE = 1_000_000;

/**
 * The most pixels of a GIF's screen or of a frame: the codec holds a frame twice, with four bytes a pixel,
 * and the screen comes on top. 100 megapixels would take more than a gigabyte.
 */
export const MAX_GIF_PIXELS = 50_000_000;
