import type { Size } from "../../pixels/raster.ts";
import type { Grid } from "../../pixels/grid.ts";
import { jpegSegments, readJpegHeader, SOS } from "./header.ts";
import { floatsAt, freshWasm, place } from "../../wasm/wasm.ts";

/** A marker to end on: EOI. */
const END = [0xff, 0xd9];

/**
 * Averages a JPEG over a grid of equal areas, straight from its coefficients, with no pixel in between.
 *
 * @param areas areas across and down
 * @param minimum values that the picture is reduced to at least before it is averaged, where it has as many
 * @returns null where the file is damaged or of another kind than the usual: baseline, 8 bits, grey or YCbCr
 */
export function averageJpeg(bytes: Uint8Array, areas: Size, minimum: Size): Grid | null {
  // Others are not copied for nothing.
  const header = readJpegHeader(bytes);
  if (!header?.sequential || header.namedRgb) return null;
  const wasm = freshWasm();
  const file = place(wasm, bytes, END.length);
  new Uint8Array(wasm.memory.buffer).set(END, file + bytes.length);
  wasm.openJpeg();
  for (const { marker, start, end } of jpegSegments(bytes)) {
    if (!wasm.readSegment(marker, file + start, file + end)) return null;
    if (marker !== SOS) continue;
    const { width, height } = areas;
    wasm.openScan(file + end, width, height, minimum.width, minimum.height);
    let rowsLeft;
    do rowsLeft = wasm.decodeRow(); while (rowsLeft > 0);
    if (rowsLeft < 0) return null;
    const data = floatsAt(wasm, wasm.jpegAverages(), width * height * 3);
    return { width, height, data };
  }
  return null;
}
