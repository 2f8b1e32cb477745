/**
 * A copy of a JPEG with a segment as Adobe writes it, which says: no transform. Three components are then RGB and
 * not YCbCr, four are CMYK, inverted.
 */
export function withAdobeSegment(bytes: Uint8Array): Uint8Array {
  const segment = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];
  const marked = new Uint8Array(bytes.length + segment.length);
  marked.set(bytes.subarray(0, 2));
  marked.set(segment, 2);
  marked.set(bytes.subarray(2), 2 + segment.length);
  return marked;
}
