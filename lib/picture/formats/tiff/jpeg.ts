/**
 * Strips and tiles of a TIFF that are JPEGs.
 *
 * @module
 */
import { withAdobeSegment } from "../jpeg/decoder.ts";
import { PictureError } from "../../error.ts";
import { readJpegHeader } from "../jpeg/header.ts";
import type { TiffLayout } from "./layout.ts";

/**
 * The most pixels of a strip or tile: the codec holds them twice, beside those that are finished.
 */
const MAX_PART_PIXELS = 50_000_000;

/**
 * Decodes a strip or tile that is a JPEG (TIFF Technical Note 2). Its tables may stand in a field
 * of the directory.
 *
 * @param size what the directory says of it; the JPEG may have fewer rows
 * @returns the samples, row by row
 * @throws {PictureError} if it is too large, or of a kind that is not drawn
 * @throws {Error} if it is damaged
 */
export async function unpackJpeg(
  data: Uint8Array,
  size: { readonly width: number; readonly height: number },
  { samples, planes, tables, storesRgb }: TiffLayout,
): Promise<Uint8Array> {
  // Both begin with SOI, and the tables end with EOI.
  const head = tables.length > 0 ? tables.subarray(0, -2) : data.subarray(0, 2);
  const rest = data.subarray(2);
  const joined = new Uint8Array(head.length + rest.length);
  joined.set(head);
  joined.set(rest, head.length);
  const header = readJpegHeader(joined);
  if (header === null || header.width !== size.width || header.height > size.height) {
    throw new Error("A strip or tile is not of its size");
  }
  const { width, height, components, undrawnKind } = header;
  if (components !== (planes ? 1 : samples)) throw new Error("Samples are missing");
  if (undrawnKind !== null) throw PictureError.undrawn(`TIFF with a ${undrawnKind}`);
  if (width * height > MAX_PART_PIXELS) {
    throw new PictureError("too-large", "A part of the picture is too large.");
  }
  // A block of 8 x 8 pixels takes a bit at least.
  if (joined.length < width * height / 1024) throw new Error("A strip or tile ends early");
  const { default: codec } = await import("imagescript/jpeg");
  // Without Adobe's segment the codec takes three components for YCbCr and refuses four.
  const isMarked = components === 4 ? !header.hasAdobeSegment : storesRgb;
  const { buffer } = (await codec.init()).decode(
    isMarked ? withAdobeSegment(joined) : joined,
    width,
    height,
  );
  // It inverts CMYK.
  if (components === 4) { for (let i = 0; i < buffer.length; i++) buffer[i] = 255 - buffer[i]; }
  return buffer;
}
