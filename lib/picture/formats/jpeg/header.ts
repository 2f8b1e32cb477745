/**
 * The segments of a JPEG before its first scan (ITU-T T.81, annex B).
 *
 * @module
 */
import type { ColorDescription } from "../../colors/description.ts";
import { type Orientation, orientationOf } from "../../pixels/orientation.ts";
import { concat } from "../concat.ts";
import type { BaseHeader } from "../header.ts";
import { readTiffDirectory, TIFF } from "../ifd.ts";
import { MAX_SEQUENTIAL_PIXELS } from "../../limits.ts";

/** What the headers of a JPEG say. */
export interface JpegHeader extends BaseHeader {
  readonly type: "jpeg";
  /** 1 grey, 3 colour, 4 CMYK. */
  readonly components: number;
  /** Baseline or extended sequential, not progressive or of another kind (table B.1). */
  readonly isSequential: boolean;
  /** Why it is not drawn, e.g. "JPEG with arithmetic coding"; null for the usual kinds. */
  readonly undrawnKind: string | null;
  /**
   * Whether the components are called R, G and B, and no segment says otherwise: then they are not
   * YCbCr. Java's library writes such files.
   */
  readonly isNamedRgb: boolean;
  /** Whether Adobe's segment is there, which tells how CMYK is stored. */
  readonly hasAdobeSegment: boolean;
  /** Where the frame header has its height if that is 0 and a DNL segment gives it; else 0. */
  readonly missingHeightAt: number;
}

/** The marker of a scan's header (table B.1). */
export const SOS = 0xda;

/** The marker of a comment. */
export const COM = 0xfe;

const EOI = 0xd9, DNL = 0xdc, APP0 = 0xe0, APP1 = 0xe1, APP2 = 0xe2, APP14 = 0xee;

/** A segment of a JPEG that has parameters. */
export interface JpegSegment {
  /** The second byte of its marker. */
  readonly marker: number;
  /** Where its parameters start, behind the length. */
  readonly start: number;
  /** Where they end. */
  readonly end: number;
}

/** Tells a JPEG by its first bytes: SOI and the beginning of another marker. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Finds the segments of a JPEG as far as the first scan's header (B.1.1). Where something else than
 * a marker follows a segment, or its length is impossible, it goes on at the next marker.
 */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment, void> {
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1];
    // Fill bytes may stand before any marker (B.1.1.2); the others are no markers or stand alone.
    if (bytes[at] !== 0xff || marker === 0xff || marker <= 0x01 || isRestartOrStart(marker)) {
      at++;
      continue;
    }
    if (marker === EOI) return;
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const start = at + 4, end = at + 2 + length;
    if (length < 2 || end > bytes.length) {
      at += 2;
      continue;
    }
    yield { marker, start, end };
    if (marker === SOS) return;
    at = end;
  }
}

function isRestartOrStart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd8;
}

/**
 * Reads the frame header (B.2.2) and the orientation (EXIF 2.3, tag 0x0112) of a JPEG.
 *
 * @returns null if there is no frame header
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  let orientation: Orientation = 1;
  const profile: Uint8Array[] = [];
  let hasAdobeSegment = false, hasJfif = false;
  let frame: { marker: number; start: number; segment: Uint8Array } | null = null;
  for (const { marker, start, end } of jpegSegments(bytes)) {
    const segment = bytes.subarray(start, end);
    if (marker === APP1 && startsWith(segment, "Exif\0\0")) {
      const fields = readTiffDirectory(segment.subarray(6), [TIFF.ORIENTATION]);
      orientation = orientationOf(fields?.get(TIFF.ORIENTATION)?.[0] ?? 1);
    }
    if (marker === APP2 && startsWith(segment, "ICC_PROFILE\0")) profile.push(segment.subarray(12));
    if (marker === APP14 && startsWith(segment, "Adobe")) hasAdobeSegment = true;
    if (marker === APP0 && startsWith(segment, "JFIF\0")) hasJfif = true;
    if (frame === null && isFrameHeader(marker) && segment.length >= 6) {
      frame = { marker, start, segment };
    }
  }
  if (frame === null) return null;
  const { marker, start, segment } = frame;
  const storedHeight = (segment[1] << 8) | segment[2];
  const components = segment[5];
  const isSequential = marker === 0xc0 || marker === 0xc1;
  const undrawnKind = undrawnKindOf(marker, segment[0], components);
  return {
    type: "jpeg",
    width: (segment[3] << 8) | segment[4],
    height: storedHeight === 0 ? heightInDnl(bytes) : storedHeight,
    orientation,
    color: components === 4 ? null : colorOf(profile),
    components,
    isSequential,
    undrawnKind,
    isNamedRgb: components === 3 && !hasAdobeSegment && !hasJfif &&
      [..."RGB"].every((letter, i) => segment[6 + i * 3] === letter.charCodeAt(0)),
    hasAdobeSegment,
    missingHeightAt: storedHeight === 0 ? start + 1 : 0,
    ...(isSequential ? { maxPixels: MAX_SEQUENTIAL_PIXELS } : {}),
  };
}

/** Joins the parts of an ICC profile, each of which begins with its number (ICC.1, B.4). */
function colorOf(parts: readonly Uint8Array[]): ColorDescription | null {
  if (parts.length === 0) return null;
  const sorted = parts.toSorted(([a], [b]) => a - b).map((part) => part.subarray(2));
  return { kind: "icc", profile: concat(sorted), isDeflated: false };
}

/** SOF0–SOF15 without DHT (C4), JPG (C8) and DAC (CC), which share their range (table B.1). */
function isFrameHeader(marker: number): boolean {
  return (marker & 0xf0) === 0xc0 && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/**
 * The name of a kind that is not drawn: of another process (table B.1), depth or count of
 * components.
 */
function undrawnKindOf(marker: number, precision: number, components: number): string | null {
  if (marker >= 0xc9) return "JPEG with arithmetic coding";
  if (marker >= 0xc5) return "hierarchical JPEG";
  if (marker === 0xc3) return "JPEG without loss";
  if (precision !== 8) return `JPEG with ${precision} bits a sample`;
  if (components !== 1 && components !== 3 && components !== 4) {
    return `JPEG with ${components} components`;
  }
  return null;
}

/** Whether the file ends in its first scan, without a marker that ends the scan. */
export function isCutInFirstScan(bytes: Uint8Array): boolean {
  for (const { marker, end } of jpegSegments(bytes)) {
    if (marker !== SOS) continue;
    for (let at = bytes.indexOf(0xff, end); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
      const next = bytes[at + 1];
      // A stuffed zero and fill bytes are no markers; restart markers are within the scan.
      if (next > 0 && next < 0xff && !isRestartOrStart(next)) return false;
    }
    return true;
  }
  return false;
}

/** The number of lines that a DNL segment gives (B.2.5); 0 if there is none. */
function heightInDnl(bytes: Uint8Array): number {
  const at = findDnl(bytes);
  return at === -1 ? 0 : bytes[at + 4] << 8 | bytes[at + 5];
}

/** Finds the DNL segment behind the first scan. @returns -1 if there is none */
export function findDnl(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    // The length of the segment is always 4.
    const isDnl = bytes[at + 1] === DNL && bytes[at + 2] === 0 && bytes[at + 3] === 4;
    if (isDnl && at + 5 < bytes.length) return at;
  }
  return -1;
}

function startsWith(segment: Uint8Array, start: string): boolean {
  return [...start].every((letter, i) => segment[i] === letter.charCodeAt(0));
}
