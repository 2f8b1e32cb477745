import type { Size } from "./raster.ts";
import type { Grid } from "./grid.ts";
import { jpegSegments, readJpegHeader, SOS } from "./jpeg_header.ts";
import { floatsAt, freshKernel, place } from "./kernel.ts";

/** A marker to end on: EOI. */
const END = [0xff, 0xd9];

/**
 * Averages a JPEG over a grid of equal areas, straight from its coefficients, with no pixel in between.
 *
 * @param areas areas across and down
 * @param least values that the picture is reduced to at least before it is averaged, where it has as many
 * @returns null where the file is damaged or of another kind than the usual: baseline, 8 bits, grey or YCbCr
 */
export function averageJpeg(bytes: Uint8Array, areas: Size, least: Size): Grid | null {
  // Others are not copied for nothing.
  const header = readJpegHeader(bytes);
  if (!header?.sequential || header.namedRgb) return null;
  const kernel = freshKernel();
  const file = place(kernel, bytes, END.length);
  new Uint8Array(kernel.memory.buffer).set(END, file + bytes.length);
  kernel.openJpeg();
  for (const { marker, start, end } of jpegSegments(bytes)) {
    if (!kernel.readSegment(marker, file + start, file + end)) return null;
    if (marker !== SOS) continue;
    const { width, height } = areas;
    kernel.openScan(file + end, width, height, least.width, least.height);
    let rowsLeft;
    do rowsLeft = kernel.decodeRow(); while (rowsLeft > 0);
    if (rowsLeft < 0) return null;
    const data = floatsAt(kernel, kernel.jpegAverages(), width * height * 3);
    return { width, height, data };
  }
  return null;
}
