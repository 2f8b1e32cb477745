/**
 * The headers of a BMP: those of OS/2 and of Windows, versions 2 to 5.
 *
 * @module
 */
import type { ColorDescription, Primaries } from "../../colors/description.ts";
import { BT709 } from "../../colors/matrix.ts";
import type { BaseHeader } from "../header.ts";

/** What the headers of a BMP say. */
export interface BmpHeader extends BaseHeader {
  readonly type: "bmp";
  /** Bits a pixel. */
  readonly bits: number;
  /** Value of biCompression. */
  readonly compression: number;
  /** Whether the first stored row is the top one; the last one is by default. */
  readonly isTopDown: boolean;
  /** Which bits of a pixel are red, green, blue and alpha if there is no palette. */
  readonly masks: readonly number[];
  /** The palette, blue, green, red. */
  readonly palette: Uint8Array;
  /** Bytes of a colour of the palette. */
  readonly paletteStep: 3 | 4;
  /** Where the pixels start. */
  readonly dataAt: number;
  /** Why it is not drawn, e.g. "BMP with 64 bits a pixel"; null for the usual kinds. */
  readonly undrawnKind: string | null;
}

/** Values of biCompression. */
export const NONE = 0, RLE8 = 1, RLE4 = 2, BIT_FIELDS = 3, ALPHA_BIT_FIELDS = 6;

/** The lengths that the second header may have. */
const CORE = 12, OS2_SHORT = 16, INFO = 40, V2 = 52, V3 = 56, OS2_LONG = 64, V4 = 108, V5 = 124;

/** Where the number of colours in the palette is, and the most that there are. */
const COLORS_USED_AT = 46, MAX_COLORS = 256;

/** Where the masks of a bit field are, and alpha's, which INFO has for one compression alone. */
const MASKS_AT = 54, ALPHA_MASK_AT = 66;

/** Tells a BMP by its signature and the length of its second header. */
export function isBmp(bytes: Uint8Array): boolean {
  if (bytes.length < 18 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return false;
  const length = viewOf(bytes).getUint32(14, true);
  return [CORE, OS2_SHORT, INFO, V2, V3, OS2_LONG, V4, V5].includes(length);
}

/**
 * Reads the headers of a BMP.
 *
 * @returns null if they are cut short
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader | null {
  const view = viewOf(bytes);
  const length = view.getUint32(14, true);
  if (bytes.length < 14 + length) return null;
  const isCore = length === CORE, isOs2 = length === OS2_SHORT || length === OS2_LONG;
  const width = isCore ? view.getUint16(18, true) : Math.abs(view.getInt32(18, true));
  const storedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = length > OS2_SHORT ? view.getUint32(30, true) : NONE;
  const hasFields = compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS;
  const fieldBytes = length === INFO && hasFields ? compression === ALPHA_BIT_FIELDS ? 16 : 12 : 0;
  const paletteStep = isCore ? 3 : 4;
  const paletteAt = 14 + length + fieldBytes;
  const colors = length >= INFO && view.getUint32(COLORS_USED_AT, true) || MAX_COLORS;
  const wholePaletteEnd = paletteAt + paletteStep * Math.min(colors, 1 << bits, MAX_COLORS);
  const storedAt = view.getUint32(10, true);
  // Some writers point at the palette, and without it there are no colours.
  const dataAt = storedAt <= paletteAt && bits <= 8
    ? wholePaletteEnd
    : Math.max(storedAt, paletteAt);
  // There may be fewer colours than indices, but nothing else in front of the pixels.
  const paletteEnd = Math.min(paletteAt + (paletteStep << bits), dataAt);
  const height = Math.abs(storedHeight);
  return {
    type: "bmp",
    width,
    height,
    orientation: 1,
    color: length >= V4 ? colorOf(bytes, length) : null,
    bits,
    compression,
    isTopDown: height !== storedHeight,
    masks: masksOf(view, { length, bits, compression, hasFields }),
    palette: bytes.subarray(paletteAt, paletteEnd),
    paletteStep,
    dataAt,
    undrawnKind: undrawnKindOf(bits, compression, isOs2),
  };
}

/** Where the second header has the kind of its colours and, in version 5, a profile. */
const COLORS_AT = 70, PROFILE_AT = 126;

/** Kinds of colours: by end points and gammas, or by a profile in the file ("MBED"). */
const CALIBRATED = 0, EMBEDDED = 0x4d424544;

/**
 * What a header of version 4 or 5 says about colours. Of a profile in another file nothing is known.
 */
function colorOf(bytes: Uint8Array, length: number): ColorDescription | null {
  const view = viewOf(bytes);
  const kind = view.getUint32(COLORS_AT, true);
  if (kind === CALIBRATED) return calibratedColor(view);
  if (kind !== EMBEDDED || length < V5) return null;
  const start = 14 + view.getUint32(PROFILE_AT, true);
  const profile = bytes.subarray(start, start + view.getUint32(PROFILE_AT + 4, true));
  return { kind: "icc", profile, isDeflated: false };
}

/**
 * Reads end points, which are three numbers of 2.30 bits each, and gammas of 16.16 bits. Writers
 * differ in whether the numbers add up to white, and in whether a gamma is that of the file or its
 * inverse: so white is D65, and a gamma counts as 1 or more.
 */
function calibratedColor(view: DataView): ColorDescription | null {
  const end = (i: number) => {
    const [x, y, z] = [0, 4, 8].map((at) => view.getInt32(COLORS_AT + 4 + i * 12 + at, true));
    return [x / (x + y + z), y / (x + y + z)] as const;
  };
  const primaries: Primaries = [end(0), end(1), end(2), BT709[3]];
  const stored = [0, 4, 8].reduce((sum, at) => sum + view.getUint32(COLORS_AT + 40 + at, true), 0);
  const gamma = Math.max(stored / 3 / 65_536, 3 * 65_536 / stored);
  const areUsable = primaries.every(([x, y]) => x >= 0 && y > 0 && x + y <= 1);
  if (!areUsable || gamma > MAX_GAMMA || isSrgb(primaries, gamma)) return null;
  return { kind: "gamma", gamma, primaries };
}

/** The largest gamma that is one. */
const MAX_GAMMA = 5;

/** 2.2 is what writers say when they mean the curve of sRGB. */
function isSrgb(primaries: Primaries, gamma: number): boolean {
  return Math.abs(gamma - 2.2) < 0.03 &&
    primaries.flat().every((value, i) => Math.abs(value - BT709.flat()[i]) < 0.01);
}

function masksOf(
  view: DataView,
  { length, bits, compression, hasFields }: {
    length: number;
    bits: number;
    compression: number;
    hasFields: boolean;
  },
): readonly number[] {
  if (!hasFields) {
    return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  }
  const mask = (at: number) => at + 4 <= view.byteLength ? view.getUint32(at, true) : 0;
  const hasAlpha = length >= V3 || compression === ALPHA_BIT_FIELDS;
  return [
    ...[0, 4, 8].map((at) => mask(MASKS_AT + at)),
    hasAlpha ? mask(ALPHA_MASK_AT) : 0,
  ];
}

function undrawnKindOf(bits: number, compression: number, isOs2: boolean): string | null {
  const isKnown = compression === NONE || compression === RLE8 && bits === 8 ||
    compression === RLE4 && bits === 4 ||
    !isOs2 && (compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS) &&
      (bits === 16 || bits === 32);
  if (!isKnown) return `BMP of ${bits} bits with compression ${compression}`;
  return [1, 2, 4, 8, 16, 24, 32].includes(bits) ? null : `BMP with ${bits} bits a pixel`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
