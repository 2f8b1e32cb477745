/**
 * What is known of a picture before it is decoded.
 *
 * @module
 */
import type { Orientation } from "../pixels/orientation.ts";

/** The types of picture that are drawn. */
export type PictureType = "jpeg" | "png" | "gif" | "tiff";

/** The same with what only this room needs to know. */
export interface PictureHeader {
  readonly type: PictureType;
  /** Pixels across as stored. */
  readonly width: number;
  /** Pixels down as stored. */
  readonly height: number;
  readonly orientation: Orientation;
  /** The least number of bytes that a picture of this size takes, or 0 where nothing can be said. */
  readonly minBytes: number;
  /** Pixels of the largest frame of a GIF, which may be larger than the screen; else 0. */
  readonly largestFrame: number;
}
