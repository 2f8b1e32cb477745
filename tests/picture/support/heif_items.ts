/**
 * HEIF and AVIF files with a further item beside the picture, as phones write them.
 *
 * @module
 */
import { type Box, boxesIn, readUint } from "../../../lib/picture/formats/heif/boxes.ts";

/** An item that is no picture of its own. */
export interface ExtraItem {
  /** Its type, four characters; null for that of an item that is there. */
  readonly type: string | null;
  /** How it refers to the picture, four characters. */
  readonly reference: string;
  /** What an auxiliary item is; null for none. */
  readonly auxiliaryType: string | null;
}

/** The number of the further item, and its content, which no codec can decode. */
const ITEM = 99, CONTENT = new Uint8Array(40).fill(0xa5);

const word = (value: number) => [value >> 8 & 255, value & 255];
const long = (value: number) => [...word(value >>> 16), ...word(value)];
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

function box(type: string, ...content: (readonly number[] | Uint8Array)[]): number[] {
  const bytes = content.flatMap((part) => [...part]);
  return [...long(bytes.length + 8), ...ascii(type), ...bytes];
}

/**
 * Adds an item to a file whose metadata are in front of its data, in the versions of the boxes that
 * avifenc and heif-enc write.
 */
export function withItem(file: Uint8Array, item: ExtraItem): Uint8Array<ArrayBuffer> {
  const boxes = [...boxesIn(file)];
  const meta = boxes.find(({ type }) => type === "meta")!.content;
  // The boxes in front of the data grow by as much, whatever the offsets in them are.
  const growth = metaWith(meta, item, 0, 0).length - meta.length - 8;
  return Uint8Array.from([
    ...boxes.flatMap(({ type, content }) =>
      type === "meta" ? metaWith(meta, item, growth, file.length + growth) : box(type, content)
    ),
    ...CONTENT,
  ]);
}

function metaWith(
  meta: Uint8Array,
  { type, reference, auxiliaryType }: ExtraItem,
  growth: number,
  contentAt: number,
): number[] {
  const boxes = [...boxesIn(meta.subarray(4))];
  const content = (type: string) => boxes.find((each) => each.type === type)!.content;
  const picture = readUint(content("pitm"), 4, 2);
  const references = box(reference, word(ITEM), word(1), word(picture));
  const changed: Record<string, (content: Uint8Array) => number[]> = {
    iloc: (content) => box("iloc", locations(content, growth, contentAt)),
    iinf: (content) => {
      const first = [...boxesIn(content.subarray(6))][0].content;
      const stored = type === null ? [...first.subarray(8, 12)] : ascii(type);
      const entry = box("infe", [2, 0, 0, 1], word(ITEM), word(0), stored, [0]);
      const count = word(readUint(content, 4, 2) + 1);
      return box("iinf", content.subarray(0, 4), count, content.subarray(6), entry);
    },
    iprp: (content) => box("iprp", properties([...boxesIn(content)], auxiliaryType)),
    iref: (content) => box("iref", content, references),
  };
  const hasReferences = boxes.some(({ type }) => type === "iref");
  return box(
    "meta",
    meta.subarray(0, 4),
    ...boxes.map(({ type, content }) => changed[type]?.(content) ?? box(type, content)),
    hasReferences ? [] : box("iref", [0, 0, 0, 0], references),
  );
}

/** Where the contents of items are (`iloc`), in versions 0 and 1, with one extent each. */
function locations(content: Uint8Array, growth: number, contentAt: number): number[] {
  const hasBase = content[0] === 1, bytes = [...content];
  const size = hasBase ? 20 : 14, count = readUint(content, 6, 2);
  for (let at = 8; at < 8 + count * size; at += size) {
    // What is in the metadata themselves stays.
    if (hasBase && readUint(content, at + 2, 2) !== 0) continue;
    const offset = at + 6;
    bytes.splice(offset, 4, ...long(readUint(content, offset, 4) + growth));
  }
  bytes.splice(6, 2, ...word(count + 1));
  const [offset, length] = [long(contentAt), long(CONTENT.length)];
  return hasBase
    ? [
      ...bytes,
      ...word(ITEM),
      ...word(0),
      ...word(0),
      ...offset,
      ...word(1),
      ...long(0),
      ...length,
    ]
    : [...bytes, ...word(ITEM), ...word(0), ...word(1), ...offset, ...length];
}

/** The properties and which item has which: the further one a size, a codec's and its own kind. */
function properties([container, associations]: Box[], auxiliaryType: string | null): number[] {
  const known = [...boxesIn(container.content)].map(({ type }) => type);
  const numbers = [/ispe/, /hvcC|av1C/].map((name) =>
    known.findIndex((type) => name.test(type)) + 1
  );
  const kind = auxiliaryType === null ? [] : box("auxC", [0, 0, 0, 0], ascii(auxiliaryType), [0]);
  if (kind.length > 0) numbers.push(known.length + 1);
  const count = readUint(associations.content, 4, 4) + 1;
  return [
    ...box("ipco", container.content, kind),
    ...box(
      "ipma",
      associations.content.subarray(0, 4),
      long(count),
      associations.content.subarray(8),
      [...word(ITEM), numbers.length, ...numbers],
    ),
  ];
}
