/**
 * The metadata of HEIF (ISO/IEC 23008-12) and of AVIF, which is made of the same boxes. The primary
 * item is the picture, and its properties give the size: tiles, thumbnails, depth and gain maps are
 * items of their own, which are not looked at.
 *
 * @module
 */
import { type ColorDescription, isHdr } from "../../colors/description.ts";
import { MAX_CODEC_BYTES } from "../../limits.ts";
import type { Orientation } from "../../pixels/orientation.ts";
import type { BaseHeader } from "../header.ts";
import { boxesIn, findBox, readUint, textAt } from "./boxes.ts";

/** What the boxes of a HEIF or AVIF file say. */
export interface HeifHeader<Type extends "heif" | "avif" = "heif" | "avif"> extends BaseHeader {
  readonly type: Type;
  /** The part of the decoded pixels that is shown (`clap`), before it is turned; null for all. */
  readonly crop: Crop | null;
  /** Whether it is a sequence, of which the first picture is drawn. */
  readonly isSequence: boolean;
}

/** A part of a picture, in whole pixels. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Bytes that the codec holds for a pixel, as measured, with what we keep; of HDR, 16 bits a sample. */
const BYTES_PER_PIXEL = { avif: 30, deepAvif: 49, heif: 19 } as const;

/** Tells an AVIF by the brands of its first box. */
export function isAvif(bytes: Uint8Array): boolean {
  return hasBrand(bytes, /^(avif|avis)$/);
}

/** Tells a HEIF by the brands of its first box. */
export function isHeif(bytes: Uint8Array): boolean {
  return hasBrand(bytes, /^(hei[cxms]|hev[cxms]|mif1|mif2|msf1)$/) && !isAvif(bytes);
}

/** Reads the metadata of an AVIF; null if they do not say how large the picture is. */
export function readAvifHeader(bytes: Uint8Array): HeifHeader<"avif"> | null {
  const stored = readProperties(bytes);
  if (stored === null) return null;
  const { crop, orientation, color, isSequence } = stored;
  const { width, height } = crop ?? stored;
  return {
    type: "avif",
    width,
    height,
    orientation,
    color,
    crop,
    isSequence,
    maxPixels: Math.floor(
      MAX_CODEC_BYTES / (isHdr(color) ? BYTES_PER_PIXEL.deepAvif : BYTES_PER_PIXEL.avif),
    ),
  };
}

/**
 * Reads the metadata of a HEIF. Its codec crops and turns the pixels itself, so the size is that of
 * the upright picture.
 *
 * @returns null if they do not say how large the picture is
 */
export function readHeifHeader(bytes: Uint8Array): HeifHeader<"heif"> | null {
  const stored = readProperties(bytes);
  if (stored === null) return null;
  const { crop, orientation, color, isSequence } = stored;
  const { width, height } = crop ?? stored;
  const isSwapped = orientation >= 5;
  return {
    type: "heif",
    width: isSwapped ? height : width,
    height: isSwapped ? width : height,
    orientation: 1,
    color,
    crop: null,
    isSequence,
    maxPixels: Math.floor(MAX_CODEC_BYTES / BYTES_PER_PIXEL.heif),
  };
}

function hasBrand(bytes: Uint8Array, brand: RegExp): boolean {
  if (bytes.length < 16 || textAt(bytes, 4) !== "ftyp") return false;
  const end = Math.min(bytes.length, readUint(bytes, 0, 4), 256);
  for (let at = 8; at + 4 <= end; at += 4) {
    // The minor version stands between the major brand and the compatible ones.
    if (at !== 12 && brand.test(textAt(bytes, at))) return true;
  }
  return false;
}

/** What the properties of the primary item say. */
interface Properties {
  width: number;
  height: number;
  crop: Crop | null;
  orientation: Orientation;
  color: ColorDescription | null;
  isSequence: boolean;
}

function readProperties(bytes: Uint8Array): Properties | null {
  const isSequence = hasBrand(bytes, /^(avis|msf1|hevc|hevx)$/) && findBox(bytes, "moov") !== null;
  const primary = findBox(bytes, "meta", "pitm");
  const container = findBox(bytes, "meta", "iprp", "ipco");
  const associations = findBox(bytes, "meta", "iprp", "ipma");
  if (primary === null || container === null || associations === null) {
    return isSequence ? sizeOfTrack(bytes) : null;
  }
  const item = readUint(primary, 4, primary[0] === 0 ? 2 : 4);
  const properties = [...boxesIn(container)];
  let size: { width: number; height: number } | null = null;
  let crop: Crop | null = null;
  let color: ColorDescription | null = null;
  let angle = 0, mirror = -1;
  for (const index of associationsOf(associations, item)) {
    const { type, content } = properties[index - 1] ?? { type: "", content: container };
    if (type === "ispe") size = { width: readUint(content, 4, 4), height: readUint(content, 8, 4) };
    else if (type === "clap" && size !== null) crop = cropOf(content, size);
    else if (type === "irot") angle = content[0] & 3;
    else if (type === "imir") mirror = content[0] & 1;
    else if (type === "colr") color = colorOf(content, color);
  }
  if (size === null) return null;
  return { ...size, crop, orientation: ORIENTATIONS[mirror + 1][angle], color, isSequence };
}

/**
 * The orientation after a turn of so many quarters to the left, by whether the picture is mirrored
 * after that: not at all, top and bottom exchanged, left and right exchanged (6.5.10, 6.5.12).
 */
const ORIENTATIONS: readonly (readonly Orientation[])[] = [
  [1, 8, 3, 6],
  [4, 5, 2, 7],
  [2, 7, 4, 5],
];

/**
 * Reads a `colr` property (ISO/IEC 14496-12, 12.1.5). Of two, the profile counts, but for what no
 * profile can say: light beyond white.
 */
function colorOf(content: Uint8Array, other: ColorDescription | null): ColorDescription | null {
  const type = textAt(content, 0);
  if (type === "nclx") {
    const transfer = readUint(content, 6, 2);
    const color = { kind: "cicp", primaries: readUint(content, 4, 2), transfer } as const;
    return other === null || isHdr(color) ? color : other;
  }
  if (type !== "prof" && type !== "rICC") return other;
  if (isHdr(other)) return other;
  return { kind: "icc", profile: content.subarray(4), isDeflated: false };
}

/** The numbers of the properties of an item (`ipma`, 9.3.2), from 1 on. */
function associationsOf(content: Uint8Array, wanted: number): number[] {
  const version = content[0], isWide = (content[3] & 1) === 1;
  const size = version < 1 ? 2 : 4;
  // Behind the count of entries, which fill the box.
  for (let at = 8; at < content.length;) {
    const item = readUint(content, at, size);
    const properties = content[at + size];
    at += size + 1;
    if (item === wanted) {
      return Array.from(
        { length: properties },
        (_, k) => isWide ? readUint(content, at + k * 2, 2) & 0x7fff : content[at + k] & 0x7f,
      );
    }
    at += properties * (isWide ? 2 : 1);
  }
  return [];
}

/** Reads a clean aperture (ISO/IEC 14496-12, 12.1.4); null if it is not within the picture. */
function cropOf(content: Uint8Array, size: { width: number; height: number }): Crop | null {
  const signed = (at: number) => readUint(content, at, 4) | 0;
  const fraction = (at: number) => signed(at) / readUint(content, at + 4, 4);
  const width = Math.round(fraction(0)), height = Math.round(fraction(8));
  const x = Math.round((size.width - width) / 2 + fraction(16));
  const y = Math.round((size.height - height) / 2 + fraction(24));
  const isWithin = width > 0 && height > 0 && x >= 0 && y >= 0 && x + width <= size.width &&
    y + height <= size.height;
  return isWithin ? { x, y, width, height } : null;
}

/** The size of the first track, if a sequence has no primary item. */
function sizeOfTrack(bytes: Uint8Array): Properties | null {
  const track = findBox(bytes, "moov", "trak", "tkhd");
  if (track === null || track.length < 8) return null;
  // The last eight bytes, in 16.16 fixed point.
  const width = readUint(track, track.length - 8, 2), height = readUint(track, track.length - 4, 2);
  return { width, height, crop: null, orientation: 1, color: null, isSequence: true };
}
