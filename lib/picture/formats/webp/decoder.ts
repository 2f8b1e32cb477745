/**
 * Decodes a WebP with libwebp, and an animated one picture by picture.
 *
 * @module
 */
import { CodecWorker } from "../../codecs/codec_worker.ts";
import type { Raster, Rgb, Size } from "../../pixels/raster.ts";
import { fill } from "../../pixels/rectangle.ts";
import type { Frame } from "../header.ts";
import { fileOf, type WebpFrame, type WebpHeader } from "./header.ts";

/** The shortest delay between the pictures of an animation: browsers wait 100 ms if it is less. */
const MIN_DELAY_MS = 11, USUAL_DELAY_MS = 100;

/**
 * Decodes a WebP, or the first picture of an animated one.
 *
 * @throws {Error} if the codec cannot decode it
 */
export async function decode(
  bytes: Uint8Array,
  header: WebpHeader,
  _minimum: Size,
  background: Rgb,
): Promise<Raster> {
  if (header.animation.length > 0) {
    for await (const { raster } of frames(bytes, header, background)) return raster;
  }
  using worker = new CodecWorker();
  return await worker.decode("webp", bytes, background);
}

/**
 * Decodes an animated WebP picture by picture, and places each as it says. Ends before the first
 * that is not whole.
 */
export async function* frames(
  _bytes: Uint8Array,
  header: WebpHeader,
  background: Rgb,
): AsyncGenerator<Frame> {
  const { width, height } = header;
  const screen: Raster = {
    width,
    height,
    channels: 3,
    data: new Uint8Array(width * height * 3),
  };
  fill(screen, { x: 0, y: 0, width, height }, background);
  using worker = new CodecWorker();
  for (const [i, frame] of header.animation.entries()) {
    try {
      await place(worker, frame, screen, background);
    } catch (error) {
      if (i === 0) throw error;
      yield { raster: { ...screen, isPartial: true }, delayMs: USUAL_DELAY_MS };
      return;
    }
    yield {
      raster: screen,
      delayMs: frame.delayMs < MIN_DELAY_MS ? USUAL_DELAY_MS : frame.delayMs,
    };
    if (frame.isRemoved) fill(screen, frame, background);
  }
}

/** Decodes a picture onto the screen. */
async function place(
  worker: CodecWorker,
  frame: WebpFrame,
  screen: Raster,
  background: Rgb,
): Promise<void> {
  const { width, height, data } = await worker.decodeRgba("webp", fileOf(frame));
  if (width !== frame.width || height !== frame.height) {
    throw new Error("A picture is not of its size");
  }
  for (let row = 0, from = 0; row < height; row++) {
    let to = ((frame.y + row) * screen.width + frame.x) * 3;
    for (let column = 0; column < width; column++, from += 4, to += 3) {
      const alpha = data[from + 3];
      for (let c = 0; c < 3; c++) {
        const below = frame.isBlended ? screen.data[to + c] : background[c];
        screen.data[to + c] = Math.round((data[from + c] * alpha + below * (255 - alpha)) / 255);
      }
    }
  }
}
