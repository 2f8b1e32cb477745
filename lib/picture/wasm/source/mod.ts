/**
 * What is done for every pixel, in AssemblyScript: a program that draws one picture and ends is
 * over before V8 has optimised its JavaScript, while WebAssembly is quick from its first call.
 * tools/build/wasm/compile.ts compiles it.
 */
import { addRows, areaAverages, openAreas } from "./raster.ts";
import { chooseBlocks } from "./cells/blocks.ts";
import { chooseCharacter, chooseCharacters } from "./cells/characters.ts";
import { ditherCell } from "./cells/dither.ts";
import { fitCell } from "./cells/fit.ts";
import { drawInk, inkOfCell } from "./cells/ink.ts";
import { decodeBlock, skipBlock } from "./jpeg/block.ts";
import { convert, rgb } from "./jpeg/colors.ts";
import { cropScan, decodedMcus, decodeRow, isScanPartial, openScan } from "./jpeg/scan.ts";
import { openJpeg, readSegment } from "./jpeg/segments.ts";
import { nearest, openPalette } from "./cells/palette.ts";
import { encode, throughFlatCell, throughGlyphCell } from "./text/sgr.ts";

export {
  addRows,
  areaAverages,
  chooseBlocks,
  chooseCharacter,
  chooseCharacters,
  convert,
  cropScan,
  decodeBlock,
  decodedMcus,
  decodeRow,
  ditherCell,
  drawInk,
  encode,
  fitCell,
  inkOfCell,
  isScanPartial,
  openAreas,
  openJpeg,
  openPalette,
  openScan,
  readSegment,
  skipBlock,
  throughFlatCell,
  throughGlyphCell,
};

/**
 * The address of a JPEG's averages, once all rows were decoded: three 32-bit floats for each area,
 * 0-255.
 */
export function jpegAverages(): usize {
  return rgb;
}

/** The number of the palette's colour that is nearest to a colour. */
export function nearestColor(red: f32, green: f32, blue: f32): i32 {
  return nearest(f32x4(red, green, blue, 0));
}

/** Frees all memory. What was opened before must not be used after. */
export function reset(): void {
  __reset();
}

/** Memory for what comes from outside, bytes, aligned to 16. @returns its address */
export function allocate(size: i32): usize {
  return heap.alloc(size);
}
