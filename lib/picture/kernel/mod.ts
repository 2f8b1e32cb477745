/**
 * What is done for every pixel, in AssemblyScript: a program that draws one picture and ends is over before V8 has
 * optimised its JavaScript, while WebAssembly is quick from its first call. tools/kernel.ts compiles it.
 */
export { addRows, areaAverages, openAreas } from "./raster.ts";
export { fit, fitCell } from "./fit.ts";
export { decodeBlock, decodeRow, jpegAverages, openJpeg } from "./jpeg.ts";

/** Frees all memory. What was opened before must not be used after. */
export function reset(): void {
  __reset();
}

/** Memory for what comes from outside, bytes, aligned to 16. @returns its address */
export function allocate(size: i32): usize {
  return heap.alloc(size);
}
