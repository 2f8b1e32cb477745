/**
 * The first directory of a TIFF (TIFF 6.0, section 2).
 *
 * @module
 */
import type { ColorDescription } from "../../colors/description.ts";
import { orientationOf } from "../../pixels/orientation.ts";
import type { BaseHeader } from "../header.ts";
import { readTiffDirectory, TIFF, type TiffFields } from "../ifd.ts";
import { isJpeg, readJpegHeader } from "../jpeg/header.ts";
import { JPEG, OLD_JPEG } from "./layout.ts";

/** What the directory of a TIFF says. */
export interface TiffHeader extends BaseHeader {
  readonly type: "tiff";
  readonly fields: TiffFields;
  /** Whether the lowest byte of a number comes first. */
  readonly isLittleEndian: boolean;
}

/** Tells a TIFF or a BigTIFF by its first bytes. */
export function isTiff(bytes: Uint8Array): boolean {
  const starts = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  return starts(0x49, 0x49, 42, 0) || starts(0x4d, 0x4d, 0, 42) ||
    starts(0x49, 0x49, 43, 0) || starts(0x4d, 0x4d, 0, 43);
}

/**
 * Reads the first directory of a TIFF.
 *
 * @returns null if it does not say how large the picture is
 */
export function readTiffHeader(bytes: Uint8Array): TiffHeader | null {
  const fields = readTiffDirectory(bytes, Object.values(TIFF));
  const width = fields?.get(TIFF.WIDTH)?.[0], height = fields?.get(TIFF.HEIGHT)?.[0];
  if (fields === null || width === undefined || height === undefined) return null;
  return {
    type: "tiff",
    width,
    height,
    orientation: orientationOf(fields.get(TIFF.ORIENTATION)?.[0] ?? 1),
    color: colorOf(fields.get(TIFF.ICC_PROFILE)),
    fields: withWholeJpeg(fields, bytes, width, height),
    isLittleEndian: bytes[0] === 0x49,
  };
}

/**
 * Returns the fields of a picture that is an old-style JPEG (TIFF 6.0, section 22) as those of one
 * strip in the new style, if the JPEG stands in the file as a whole; else the fields as they are.
 */
function withWholeJpeg(
  fields: TiffFields,
  bytes: Uint8Array,
  width: number,
  height: number,
): TiffFields {
  if (fields.get(TIFF.COMPRESSION)?.[0] !== OLD_JPEG) return fields;
  const strips = fields.get(TIFF.STRIP_OFFSETS) ?? [];
  const start = fields.get(TIFF.OLD_JPEG_START)?.[0] ?? strips[0];
  // With more strips, only tables and headers are there.
  if (start === undefined || strips.length > 1) return fields;
  const jpeg = bytes.subarray(start);
  const header = isJpeg(jpeg) ? readJpegHeader(jpeg) : null;
  if (header?.width !== width || header.height !== height) return fields;
  const whole = new Map(fields);
  for (const tag of [TIFF.TILE_OFFSETS, TIFF.JPEG_TABLES, TIFF.STRIP_BYTE_COUNTS]) {
    whole.delete(tag);
  }
  return whole.set(TIFF.COMPRESSION, Uint32Array.of(JPEG))
    .set(TIFF.STRIP_OFFSETS, Uint32Array.of(start))
    .set(TIFF.ROWS_PER_STRIP, Uint32Array.of(height))
    .set(TIFF.SAMPLES_PER_PIXEL, Uint32Array.of(header.components));
}

function colorOf(profile: Uint32Array | undefined): ColorDescription | null {
  if (profile === undefined) return null;
  return { kind: "icc", profile: Uint8Array.from(profile), isDeflated: false };
}
