/**
 * Writes JPEG files with imagescript's codec. Its JavaScript offers only the decoder, so the encoder,
 * which is in the same WebAssembly, is called directly.
 *
 * @module
 */
import type { RgbaPixels } from "../pixels/raster.ts";

/** What the codec exports for encoding; addresses and lengths in bytes. */
interface Encoder {
  readonly memory: WebAssembly.Memory;
  walloc(length: number): number;
  /** Encodes RGBA and frees it; the length of the result is `wlen()`. */
  encode(rgba: number, width: number, height: number, quality: number): number;
  wlen(): number;
}

let module: Promise<WebAssembly.Module> | undefined;

async function load(): Promise<WebAssembly.Module> {
  const codec = import.meta.resolve("imagescript/jpeg");
  return new WebAssembly.Module(await Deno.readFile(new URL("../any/jpeg.wasm", codec)));
}

/**
 * Encodes opaque pixels as a JPEG of sRGB without metadata.
 *
 * @param quality 1–100
 */
export async function encodeJpeg(
  { width, height, rgba }: RgbaPixels,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  // A new instance each time: the memory of one never shrinks.
  const { exports } = new WebAssembly.Instance(await (module ??= load()));
  const encoder = exports as unknown as Encoder;
  const at = encoder.walloc(rgba.length);
  new Uint8Array(encoder.memory.buffer).set(rgba, at);
  const file = encoder.encode(at, width, height, quality);
  return new Uint8Array(encoder.memory.buffer, file, encoder.wlen()).slice();
}
