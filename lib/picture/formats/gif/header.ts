/**
 * The blocks of a GIF (GIF89a).
 *
 * @module
 */
import type { BaseHeader } from "../header.ts";

/** What the blocks of a GIF say without anything being decoded. */
export interface GifHeader extends BaseHeader {
  readonly type: "gif";
  /** The pictures, in the order that they are shown. */
  readonly images: readonly GifImage[];
  /** Whether the file ends within a picture. */
  readonly isCut: boolean;
}

/**
 * A picture of a GIF, as its descriptor (section 20) and its control extension (section 23) say.
 */
export interface GifImage {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly isInterlaced: boolean;
  /** The colours, RGB: the picture's own or those of the file; null if there are neither. */
  readonly palette: Uint8Array | null;
  /** The index that is not painted; -1 if all are. */
  readonly transparentIndex: number;
  /** Hundredths of a second. */
  readonly delay: number;
  /** What becomes of it: 2 gives way to the background, 3 to what was before, any other stays. */
  readonly disposal: number;
  /** Bits of a literal code. */
  readonly literalBits: number;
  /** Where its first sub-block of data starts. */
  readonly dataAt: number;
}

const EXTENSION = 0x21, IMAGE = 0x2c, APPLICATION = 0xff, CONTROL = 0xf9;

/** Tells a GIF by its signature (section 17). */
export function isGif(bytes: Uint8Array): boolean {
  return startsWith(bytes, 0, "GIF8") && (bytes[4] === 0x37 || bytes[4] === 0x39);
}

/**
 * Walks the blocks of a GIF (section 10 on), as far as it is whole.
 *
 * @returns null if the screen is not described
 */
export function readGifHeader(bytes: Uint8Array): GifHeader | null {
  if (bytes.length < 13) return null;
  const word = (at: number) => bytes[at] | (bytes[at + 1] << 8);
  const table = (flags: number, at: number) =>
    (flags & 0x80) === 0 ? null : bytes.subarray(at, at + (3 << ((flags & 7) + 1)));
  const global = table(bytes[10], 13);
  const images: GifImage[] = [];
  let plays = 1, isCut = false;
  let control = { delay: 0, disposal: 0, transparentIndex: -1 };
  let at = 13 + (global?.length ?? 0);
  // As far as there are blocks of a known kind.
  for (;;) {
    if (bytes[at] === IMAGE && at + 10 < bytes.length) {
      const flags = bytes[at + 9];
      const local = table(flags, at + 10);
      const codes = at + 10 + (local?.length ?? 0);
      images.push({
        x: word(at + 1),
        y: word(at + 3),
        width: word(at + 5),
        height: word(at + 7),
        isInterlaced: (flags & 0x40) !== 0,
        palette: local ?? global,
        literalBits: bytes[codes] ?? 0,
        dataAt: codes + 1,
        ...control,
      });
      control = { delay: 0, disposal: 0, transparentIndex: -1 };
      at = afterSubBlocks(bytes, codes + 1);
      isCut = at > bytes.length;
    } else if (bytes[at] === EXTENSION) {
      if (bytes[at + 1] === APPLICATION && startsWith(bytes, at + 2, "\x0bNETSCAPE2.0\x03\x01")) {
        const repeats = word(at + 16);
        plays = repeats === 0 ? Infinity : repeats + 1;
      } else if (bytes[at + 1] === CONTROL && bytes[at + 2] >= 4) {
        const flags = bytes[at + 3];
        control = {
          disposal: flags >> 2 & 7,
          delay: word(at + 4),
          transparentIndex: (flags & 1) === 0 ? -1 : bytes[at + 6],
        };
      }
      at = afterSubBlocks(bytes, at + 2);
    } else if (bytes[at] === 0) {
      at++; // a terminator too many
    } else {
      break;
    }
  }
  const [first] = images;
  return {
    type: "gif",
    // Browsers enlarge a screen that is smaller than the first picture.
    width: Math.max(word(6), first === undefined ? 0 : first.x + first.width),
    height: Math.max(word(8), first === undefined ? 0 : first.y + first.height),
    orientation: 1,
    frames: images.length,
    plays,
    images,
    isCut,
  };
}

/** The content of a chain of sub-blocks (section 15), as far as it is there. */
export function joinSubBlocks(bytes: Uint8Array, from: number): Uint8Array {
  const end = Math.min(afterSubBlocks(bytes, from), bytes.length);
  const content = new Uint8Array(Math.max(0, end - from));
  let length = 0;
  for (let at = from; bytes[at] > 0; at += bytes[at] + 1) {
    const block = bytes.subarray(at + 1, at + 1 + bytes[at]);
    content.set(block, length);
    length += block.length;
  }
  return content.subarray(0, length);
}

/**
 * Finds the end of a chain of sub-blocks: each begins with its length, the last is empty.
 *
 * @returns the offset behind it; more than there are bytes if the chain is cut
 */
function afterSubBlocks(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at] + 1;
  return at + 1;
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));
}
