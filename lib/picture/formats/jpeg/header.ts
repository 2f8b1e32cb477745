import { type Orientation, orientationOf } from "../../pixels/orientation.ts";
import { readTiffDirectory, TIFF } from "../ifd.ts";

/** What the headers of a JPEG say, before anything is decoded. */
export interface JpegHeader {
  /** Stored pixels across, before the orientation is applied. */
  width: number;
  /** Stored pixels down. */
  height: number;
  /** 1 grey, 3 colour, 4 CMYK. */
  components: number;
  orientation: Orientation;
  /** Baseline or extended sequential, not progressive or of another kind (table B.1). */
  sequential: boolean;
  /**
   * Whether it is of a kind that is drawn: sequential or progressive, Huffman-coded, 8 bits a sample. Not
   * lossless, hierarchical, arithmetic-coded, or of 12 bits.
   */
  drawn: boolean;
  /**
   * Whether the components call themselves R, G and B, and no segment says otherwise: then they are no YCbCr.
   * Java's library writes such files.
   */
  namedRgb: boolean;
  /** Whether Adobe's segment is there, which tells how CMYK is stored. */
  adobe: boolean;
}

/** The marker of a scan's header (ITU-T T.81, table B.1). */
export const SOS = 0xda;

/** A segment of a JPEG that has parameters. */
export interface JpegSegment {
  /** The second byte of its marker. */
  readonly marker: number;
  /** Where its parameters start, behind the length. */
  readonly start: number;
  /** Where they end. */
  readonly end: number;
}

/**
 * The segments of a JPEG as far as the first scan's header (ITU-T T.81, B.1.1); ends early where something else
 * stands in their place.
 */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment, void> {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1];
    if (marker === 0xff) { // fill bytes may stand before any marker (B.1.1.2)
      at++;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) { // these stand alone
      at += 2;
      continue;
    }
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const start = at + 4, end = at + 2 + length;
    if (marker === 0xd9 || length < 2 || end > bytes.length) return; // EOI, or no segment
    yield { marker, start, end };
    if (marker === SOS) return;
    at = end;
  }
}

/**
 * Reads the frame header (ITU-T T.81, B.2.2) and the orientation (EXIF 2.3, tag 0x0112) of a JPEG;
 * null where there is no frame header to be found.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  let orientation: Orientation = 1;
  let adobe = false, jfif = false;
  for (const { marker, start, end } of jpegSegments(bytes)) {
    const segment = bytes.subarray(start, end);
    if (marker === 0xe1 && startsWith(segment, EXIF)) {
      const fields = readTiffDirectory(segment.subarray(6), [TIFF.ORIENTATION]);
      orientation = orientationOf(fields?.get(TIFF.ORIENTATION)?.[0] ?? 1);
    }
    if (marker === 0xee && startsWith(segment, ADOBE)) adobe = true;
    if (marker === 0xe0 && startsWith(segment, JFIF)) jfif = true;
    if (isFrameHeader(marker) && segment.length >= 6) {
      const height = (segment[1] << 8) | segment[2];
      const width = (segment[3] << 8) | segment[4];
      const components = segment[5];
      const sequential = marker === 0xc0 || marker === 0xc1;
      const drawn = (sequential || marker === 0xc2) && segment[0] === 8 &&
        (components === 1 || components === 3 || components === 4);
      const namedRgb = components === 3 && !adobe && !jfif &&
        [0x52, 0x47, 0x42].every((letter, i) => segment[6 + i * 3] === letter);
      return { width, height, components, orientation, sequential, drawn, namedRgb, adobe };
    }
  }
  return null;
}

/** SOF0–SOF15 without DHT (C4), JPG (C8) and DAC (CC), which share their range (table B.1). */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 &&
    marker !== 0xcc;
}

/** `Exif` and two zero bytes; `Adobe`; `JFIF` and a zero byte. */
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0],
  ADOBE = [0x41, 0x64, 0x6f, 0x62, 0x65],
  JFIF = [0x4a, 0x46, 0x49, 0x46, 0];

function startsWith(segment: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => segment[i] === byte);
}
