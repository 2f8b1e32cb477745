/**
 * The chunks of a PNG (PNG, third edition).
 *
 * @module
 */
import type { ColorDescription, Primaries } from "../../colors/description.ts";
import { type Orientation, orientationOf } from "../../pixels/orientation.ts";
import type { BaseHeader } from "../header.ts";
import { readTiffDirectory, TIFF } from "../ifd.ts";

/** Colour types (11.2.1). */
export const GREY = 0, COLOR = 2, PALETTE = 3, GREY_ALPHA = 4;

/** How many samples a pixel has in each colour type. */
export const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The depths that each colour type may have. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** What the chunks of a PNG say. */
export interface PngHeader extends BaseHeader {
  readonly type: "png";
  readonly colorType: number;
  /** Bits a sample. */
  readonly depth: number;
  readonly isInterlaced: boolean;
  /** The colours of PLTE, RGB. */
  readonly palette: Uint8Array;
  /** The bytes of tRNS: an alpha for each colour of the palette, or the samples of one colour. */
  readonly transparency: Uint8Array | null;
  /** The contents of the IDAT chunks. */
  readonly data: readonly Uint8Array[];
  /** The pictures of an animation, in the order that they are shown. */
  readonly animation: readonly PngFrame[];
}

/** A picture of an animation (11.3.6.2). */
export interface PngFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly delayMs: number;
  /** What becomes of it: 0 stays, 1 gives way to the background, 2 to what was before. */
  readonly disposal: number;
  /** Whether it is laid over what is there; else it takes its place, with its transparency. */
  readonly isBlended: boolean;
  /** Its compressed data, in parts. */
  readonly data: Uint8Array[];
}

/** Tells a PNG by its signature (5.2). */
export function isPng(bytes: Uint8Array): boolean {
  return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, i) => bytes[i] === byte);
}

/**
 * Reads the chunks of a PNG, as far as it is whole.
 *
 * @returns null if it does not begin with a valid IHDR
 */
export function readPngHeader(bytes: Uint8Array): PngHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // IHDR comes first (5.6).
  if (bytes.length < 29 || view.getUint32(12) !== 0x49484452) return null;
  const depth = bytes[24], colorType = bytes[25];
  if (!DEPTHS[colorType]?.includes(depth) || bytes[26] !== 0 || bytes[27] !== 0) return null;
  const width = view.getUint32(16), height = view.getUint32(20);
  let palette: Uint8Array = new Uint8Array(0);
  let transparency: Uint8Array | null = null;
  let orientation: Orientation = 1;
  let plays: number | null = null;
  const colors = new Map<string, Uint8Array>();
  const data: Uint8Array[] = [];
  const animation: PngFrame[] = [];
  for (const { type, content } of chunksOf(bytes, view)) {
    if (type === "PLTE") palette = content;
    else if (type === "tRNS") transparency = content;
    else if (type === "IDAT") {
      data.push(content);
      animation.at(-1)?.data.push(content);
    } else if (/^(cICP|iCCP|sRGB|gAMA|cHRM)$/.test(type)) {
      colors.set(type, content);
    } else if (type === "eXIf") {
      const fields = readTiffDirectory(content, [TIFF.ORIENTATION]);
      orientation = orientationOf(fields?.get(TIFF.ORIENTATION)?.[0] ?? 1);
    } else if (type === "acTL") {
      plays = readUint32(content, 4);
    } else if (type === "fcTL" && plays !== null) {
      animation.push(readFrame(content));
    } else if (type === "fdAT") {
      animation.at(-1)?.data.push(content.subarray(4));
    }
  }
  const shown = animation.filter(({ data, x, y, width: across, height: down }) =>
    data.length > 0 && across > 0 && down > 0 && x + across <= width && y + down <= height
  );
  return {
    type: "png",
    width,
    height,
    orientation,
    frames: Math.max(1, shown.length),
    plays: plays === 0 ? Infinity : plays ?? 1,
    color: colorOf(colors),
    colorType,
    depth,
    isInterlaced: bytes[28] === 1,
    palette,
    transparency,
    data,
    animation: shown,
  };
}

/**
 * What the chunks say about colours, of which the first of these counts (4.3): cICP, iCCP, sRGB,
 * gAMA.
 */
function colorOf(chunks: ReadonlyMap<string, Uint8Array>): ColorDescription | null {
  const cicp = chunks.get("cICP");
  if (cicp !== undefined) {
    return { kind: "cicp", primaries: cicp[0], transfer: cicp[1] };
  }
  const icc = chunks.get("iCCP");
  // A name, a zero, and the method of compression, which is always 0.
  if (icc !== undefined && icc.includes(0)) {
    return { kind: "icc", profile: icc.subarray(icc.indexOf(0) + 2), isDeflated: true };
  }
  const gamma = chunks.get("gAMA");
  if (chunks.has("sRGB") || gamma === undefined) return null;
  const stored = readUint32(gamma, 0) / 100_000;
  const chromaticities = chunks.get("cHRM");
  // 1/2.2 is what writers say when they mean sRGB.
  if (stored < 0.01 || chromaticities === undefined && Math.abs(stored - 1 / 2.2) < 0.005) {
    return null;
  }
  return { kind: "gamma", gamma: 1 / stored, primaries: primariesOf(chromaticities) };
}

function primariesOf(chunk: Uint8Array | undefined): Primaries | null {
  if (chunk === undefined) return null;
  const at = (i: number) => readUint32(chunk, i * 4) / 100_000;
  const pair = (i: number) => [at(i), at(i + 1)] as const;
  const primaries = [pair(2), pair(4), pair(6), pair(0)] as const;
  return primaries.every(([x, y]) => x > 0 && y > 0 && x + y <= 1) ? primaries : null;
}

/** The chunks behind the signature; of the last, what is there. */
function* chunksOf(
  bytes: Uint8Array,
  view: DataView,
): Generator<{ type: string; content: Uint8Array }> {
  for (let at = 8; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IEND") return;
    yield { type, content: bytes.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

/** Reads an fcTL chunk. */
function readFrame(content: Uint8Array): PngFrame {
  const numerator = content[20] << 8 | content[21];
  // 0 means hundredths of a second.
  const denominator = (content[22] << 8 | content[23]) || 100;
  return {
    width: readUint32(content, 4),
    height: readUint32(content, 8),
    x: readUint32(content, 12),
    y: readUint32(content, 16),
    delayMs: numerator * 1000 / denominator,
    disposal: content[24],
    isBlended: content[25] === 1,
    data: [],
  };
}

/** Reads a number; of bytes that are missing, 0. */
function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}
