/**
 * What each of the 256 bytes may be in a head, as a table of bits, and the few loops over bytes
 * that parser and serializer need.
 */

/** Byte may be part of a token: a method or a field name (RFC 9110 §5.6.2). */
export const TOKEN = 1;
/** Byte may be part of a field value or reason phrase: visible, space, tab (RFC 9110 §5.5). */
export const VALUE = 2;
/** Byte of a field value outside ASCII (obs-text, RFC 9110 §5.5). */
export const OBSOLETE_TEXT = 4;
/** Byte may be part of a request target, and means nothing special there. */
export const TARGET = 8;

/** For each byte, the sum of what it may be. */
export const BYTE_KINDS: Uint8Array = new Uint8Array(256);

for (let byte = 0x21; byte < 0x7f; byte++) BYTE_KINDS[byte] = TOKEN | VALUE | TARGET;
for (const delimiter of '"(),/:;<=>?@[\\]{}') BYTE_KINDS[delimiter.charCodeAt(0)] = VALUE | TARGET;
for (let byte = 0x80; byte < 0x100; byte++) BYTE_KINDS[byte] = OBSOLETE_TEXT;
BYTE_KINDS[0x09] = VALUE;
BYTE_KINDS[0x20] = VALUE;
// The target's own marks: the query's start, an encoded byte, and a fragment, which is never sent.
for (const mark of "?%#") BYTE_KINDS[mark.charCodeAt(0)] &= ~TARGET;

/** The line ending's two bytes, and the others that the grammar names. */
export const CR = 0x0d, LF = 0x0a, SP = 0x20, HTAB = 0x09, COLON = 0x3a;

const decoder = new TextDecoder();

/**
 * The bytes from `start` to `end` as a string, one character an byte (ISO-8859-1), so that offsets
 * into the bytes are offsets into the string.
 *
 * @param ascii whether all of them are known to be below 0x80, which is several times as fast
 */
export function textOf(bytes: Uint8Array, start: number, end: number, ascii: boolean): string {
  if (ascii) return decoder.decode(bytes.subarray(start, end));
  let text = "";
  // In pieces: a call takes a limited number of arguments.
  for (let from = start; from < end; from += 4096) {
    text += String.fromCharCode(...bytes.subarray(from, Math.min(end, from + 4096)));
  }
  return text;
}

/**
 * Whether the bytes at `start` spell `lower`, in either case.
 *
 * @param bytes no control characters where it matters: with that bit, they would pass for others
 * @param lower letters in lower case, digits and hyphens
 */
export function spells(bytes: Uint8Array, start: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    // The bit that letters in lower case have and those in upper case have not; digits and hyphens have it.
    if ((bytes[start + i] | 0x20) !== lower.charCodeAt(i)) return false;
  }
  return true;
}
