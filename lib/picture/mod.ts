/**
 * Pictures in a terminal: image files to text with coloured block characters, or to the pixels of
 * terminals that can draw them. Knows no network and no file.
 *
 * @module
 */
export { PictureError, type PictureProblem } from "./error.ts";
export type { PictureType } from "./header.ts";
export { identify, type PictureInfo, typeOf } from "./identify.ts";
export { MAX_GIF_PIXELS, MAX_PIXELS } from "./limits.ts";
export type { Canvas } from "./canvas.ts";
export type { Rgb } from "./raster.ts";
export type { Colors } from "./palette.ts";
export type { Symbols } from "./symbols.ts";
export { animate, type AnimationFrame, draw, isAnimated } from "./draw.ts";
export { capabilities, type Environment } from "./capabilities.ts";
export {
  GRAPHICS_QUERY,
  type GraphicsProtocol,
  type GraphicsReply,
  isGraphicsReplyComplete,
  parseGraphicsReply,
} from "./graphics.ts";
export { drawPixels, type PixelCanvas } from "./pixels.ts";
