/**
 * Classifies the 256 bytes by what they may be in a head, with the few loops over bytes that
 * parsers and encoders share.
 */
import { Buffer } from "node:buffer";

/** Allowed in a token: a method or a field name (RFC 9110 §5.6.2). */
export const TOKEN = 1;
/** Allowed in a field value or reason phrase: visible ASCII, space, tab (RFC 9110 §5.5). */
export const VALUE = 2;
/** Allowed in a field value, but outside ASCII (obs-text, RFC 9110 §5.5). */
export const OBSOLETE_TEXT = 4;
/** Allowed in a request target, without a special meaning there. */
export const TARGET = 8;

/** For each byte, the combination of the flags above. */
export const BYTE_KINDS: Uint8Array = new Uint8Array(256).fill(OBSOLETE_TEXT, 0x80);

for (let byte = 0x21; byte < 0x7f; byte++) BYTE_KINDS[byte] = TOKEN | VALUE | TARGET;
for (const delimiter of '"(),/:;<=>?@[\\]{}') BYTE_KINDS[delimiter.charCodeAt(0)] = VALUE | TARGET;
BYTE_KINDS[0x09] = VALUE;
BYTE_KINDS[0x20] = VALUE;
// These have a meaning in a target: the start of the query, an encoded byte, and a fragment, which
// is never sent.
for (const mark of "?%#") BYTE_KINDS[mark.charCodeAt(0)] &= ~TARGET;

/** The two bytes of a line ending, and others that the grammar names. */
export const CR = 0x0d, LF = 0x0a, SP = 0x20, HTAB = 0x09, COLON = 0x3a;

const decoder = new TextDecoder();

/**
 * Returns the bytes from `start` to `end` as a string with one character per byte (ISO-8859-1), so
 * that offsets into the bytes are offsets into the string.
 *
 * @param ascii whether all of them are known to be below 0x80, which is faster
 */
export function textOf(bytes: Uint8Array, start: number, end: number, ascii: boolean): string {
  if (ascii) return decoder.decode(bytes.subarray(start, end));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1", start, end);
}

/**
 * Returns whether the bytes at `start` spell `lower`, ignoring case.
 *
 * @param bytes must not contain control characters, which would pass for digits and hyphens
 * @param lower lower-case letters, digits and hyphens
 */
export function spells(bytes: Uint8Array, start: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    // This bit distinguishes lower case from upper case. Digits and hyphens have it, too.
    if ((bytes[start + i] | 0x20) !== lower.charCodeAt(i)) return false;
  }
  return true;
}
