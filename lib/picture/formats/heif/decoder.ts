/**
 * Decodes HEIF with libheif, and AVIF with libavif.
 *
 * @module
 */
import { isHdr } from "../../colors/description.ts";
import { CodecWorker } from "../../codecs/codec_worker.ts";
import type { Raster, Rgb, Size } from "../../pixels/raster.ts";
import { cut } from "../../pixels/rectangle.ts";
import { withChannelDepths } from "./channel_depths.ts";
import type { HeifHeader } from "./header.ts";

/**
 * Decodes the primary item, or the first picture of a sequence.
 *
 * @throws {Error} if the codec cannot decode it; it refuses pixels of another size than the header
 * gives
 */
export async function decode(
  bytes: Uint8Array,
  { type, width, height, crop, color }: HeifHeader,
  _minimum: Size,
  background: Rgb,
): Promise<Raster> {
  using worker = new CodecWorker();
  const file = type === "avif" ? withChannelDepths(bytes) : bytes;
  const raster = await worker.decode(type, file, background, isHdr(color));
  if (crop !== null && crop.x + width <= raster.width && crop.y + height <= raster.height) {
    return { width, height, channels: 3, data: cut(raster, crop) };
  }
  return raster;
}
