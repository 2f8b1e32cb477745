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
}

/** A colour: red, green, blue, each 0–255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Lays RGBA pixels over a background and drops the alpha channel. Works in place: the RGB pixels
 * are packed into the front of the same memory, so that a large picture is never held twice.
 */
export function flatten(rgba: Uint8Array, [red, green, blue]: Rgb): Uint8Array {
  let to = 0;
  for (let from = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3];
    if (alpha === 255) {
      rgba[to++] = rgba[from];
      rgba[to++] = rgba[from + 1];
      rgba[to++] = rgba[from + 2];
    } else {
      const rest = 255 - alpha;
      rgba[to++] = (rgba[from] * alpha + red * rest + 127) / 255;
      rgba[to++] = (rgba[from + 1] * alpha + green * rest + 127) / 255;
      rgba[to++] = (rgba[from + 2] * alpha + blue * rest + 127) / 255;
    }
  }
  return rgba.subarray(0, to);
}

/** Finished pixels, RGB, 8 bits a component. */
export interface RgbPixels {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` bytes. */
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** Pixels with the size, in cells, of the box they are shown in. */
export interface BoxedPixels extends RgbPixels {
  readonly columns: number;
  readonly rows: number;
}
