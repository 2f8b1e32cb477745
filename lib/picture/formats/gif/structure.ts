/** What the blocks of a GIF say without anything being decoded. */
export interface GifStructure {
  /** Pixels across of the screen that the frames are placed on. */
  readonly width: number;
  /** Pixels down of that screen. */
  readonly height: number;
  /** Images in the file, as far as it is whole. */
  readonly frames: number;
  /** Pixels of the largest image. */
  readonly largestFrame: number;
  /** How often the animation is to be played, Infinity for ever (the Netscape extension); else once. */
  readonly plays: number;
}

const EXTENSION = 0x21, IMAGE = 0x2c, APPLICATION = 0xff;

/** Walks the blocks of a GIF (GIF89a, section 10 on); null where not even the screen is described. */
export function readGifStructure(bytes: Uint8Array): GifStructure | null {
  if (bytes.length < 13) return null;
  const word = (at: number) => bytes[at] | (bytes[at + 1] << 8);
  let frames = 0, largestFrame = 0, plays = 1;
  let at = 13 + colorTable(bytes[10]);
  while (at < bytes.length) {
    if (bytes[at] === IMAGE && at + 10 <= bytes.length) {
      frames++;
      largestFrame = Math.max(largestFrame, word(at + 5) * word(at + 7));
      at = afterSubBlocks(bytes, at + 11 + colorTable(bytes[at + 9]));
    } else if (bytes[at] === EXTENSION) {
      if (bytes[at + 1] === APPLICATION && isNetscapeLoop(bytes, at + 2)) {
        const repeats = word(at + 16);
        plays = repeats === 0 ? Infinity : repeats + 1;
      }
      at = afterSubBlocks(bytes, at + 2);
    } else {
      break;
    }
  }
  return { width: word(6), height: word(8), frames, largestFrame, plays };
}

/** Bytes of the colour table that the flags of a descriptor announce. */
function colorTable(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
}

/** Where a chain of sub-blocks ends: each begins with its length, the last has none. */
function afterSubBlocks(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at] + 1;
  return at + 1;
}

/** `NETSCAPE2.0` in a block of 11 bytes, then a block of 3 that begins with 1. */
function isNetscapeLoop(bytes: Uint8Array, at: number): boolean {
  const name = "\x0bNETSCAPE2.0\x03\x01";
  return [...name].every((character, i) => bytes[at + i] === character.charCodeAt(0)) &&
    at + 16 < bytes.length;
}
