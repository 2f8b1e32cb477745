/**
 * Pictures in a terminal: image files to text with coloured block characters, or to the pixels of
 * terminals that can draw them. Knows no network and no file.
 *
 * @module
 */
export { PictureError, type PictureProblem } from "./error.ts";
export { identify, type PictureInfo, type PictureType, typeOf } from "./formats/identify.ts";
export { MAX_PIXELS, MAX_SEQUENTIAL_PIXELS } from "./limits.ts";
export { type Canvas, fitInto, type PictureRemark } from "./canvas.ts";
export type { Rgb, Size } from "./pixels/raster.ts";
export type { Colors } from "./cells/palette.ts";
export type { SymbolSet } from "./cells/symbols.ts";
export {
  MAX_SCALING_BYTES,
  MAX_SCALING_MS,
  planScaling,
  type ScalingPlan,
} from "./scaling/plan.ts";
export { type ScaledPicture, scalePicture, SCALER_VERSION } from "./scaling/scale.ts";
export { CloseUp, KEPT_PIXEL_BYTES } from "./close_up.ts";
export type { Rectangle } from "./pixels/rectangle.ts";
export { animate, type AnimationFrame, draw, isAnimated } from "./draw.ts";
export { capabilities, type Environment } from "./terminal/capabilities.ts";
export {
  GRAPHICS_QUERY,
  type GraphicsProtocol,
  type GraphicsReply,
  isGraphicsReplyComplete,
  parseGraphicsReply,
} from "./terminal/graphics_query.ts";
export { drawPixels, MAX_DRAWN_PIXELS, type PixelCanvas } from "./draw_pixels.ts";
export { deleteKitty, hideKitty, placeKitty } from "./terminal/inline_image.ts";
