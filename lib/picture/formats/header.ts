/**
 * What a format is, and what is known of a picture before it is decoded.
 *
 * @module
 */
import type { ColorDescription } from "../colors/description.ts";
import type { Grid } from "../pixels/grid.ts";
import type { Orientation } from "../pixels/orientation.ts";
import type { Raster, Rgb, Size } from "../pixels/raster.ts";
import type { Rectangle } from "../pixels/rectangle.ts";

/**
 * What the header of a picture says in every format; each format's own adds what it read besides.
 */
export interface BaseHeader extends Size {
  /** The format, by the name of its folder. */
  readonly type: string;
  /** Pixels across, as stored. */
  readonly width: number;
  /** Pixels down, as stored. */
  readonly height: number;
  /** Which way up the stored pixels are. */
  readonly orientation: Orientation;
  /** The most pixels that are decoded of this kind of picture; `MAX_PIXELS` by default. */
  readonly maxPixels?: number;
  /** What its colours mean; sRGB by default. */
  readonly color?: ColorDescription | null;
  /** How many pictures an animation has; 1 by default. */
  readonly frames?: number;
  /** How often an animation is played, Infinity for ever; once by default. */
  readonly plays?: number;
}

/** What is averaged of a picture, and how finely. */
export interface Sampling {
  /** Areas across and down, in the file's own orientation. */
  readonly areas: Size;
  /** Pixels of the part to look at, across and down, if it has as many. */
  readonly minimum: Size;
  /** Shows through transparent pixels, and where a part is missing. */
  readonly background: Rgb;
  /** The part that is averaged, in pixels of the picture as stored; all of it by default. */
  readonly part?: Rectangle;
}

/** What decodes a format. */
export interface Decoder<Header extends BaseHeader> {
  /**
   * Decodes a still picture, or the first of a moving one. A picture that is cut short or damaged
   * is decoded as far as possible.
   *
   * @param minimum the pixels that are needed; fewer than the picture has may be decoded
   * @param background shows through transparent pixels, and where a part is missing
   * @throws {PictureError} if the picture is of a kind that is not drawn, or too large
   * @throws {Error} if nothing can be decoded
   */
  decode(
    bytes: Uint8Array,
    header: Header,
    minimum: Size,
    background: Rgb,
  ): Promise<Raster>;
  /**
   * Averages the picture over a grid of equal areas without decoding it to pixels first; null if
   * that is not possible.
   */
  average?(bytes: Uint8Array, header: Header, sampling: Sampling): Grid | null;
  /** Decodes an animation once, picture after picture. Ends early if the file does. */
  frames?(
    bytes: Uint8Array,
    header: Header,
    background: Rgb,
  ): Iterable<Frame> | AsyncIterable<Frame>;
}

/** An animation at one moment. */
export interface Frame {
  /** The whole screen. The next frame may be painted over it: use it before asking for that. */
  readonly raster: Raster;
  /** Milliseconds until the next frame. */
  readonly delayMs: number;
}
