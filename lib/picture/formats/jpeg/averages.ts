/**
 * The averages of a JPEG, straight from its coefficients.
 *
 * @module
 */
import type { Grid } from "../../pixels/grid.ts";
import type { Rectangle } from "../../pixels/rectangle.ts";
import { floatsAt, freshWasm, place } from "../../wasm/wasm.ts";
import type { Sampling } from "../header.ts";
import { isCutInFirstScan, type JpegHeader, jpegSegments, SOS } from "./header.ts";

/** A marker to end on, EOI, and bytes that may be read beyond it. */
const END = [0xff, 0xd9, 0, 0, 0, 0];

/**
 * Averages a JPEG, or a part of it, over a grid of equal areas, without computing a pixel. What is
 * missing of a file that is cut short or damaged has the colour of the background. Of a progressive
 * JPEG that ends in its first scan, this is all that can be drawn: the scan has the means of blocks.
 *
 * @returns null if the file is of another kind than the usual (baseline, 8 bits, grey or YCbCr) and
 * not cut short in its first scan, or nothing of it can be decoded
 */
export function averageJpeg(
  bytes: Uint8Array,
  header: JpegHeader,
  { areas, minimum, background, part = whole(header) }: Sampling,
): Grid | null {
  // Others are not copied for nothing.
  if (header.isNamedRgb || header.undrawnKind !== null) return null;
  if (!header.isSequential && !isCutInFirstScan(bytes)) return null;
  const wasm = freshWasm();
  const file = place(wasm, bytes, END.length);
  const memory = new Uint8Array(wasm.memory.buffer);
  memory.set(END, file + bytes.length);
  if (header.missingHeightAt > 0) {
    memory.set([header.height >> 8, header.height & 255], file + header.missingHeightAt);
  }
  wasm.openJpeg();
  for (const { marker, start, end } of jpegSegments(bytes)) {
    if (!wasm.readSegment(marker, file + start, file + end)) return null;
    if (marker !== SOS) continue;
    const { width, height } = areas;
    // The values that all of the picture comes to, so that its part comes to the minimum.
    const minColumns = Math.ceil(minimum.width * header.width / part.width);
    const minRows = Math.ceil(minimum.height * header.height / part.height);
    wasm.cropScan(part.x, part.y, part.width, part.height);
    wasm.openScan(file + end, width, height, minColumns, minRows, ...background);
    while (wasm.decodeRow() > 0);
    if (wasm.decodedMcus() === 0) return null;
    const data = floatsAt(wasm, wasm.jpegAverages(), width * height * 3);
    return { width, height, data, ...(wasm.isScanPartial() ? { isPartial: true } : {}) };
  }
  return null;
}

function whole({ width, height }: JpegHeader): Rectangle {
  return { x: 0, y: 0, width, height };
}
