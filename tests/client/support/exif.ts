/** JPEGs with the Exif of a camera (Exif 2.3, 4.6), made for tests. */

/** A value of a field: text (ASCII), a number (SHORT) or fractions (RATIONAL). */
type Value = string | number | readonly (readonly [numerator: number, denominator: number])[];

/** The fields of the three directories, by their tags. */
export interface ExifFields {
  readonly image?: Readonly<Record<number, Value>>;
  readonly photo?: Readonly<Record<number, Value>>;
  readonly gps?: Readonly<Record<number, Value>>;
}

const ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5;
const PHOTO_POINTER = 0x8769, GPS_POINTER = 0x8825;

/** Returns the JPEG with an Exif segment in front. */
export function withExif(jpeg: Uint8Array, { image = {}, photo, gps }: ExifFields): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("MM"));
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  let end = 8;
  /** Writes a directory at the end; its values, and what it points to, follow it. */
  const write = (
    fields: Readonly<Record<number, Value>>,
    pointers: [number, ExifFields["gps"]][],
  ) => {
    const tags = [...Object.keys(fields).map(Number), ...pointers.map(([tag]) => tag)]
      .sort((a, b) => a - b);
    let at = end;
    view.setUint16(at, tags.length);
    end += 2 + tags.length * 12 + 4;
    at += 2;
    for (const tag of tags) {
      const value = fields[tag];
      view.setUint16(at, tag);
      if (value === undefined) {
        field(at, LONG, 1);
        view.setUint32(at + 8, end);
        write(pointers.find(([pointer]) => pointer === tag)![1]!, []);
      } else if (typeof value === "number") {
        field(at, SHORT, 1);
        view.setUint16(at + 8, value);
      } else if (typeof value === "string") {
        const text = new TextEncoder().encode(value + "\0");
        field(at, ASCII, text.length);
        const to = text.length > 4 ? end : at + 8;
        if (text.length > 4) {
          view.setUint32(at + 8, end);
          end += text.length;
        }
        bytes.set(text, to);
      } else {
        field(at, RATIONAL, value.length);
        view.setUint32(at + 8, end);
        for (const [numerator, denominator] of value) {
          view.setUint32(end, numerator);
          view.setUint32(end + 4, denominator);
          end += 8;
        }
      }
      at += 12;
    }
  };
  const field = (at: number, type: number, count: number) => {
    view.setUint16(at + 2, type);
    view.setUint32(at + 4, count);
  };
  write(image, [
    ...(photo === undefined ? [] : [[PHOTO_POINTER, photo] as [number, ExifFields["gps"]]]),
    ...(gps === undefined ? [] : [[GPS_POINTER, gps] as [number, ExifFields["gps"]]]),
  ]);
  const head = new Uint8Array(10);
  new DataView(head.buffer).setUint32(0, 0xffe10000 + 8 + end);
  head.set(new TextEncoder().encode("Exif\0\0"), 4);
  const segment = [...head, ...bytes.subarray(0, end)];
  return Uint8Array.from([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)]);
}
