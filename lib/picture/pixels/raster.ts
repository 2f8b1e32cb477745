/**
 * Pixels, and how many there are.
 *
 * @module
 */

/** Pixels across and down. */
export interface Size {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
}

/** Decoded pixels, row by row from the top left. */
export interface Raster {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Bytes a pixel: 1 for grey, 3 for RGB. */
  readonly channels: 1 | 3;
  /** `width * height * channels` bytes. */
  readonly data: Uint8Array;
  /** Whether a part of the picture is missing, because the file is cut short or damaged. */
  readonly isPartial?: boolean;
}

/** A colour: red, green, blue, each 0–255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Finished pixels, RGB, 8 bits a component. */
export interface RgbPixels {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` bytes. */
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** Finished pixels, RGB and alpha (255 is opaque), 8 bits a component. */
export interface RgbaPixels {
  readonly width: number;
  readonly height: number;
  /** `width * height * 4` bytes. */
  readonly rgba: Uint8Array<ArrayBuffer>;
}

/** Pixels with the size, in cells, of the box they are shown in. */
export interface BoxedPixels extends RgbPixels {
  readonly columns: number;
  readonly rows: number;
}
