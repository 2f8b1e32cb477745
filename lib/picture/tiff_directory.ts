/** The tags of TIFF 6.0 that are read here; EXIF uses the same numbers. */
export const TAG_WIDTH = 0x0100, TAG_HEIGHT = 0x0101, TAG_ORIENTATION = 0x0112;
/** TIFF 6.0: bits of each sample, samples of each pixel. */
export const TAG_BITS_PER_SAMPLE = 0x0102, TAG_SAMPLES_PER_PIXEL = 0x0115;

/**
 * The integer tags of the first image file directory of a TIFF structure (TIFF 6.0, section 2), which is
 * also what an EXIF block holds. Only the first value of each tag, only BYTE, SHORT and LONG.
 * Null where this is no TIFF structure; a directory that is cut short gives the tags that are there.
 */
export function readTiffDirectory(bytes: Uint8Array): Map<number, number> | null {
  if (bytes.length < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  if (view.getUint16(2, little) !== 42) return null;
  const start = view.getUint32(4, little);
  const tags = new Map<number, number>();
  if (start < 8 || start + 2 > bytes.length) return tags;
  const count = view.getUint16(start, little);
  for (let i = 0, at = start + 2; i < count && at + 12 <= bytes.length; i++, at += 12) {
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const size = type === 1 ? 1 : type === 3 ? 2 : type === 4 ? 4 : 0;
    if (size === 0) continue;
    // More than four bytes of values are kept elsewhere, at the offset that stands here.
    const values = view.getUint32(at + 4, little) * size > 4
      ? view.getUint32(at + 8, little)
      : at + 8;
    if (values + size > bytes.length) continue;
    const value = size === 1
      ? view.getUint8(values)
      : size === 2
      ? view.getUint16(values, little)
      : view.getUint32(values, little);
    if (!tags.has(tag)) tags.set(tag, value);
  }
  return tags;
}
