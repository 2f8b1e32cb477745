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
} as const;

/** The fields of a directory: for each tag that was asked for and found, its values. */
export type TiffFields = ReadonlyMap<number, Uint32Array>;

/**
 * The most values of a field that are read. The longest that can mean something say where the parts of a
 * picture are: a strip for each row, or tiles of 16 × 16 pixels. Twenty fields may all point at the same
 * bytes and claim the whole file each.
 */
export const MAX_VALUES = 1_000_000;

/**
 * The integer fields of the first image file directory of a TIFF structure (TIFF 6.0, section 2), which
 * is also what an EXIF block holds. Only BYTE, SHORT and LONG, and UNDEFINED as
 * bytes. Null where this is no TIFF structure;
 * a directory that is cut short gives the fields that are there.
 *
 * @param wanted the tags to read; all others are passed over
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
  if (view.getUint16(2, little) !== 42) return null;
  const start = view.getUint32(4, little);
  const fields = new Map<number, Uint32Array>();
  if (start < 8 || start + 2 > bytes.length) return fields;
  const entries = view.getUint16(start, little);
  for (let i = 0, at = start + 2; i < entries && at + 12 <= bytes.length; i++, at += 12) {
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const size = type === 1 || type === 7 ? 1 : type === 3 ? 2 : type === 4 ? 4 : 0;
    if (size === 0 || fields.has(tag) || !wanted.includes(tag)) continue;
    const count = view.getUint32(at + 4, little);
    // More than four bytes of values are kept elsewhere, at the offset that stands here.
    const values = count * size > 4 ? view.getUint32(at + 8, little) : at + 8;
    if (count === 0 || count > MAX_VALUES || values + count * size > bytes.length) continue;
    fields.set(
      tag,
      Uint32Array.from(
        { length: count },
        (_, k) =>
          size === 1
            ? view.getUint8(values + k)
            : size === 2
            ? view.getUint16(values + k * 2, little)
            : view.getUint32(values + k * 4, little),
      ),
    );
  }
  return fields;
}
