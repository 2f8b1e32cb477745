/** Decides where a message ends and whether its connection persists (RFC 9112 §6, §9). */
import { HttpError } from "../error.ts";
import type { FieldParser } from "./field_parser.ts";
import { COLON, HTAB, SP, spells } from "./bytes.ts";

/** Content in chunks (RFC 9112 §7.1): returned instead of a length. */
export const CHUNKED = -1;
/** Content up to the end of the connection (RFC 9112 §6.3, rule 8): in responses only. */
export const UNTIL_CLOSE = -2;

/**
 * Returns the length of the content of a message according to its fields (RFC 9112 §6.3), 0 if they
 * announce none.
 *
 * @returns the number of bytes, or `CHUNKED`
 * @throws {HttpError} 400 if two recipients could disagree; 501 for an unknown transfer coding
 */
export function bodyLength(
  fields: FieldParser,
  bytes: Uint8Array,
  base: number,
  minorVersion: 0 | 1,
): number {
  const { transferEncoding, contentLength } = fields.known;
  if (transferEncoding >= 0) {
    if (contentLength >= 0) {
      throw new HttpError(400, "both Content-Length and Transfer-Encoding");
    }
    // An HTTP/1.0 sender does not know the chunked coding, so the framing is in doubt (RFC 9112
    // §6.1).
    if (minorVersion === 0) throw new HttpError(400, "Transfer-Encoding in HTTP/1.0");
    checkCodings(codings(fields, bytes, base));
    return CHUNKED;
  }
  if (contentLength < 0) return 0;
  if (fields.repeated.contentLength) throw new HttpError(400, "more than one Content-Length");
  const length = digits(fields, bytes, base, contentLength);
  if (length < 0) throw new HttpError(400, "an invalid Content-Length");
  return length;
}

/** Returns the transfer codings of every Transfer-Encoding line, in order and in lower case. */
function codings(fields: FieldParser, bytes: Uint8Array, base: number): string[] {
  const { offsets, count } = fields;
  const list: string[] = [];
  for (let i = 0; i < count; i++) {
    const from = offsets[4 * i];
    if (offsets[4 * i + 1] - from !== 17) continue;
    if (!spells(bytes, base + from, "transfer-encoding")) continue;
    let value = "";
    for (let at = offsets[4 * i + 2]; at < offsets[4 * i + 3]; at++) {
      value += String.fromCharCode(bytes[base + at]);
    }
    for (const coding of value.split(",")) {
      list.push(coding.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase());
    }
  }
  return list;
}

function checkCodings(list: readonly string[]): void {
  const first = list.indexOf("chunked");
  if (list.some((coding) => !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(coding))) {
    throw new HttpError(400, "an invalid Transfer-Encoding");
  }
  if (first >= 0 && first < list.length - 1) {
    throw new HttpError(400, "chunked must come last, once");
  }
  if (list.length > 1 || first < 0) throw new HttpError(501, "an unknown transfer coding");
}

/**
 * Returns the decimal number that is the whole value of line `index`, or -1 if it is not a number.
 * Above 2^53 it is Infinity, which exceeds every limit.
 */
function digits(fields: FieldParser, bytes: Uint8Array, base: number, index: number): number {
  const from = base + fields.offsets[4 * index + 2];
  const to = base + fields.offsets[4 * index + 3];
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  if (from === to) return -1;
  return number <= Number.MAX_SAFE_INTEGER ? number : Infinity;
}

/**
 * Returns whether the connection persists after this message (RFC 9112 §9.3): as `Connection` says,
 * otherwise as the version does by default.
 */
export function isPersistent(
  fields: FieldParser,
  bytes: Uint8Array,
  base: number,
  minorVersion: 0 | 1,
): boolean {
  if (fields.known.connection < 0) return minorVersion === 1;
  let keepAlive = false;
  const { offsets, count } = fields;
  for (let line = fields.known.connection; line < count; line++) {
    const from = offsets[4 * line];
    if (offsets[4 * line + 1] - from !== 10 || !spells(bytes, base + from, "connection")) continue;
    let at = base + offsets[4 * line + 2];
    const to = base + offsets[4 * line + 3];
    while (at < to) {
      const option = at;
      while (at < to && bytes[at] !== 0x2c) at++;
      let end = at;
      while (end > option && (bytes[end - 1] === SP || bytes[end - 1] === HTAB)) end--;
      if (end - option === 5 && spells(bytes, option, "close")) return false;
      if (end - option === 10 && spells(bytes, option, "keep-alive")) keepAlive = true;
      at++;
      while (at < to && (bytes[at] === SP || bytes[at] === HTAB)) at++;
    }
  }
  return minorVersion === 1 || keepAlive;
}

/** Returns whether line `index` has exactly this value, ignoring case. */
export function hasValue(
  fields: FieldParser,
  bytes: Uint8Array,
  base: number,
  index: number,
  lower: string,
): boolean {
  const from = base + fields.offsets[4 * index + 2];
  const length = fields.offsets[4 * index + 3] - fields.offsets[4 * index + 2];
  return length === lower.length && spells(bytes, from, lower);
}

/** The bytes that host and port usually consist of. */
const PLAIN_HOST = new Uint8Array(256);
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") {
  PLAIN_HOST[letter.charCodeAt(0)] = 1;
}

/**
 * Returns whether the value of line `index` is a plain `host[:port]`, without creating a string.
 * False means "look closer", not "invalid".
 */
export function isPlainHost(
  fields: FieldParser,
  bytes: Uint8Array,
  base: number,
  index: number,
): boolean {
  let at = base + fields.offsets[4 * index + 2];
  const to = base + fields.offsets[4 * index + 3];
  const from = at;
  while (at < to && PLAIN_HOST[bytes[at]] === 1) at++;
  if (at === from) return false;
  if (at === to) return true;
  if (bytes[at] !== COLON || to - at > 6) return false;
  let port = 0;
  for (at++; at < to; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= 0xffff;
}
