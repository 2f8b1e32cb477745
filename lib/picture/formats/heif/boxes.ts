/**
 * The boxes of the ISO base media file format (ISO/IEC 14496-12) that HEIF and AVIF are made of.
 *
 * @module
 */

/** A box. */
export interface Box {
  readonly type: string;
  readonly content: Uint8Array;
}

/** The boxes in a piece of a file; of the last, what is there. */
export function* boxesIn(bytes: Uint8Array): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length;) {
    let length = readUint(bytes, at, 4), head = 8;
    if (length === 1) {
      length = readUint(bytes, at + 8, 8);
      head = 16;
    } else if (length === 0) length = bytes.length - at;
    if (length < head) return;
    yield { type: textAt(bytes, at + 4), content: bytes.subarray(at + head, at + length) };
    at += length;
  }
}

/** The first box along a path, e.g. "meta", "iprp"; null if there is none. */
export function findBox(bytes: Uint8Array, ...path: string[]): Uint8Array | null {
  let content = bytes;
  for (const type of path) {
    const box = boxesIn(content).find((box) => box.type === type);
    if (box === undefined) return null;
    // Of a full box, version and flags stand before its boxes.
    content = type === "meta" ? box.content.subarray(4) : box.content;
  }
  return content;
}

/** An unsigned number of so many bytes, the highest first; 0 for bytes that are missing. */
export function readUint(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** Four characters. */
export function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
