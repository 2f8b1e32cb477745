/**
 * What is done for every pixel, in AssemblyScript: a program that draws one picture and ends is over before V8 has
 * optimised its JavaScript, while WebAssembly is quick from its first call. tools/kernel.ts compiles it.
 */
// Not `export … from`: the compiler would take the file for another one than that which its neighbours import.
import { addRows, areaAverages, openAreas } from "./raster.ts";
import { fit, fitCell } from "./fit.ts";
import { jpegAverages } from "./jpeg_colors.ts";
import { decodeBlock, decodeRow, openScan } from "./jpeg_scan.ts";
import { openJpeg, readSegment } from "./jpeg_segments.ts";

export {
  addRows,
  areaAverages,
  decodeBlock,
  decodeRow,
  fit,
  fitCell,
  jpegAverages,
  openAreas,
  openJpeg,
  openScan,
  readSegment,
};

/** Frees all memory. What was opened before must not be used after. */
export function reset(): void {
  __reset();
}

/** Memory for what comes from outside, bytes, aligned to 16. @returns its address */
export function allocate(size: i32): usize {
  return heap.alloc(size);
}
