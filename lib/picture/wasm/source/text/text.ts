/**
 * Text that is written byte by byte, in UTF-8.
 */

let start: usize = 0;
let to: usize = 0;

/** Begins with a text of so many bytes at most. */
export function startText(bytes: i32): void {
  start = heap.alloc(4 + bytes) + 4;
  to = start;
}

/**
 * Ends it. @returns the address of a 32-bit integer, its length in bytes, behind which it stands
 */
export function endText(): usize {
  store<i32>(start - 4, <i32> (to - start));
  return start - 4;
}

/** Where the next byte goes. */
export function position(): usize {
  return to;
}

/** Continues to write at another address. */
export function moveTo(at: usize): void {
  to = at;
}

/** Writes an ASCII character. */
export function put(byte: i32): void {
  store<u8>(to++, byte);
}

/** Writes a character by its code point: ASCII, or above U+07FF. */
export function putCharacter(codePoint: i32): void {
  if (codePoint < 0x80) {
    put(codePoint);
    return;
  }
  if (codePoint < 0x10000) put(0xe0 | codePoint >> 12);
  else {
    put(0xf0 | codePoint >> 18);
    put(0x80 | codePoint >> 12 & 63);
  }
  put(0x80 | codePoint >> 6 & 63);
  put(0x80 | codePoint & 63);
}

/** Bytes that `putCharacter` writes. */
export function characterBytes(codePoint: i32): i32 {
  return codePoint < 0x80 ? 1 : codePoint < 0x10000 ? 3 : 4;
}

/** Writes a number below 1000. */
export function putNumber(number: i32): void {
  if (number >= 100) put(0x30 + number / 100);
  if (number >= 10) put(0x30 + number / 10 % 10);
  put(0x30 + number % 10);
}
