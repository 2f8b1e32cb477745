/**
 * The RIFF chunks of a WebP.
 *
 * @module
 */
import type { ColorDescription } from "../../colors/description.ts";
import { MAX_CODEC_BYTES } from "../../limits.ts";
import { type Orientation, orientationOf } from "../../pixels/orientation.ts";
import type { BaseHeader } from "../header.ts";
import { readTiffDirectory, TIFF } from "../ifd.ts";

/** What the chunks of a WebP say. */
export interface WebpHeader extends BaseHeader {
  readonly type: "webp";
  /** The pictures of an animation; none of a still picture. */
  readonly animation: readonly WebpFrame[];
}

/** A picture of an animation (ANMF). */
export interface WebpFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly delayMs: number;
  /** Whether it is laid over what is there; else it takes its place. */
  readonly isBlended: boolean;
  /** Whether it gives way to the background afterwards. */
  readonly isRemoved: boolean;
  /** Its chunks, as far as they are there. */
  readonly chunks: Uint8Array;
}

/** A chunk of a RIFF file. */
interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/**
 * Bytes that the codec holds for a pixel: RGBA twice, the planes it decodes to, and what we keep.
 */
const BYTES_PER_PIXEL = 13;

/** Tells a WebP by its first bytes. */
export function isWebp(bytes: Uint8Array): boolean {
  return textAt(bytes, 0, 4) === "RIFF" && textAt(bytes, 8, 4) === "WEBP";
}

/**
 * Reads the chunks of a WebP, as far as it is whole.
 *
 * @returns null if none of them says how large the picture is
 */
export function readWebpHeader(bytes: Uint8Array): WebpHeader | null {
  let size: { width: number; height: number } | null = null;
  let orientation: Orientation = 1;
  let color: ColorDescription | null = null;
  let plays = 1;
  const animation: WebpFrame[] = [];
  for (const { type, content } of chunksOf(bytes, 12)) {
    if (type === "VP8X" && content.length >= 10) {
      size = { width: read(content, 4, 3) + 1, height: read(content, 7, 3) + 1 };
    } else if (type === "VP8 " || type === "VP8L") {
      size ??= sizeOf(type, content);
    } else if (type === "ICCP") {
      color = { kind: "icc", profile: content, isDeflated: false };
    } else if (type === "EXIF") {
      // Some writers put the head of the JPEG segment in front.
      const exif = textAt(content, 0, 6) === "Exif\0\0" ? content.subarray(6) : content;
      const fields = readTiffDirectory(exif, [TIFF.ORIENTATION]);
      orientation = orientationOf(fields?.get(TIFF.ORIENTATION)?.[0] ?? 1);
    } else if (type === "ANIM") {
      plays = read(content, 4, 2) || Infinity;
    } else if (type === "ANMF" && content.length >= 16) {
      animation.push(readFrame(content));
    }
  }
  if (size === null) return null;
  const { width, height } = size;
  const shown = animation.filter((frame) =>
    frame.x + frame.width <= width && frame.y + frame.height <= height
  );
  return {
    type: "webp",
    width,
    height,
    orientation,
    color,
    maxPixels: Math.floor(MAX_CODEC_BYTES / BYTES_PER_PIXEL),
    frames: Math.max(1, shown.length),
    plays,
    animation: shown,
  };
}

/** The chunks from an offset on; of the last, what is there. */
function* chunksOf(bytes: Uint8Array, from: number): Generator<Chunk> {
  for (let at = from; at + 8 <= bytes.length;) {
    const length = read(bytes, at + 4, 4);
    const content = bytes.subarray(at + 8, at + 8 + length);
    yield { type: textAt(bytes, at, 4), content };
    at += 8 + length + (length & 1);
  }
}

/** Reads the size in the head of a lossy or lossless bitstream (RFC 6386, 9.1; RFC 9649, 3.4). */
function sizeOf(type: "VP8 " | "VP8L", content: Uint8Array) {
  if (content.length < 10) return null;
  if (type === "VP8 ") {
    return { width: read(content, 6, 2) & 0x3fff, height: read(content, 8, 2) & 0x3fff };
  }
  const bits = read(content, 1, 4);
  return { width: (bits & 0x3fff) + 1, height: (bits >>> 14 & 0x3fff) + 1 };
}

/** Reads an ANMF chunk (RFC 9649, 2.7.1.1). */
function readFrame(content: Uint8Array): WebpFrame {
  return {
    x: read(content, 0, 3) * 2,
    y: read(content, 3, 3) * 2,
    width: read(content, 6, 3) + 1,
    height: read(content, 9, 3) + 1,
    delayMs: read(content, 12, 3),
    isBlended: (content[15] & 2) === 0,
    isRemoved: (content[15] & 1) !== 0,
    chunks: content.subarray(16),
  };
}

/** Makes a file of the chunks of a frame. */
export function fileOf({ width, height, chunks }: WebpFrame): Uint8Array<ArrayBuffer> {
  const hasAlpha = textAt(chunks, 0, 4) === "ALPH";
  const extended = hasAlpha ? 18 : 0;
  const file = new Uint8Array(12 + extended + chunks.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode("RIFF\0\0\0\0WEBP"));
  view.setUint32(4, file.length - 8, true);
  if (hasAlpha) {
    file.set(new TextEncoder().encode("VP8X"), 12);
    view.setUint32(16, 10, true);
    file[20] = 0x10; // there is an alpha
    view.setUint32(24, width - 1, true); // three bytes each; the fourth is written over
    view.setUint16(27, height - 1, true);
    file[29] = (height - 1) >> 16;
  }
  file.set(chunks, 12 + extended);
  return file;
}

/** An unsigned number of so many bytes, the lowest first. */
function read(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
