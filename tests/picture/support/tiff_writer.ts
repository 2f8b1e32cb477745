/**
 * Writes TIFF files, field by field.
 *
 * @module
 */

/** The types that are read, with the bytes of a value. */
export const SIZES = { 1: 1, 3: 2, 4: 4, 7: 1, 16: 8 } as const;

/** A field of a directory. */
export interface Field {
  readonly tag: number;
  readonly type: keyof typeof SIZES;
  readonly values: readonly number[];
}

/** How numbers are written. */
export interface Layout {
  readonly isLittle: boolean;
  readonly isBig: boolean;
}

/** Returns where the data of a picture start. */
export function dataStart({ isBig }: Layout): number {
  return isBig ? 16 : 8;
}

/** Writes the head, the data of a picture, a directory, and the values that do not fit in it. */
export function writeTiff(
  fields: readonly Field[],
  layout: Layout,
  data: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const { isLittle, isBig } = layout;
  const [head, entry, wide] = isBig ? [8, 20, 8] : [2, 12, 4];
  const start = dataStart(layout) + data.length;
  const bytes = new Uint8Array(start + 10_000);
  bytes.set(data, dataStart(layout));
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number, size: number) => {
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, isLittle);
    else if (size === 4) view.setUint32(at, value, isLittle);
    else view.setBigUint64(at, BigInt(value), isLittle);
  };
  bytes.fill(isLittle ? 0x49 : 0x4d, 0, 2);
  put(2, isBig ? 43 : 42, 2);
  if (isBig) put(4, 8, 2);
  put(isBig ? 8 : 4, start, wide);
  put(start, fields.length, head);
  let end = start + head + fields.length * entry;
  fields.forEach(({ tag, type, values }, i) => {
    const at = start + head + i * entry, size = SIZES[type];
    put(at, tag, 2);
    put(at + 2, type, 2);
    put(at + 4, values.length, wide);
    let place = at + 4 + wide;
    if (values.length * size > wide) {
      put(place, end, wide);
      place = end;
      end += values.length * size;
    }
    values.forEach((value, k) => put(place + k * size, value, size));
  });
  return bytes.slice(0, end);
}
