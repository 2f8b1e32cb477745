/**
 * Image file directories: the structure of a TIFF, and of an EXIF block.
 *
 * @module
 */

/** The tags of TIFF 6.0 that are read here; EXIF has the same number for the orientation. */
export const TIFF = {
  WIDTH: 256,
  HEIGHT: 257,
  BITS_PER_SAMPLE: 258,
  COMPRESSION: 259,
  PHOTOMETRIC: 262,
  FILL_ORDER: 266,
  STRIP_OFFSETS: 273,
  ORIENTATION: 274,
  SAMPLES_PER_PIXEL: 277,
  ROWS_PER_STRIP: 278,
  STRIP_BYTE_COUNTS: 279,
  PLANAR_CONFIGURATION: 284,
  PREDICTOR: 317,
  COLOR_MAP: 320,
  TILE_WIDTH: 322,
  TILE_HEIGHT: 323,
  TILE_OFFSETS: 324,
  TILE_BYTE_COUNTS: 325,
  EXTRA_SAMPLES: 338,
  SAMPLE_FORMAT: 339,
  JPEG_TABLES: 347,
  OLD_JPEG_START: 513,
  YCBCR_SUBSAMPLING: 530,
  ICC_PROFILE: 34675,
} as const;

/** The fields of a directory: for each tag that was asked for and found, its values. */
export type TiffFields = ReadonlyMap<number, Uint32Array>;

/**
 * The most values of a field that are read. The longest that can mean something say where the parts
 * of a picture are: a strip for each row, or tiles of 16 × 16 pixels. Twenty fields may all point
 * at the same bytes and claim the whole file each.
 */
export const MAX_VALUES = 1_000_000;

/** Bytes of a value, by its type: BYTE, SHORT, LONG, UNDEFINED as bytes, and BigTIFF's LONG8. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 7: 1, 16: 8 };

/**
 * Reads the integer fields of the first image file directory of a TIFF structure (TIFF 6.0, section
 * 2), which is also what an EXIF block holds; or of a BigTIFF, whose numbers are longer.
 *
 * @param wanted the tags to read; all others are passed over
 * @returns null if this is not a TIFF structure; the fields that are there if the directory is cut
 * short
 */
export function readTiffDirectory(
  bytes: Uint8Array,
  wanted: readonly number[],
): TiffFields | null {
  if (bytes.length < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  const version = view.getUint16(2, little);
  const isBig = version === 43 && bytes.length >= 16;
  if (version !== 42 && !isBig) return null;
  // Offsets beyond four gigabytes are beyond the file, too.
  const uint64 = (at: number) => Math.min(Number(view.getBigUint64(at, little)), 0xffffffff);
  const offset = (at: number) => isBig ? uint64(at) : view.getUint32(at, little);
  const [wide, head, entry] = isBig ? [8, 8, 20] : [4, 2, 12];
  const start = offset(isBig ? 8 : 4);
  const fields = new Map<number, Uint32Array>();
  if (start < 8 || start + head > bytes.length) return fields;
  const entries = isBig ? uint64(start) : view.getUint16(start, little);
  for (let i = 0, at = start + head; i < entries && at + entry <= bytes.length; i++, at += entry) {
    const tag = view.getUint16(at, little);
    const size = TYPE_BYTES[view.getUint16(at + 2, little)] ?? 0;
    if (size === 0 || fields.has(tag) || !wanted.includes(tag)) continue;
    const count = offset(at + 4);
    // Values that do not fit are kept elsewhere, at the offset that stands here.
    const values = count * size > wide ? offset(at + 4 + wide) : at + 4 + wide;
    if (count === 0 || count > MAX_VALUES || values + count * size > bytes.length) continue;
    const value = (k: number) => {
      if (size === 1) return view.getUint8(values + k);
      if (size === 2) return view.getUint16(values + k * 2, little);
      return size === 4 ? view.getUint32(values + k * 4, little) : uint64(values + k * 8);
    };
    fields.set(tag, Uint32Array.from({ length: count }, (_, k) => value(k)));
  }
  return fields;
}
