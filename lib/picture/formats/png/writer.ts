/**
 * Writes PNG files.
 *
 * @module
 */
import { concat } from "../concat.ts";
import type { RgbaPixels, RgbPixels } from "../../pixels/raster.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Writes pixels as a PNG file (PNG, third edition): truecolour, with alpha if they have it, each
 * row filtered by its left neighbour.
 */
export async function encodePng(
  pixels: RgbPixels | RgbaPixels,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = pixels;
  const [samples, channels] = "rgba" in pixels ? [pixels.rgba, 4] : [pixels.rgb, 3];
  // Loaded when it is needed: the runtime takes tens of milliseconds for it.
  const { crc32 } = await import("node:zlib");
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits a sample
  header[9] = channels === 4 ? 6 : 2; // truecolour, with alpha or without
  const stride = width * channels;
  const rows = new Uint8Array((stride + 1) * height);
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    rows[to++] = 1; // filter type Sub
    for (let i = 0; i < stride; i++, from++) {
      rows[to++] = samples[from] - (i < channels ? 0 : samples[from - channels]);
    }
  }
  const data = await new Response(
    new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate")),
  ).bytes();
  return concat([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header, crc32),
    chunk("IDAT", data, crc32),
    chunk("IEND", new Uint8Array(0), crc32),
  ]);
}

/** The cyclic redundancy code of PNG, annex D. */
type Checksum = (bytes: Uint8Array) => number;

function chunk(type: string, data: Uint8Array, crc32: Checksum): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}
