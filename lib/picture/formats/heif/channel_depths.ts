/**
 * The property that says how many bits the channels of a picture have (`pixi`, ISO/IEC 23008-12,
 * 6.5.6).
 *
 * @module
 */
import { concat } from "../concat.ts";
import { type Box, boxesIn, findBox, readUint, textAt } from "./boxes.ts";

/** Bytes of a box's length and type. */
const HEAD = 8;

/** The highest number of a property in a byte beside its flag. */
const MAX_NARROW = 0x7f;

/**
 * Returns an AVIF whose primary item has the property, and then all coded ones. libavif refuses a
 * file without it, but early versions of libheif and GPAC write such files, and the codec's
 * configuration says the same. The metadata move to the end of the file, and free space takes their
 * place, so that the offsets in them still lead to the coded pictures.
 */
export function withChannelDepths(bytes: Uint8Array): Uint8Array {
  const meta = [...boxesIn(bytes)].find(({ type }) => type === "meta")?.content;
  const container = findBox(bytes, "meta", "iprp", "ipco");
  const associations = findBox(bytes, "meta", "iprp", "ipma");
  const primary = findBox(bytes, "meta", "pitm");
  if (meta === undefined || container === null || associations === null || primary === null) {
    return bytes;
  }
  const typeAt = meta.byteOffset - bytes.byteOffset - 4;
  if (textAt(bytes, typeAt) !== "meta") return bytes;
  const item = readUint(primary, 4, primary[0] === 0 ? 2 : 4);
  const completed = completedProperties([...boxesIn(container)], associations, item);
  if (completed === null) return bytes;
  const properties = boxOf("iprp", [
    boxOf("ipco", [container, ...completed.added]),
    boxOf("ipma", [completed.associations]),
  ]);
  const rewritten = boxOf("meta", [
    meta.subarray(0, 4),
    ...[...boxesIn(meta.subarray(4))].map(({ type, content }) =>
      type === "iprp" ? properties : boxOf(type, [content])
    ),
  ]);
  const whole = concat([bytes, rewritten]);
  whole.set(new TextEncoder().encode("free"), typeAt);
  endLastBox(whole, bytes.length);
  return whole;
}

/** Gives each item that is coded and has no `pixi` one; null if the primary item needs none. */
function completedProperties(
  properties: readonly Box[],
  content: Uint8Array,
  primary: number,
): { added: Uint8Array[]; associations: Uint8Array } | null {
  const isWide = (content[3] & 1) === 1;
  const idSize = content[0] < 1 ? 2 : 4, size = isWide ? 2 : 1;
  let isNeeded = false;
  const added: Uint8Array[] = [], entries: Uint8Array[] = [content.subarray(0, HEAD)];
  for (let at = HEAD; at + idSize < content.length;) {
    const count = content[at + idSize], start = at + idSize + 1, end = start + count * size;
    const kinds = Array.from(
      { length: count },
      (_, i) =>
        properties[(readUint(content, start + i * size, size) & (isWide ? 0x7fff : 0x7f)) - 1],
    );
    const codec = kinds.find((kind) => kind?.type === "av1C");
    const lacks = codec !== undefined && !kinds.some((kind) => kind?.type === "pixi");
    if (lacks) added.push(pixelInformation(codec.content));
    isNeeded ||= lacks && readUint(content, at, idSize) === primary;
    const number = properties.length + added.length;
    if (lacks && (count === 255 || !isWide && number > MAX_NARROW)) return null;
    // In front: those that turn the picture come last.
    const more = lacks ? isWide ? [number >> 8, number & 255] : [number] : [];
    entries.push(
      content.subarray(at, start - 1),
      Uint8Array.of(count + (lacks ? 1 : 0), ...more),
      content.subarray(start, end),
    );
    at = end;
  }
  return !isNeeded ? null : { added, associations: concat(entries) };
}

/** The property of an item with this `av1C` (AV1 in ISOBMFF, 2.3): channels, and bits of each. */
function pixelInformation(codec: Uint8Array): Uint8Array {
  const flags = codec[2];
  const bits = (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12;
  const channels = (flags & 0x10) === 0 ? 3 : 1;
  return boxOf("pixi", [Uint8Array.of(0, 0, 0, 0, channels, ...Array(channels).fill(bits))]);
}

function boxOf(type: string, contents: readonly Uint8Array[]): Uint8Array {
  const box = concat([new Uint8Array(HEAD), ...contents]);
  new DataView(box.buffer).setUint32(0, box.length);
  box.set(new TextEncoder().encode(type), 4);
  return box;
}

/**
 * Writes the length of the last box before `end` if it is 0, which means as far as the file goes.
 */
function endLastBox(bytes: Uint8Array, end: number): void {
  for (const { content } of boxesIn(bytes.subarray(0, end))) {
    const at = content.byteOffset - bytes.byteOffset - HEAD;
    if (
      content.byteOffset - bytes.byteOffset + content.length === end && readUint(bytes, at, 4) === 0
    ) {
      new DataView(bytes.buffer).setUint32(at, end - at);
    }
  }
}
