/** Encodes the head of a response (RFC 9112 §4, §5). */
import { Buffer } from "node:buffer";
import { STATUS_TEXT } from "@std/http/status";
import { writeNumber } from "../../text/decimal.ts";
import type { Response } from "../message.ts";
import { invalidFieldName, invalidFieldValue } from "./invalid_field.ts";
import { BYTE_KINDS, OBSOLETE_TEXT, textOf, TOKEN, VALUE } from "./bytes.ts";

/** What the head of a response says about the connection (RFC 9112 §9.3). */
export const CONNECTION_DEFAULT = 0, CONNECTION_CLOSE = 1, CONNECTION_KEEP_ALIVE = 2;

/** Omits `Content-Length`. */
export const NO_LENGTH = -1;

const encoder = new TextEncoder();

/** The status line of each status, created on first use. */
const statusLines: (Uint8Array | undefined)[] = [];

const CONTENT_LENGTH = encoder.encode("Content-Length: ");
const CONNECTION_LINES: readonly Uint8Array[] = [
  new Uint8Array(0),
  encoder.encode("Connection: close\r\n"),
  encoder.encode("Connection: keep-alive\r\n"),
];

/** The fields that the connection writes itself. A handler must not set them. */
const OWN_FIELDS = ["date", "connection", "content-length", "transfer-encoding"];

/**
 * Writes the head of a response (RFC 9112 §4, §5), from prepared bytes where possible.
 *
 * @param out where to write; what does not fit is dropped
 * @param at offset in `out` of the head's first byte
 * @param date the first field lines, as `dateLine` returns them
 * @param length the value of `Content-Length`, or `NO_LENGTH`
 * @param connection one of the `CONNECTION_…` values
 * @returns the offset after the head's last byte, above `out.length` if it did not fit
 * @throws {TypeError} if the status or a field is invalid
 */
export function writeHead(
  out: Uint8Array,
  at: number,
  status: number,
  date: Uint8Array,
  fields: readonly (readonly [string, string])[] | undefined,
  length: number,
  connection: number,
): number {
  at = copy(statusLines[status] ?? statusLine(status), out, at);
  at = copy(date, out, at);
  if (fields !== undefined) {
    for (let i = 0; i < fields.length; i++) at = writeField(out, at, fields[i][0], fields[i][1]);
  }
  if (length !== NO_LENGTH) {
    at = copy(CONTENT_LENGTH, out, at);
    at = writeNumber(out, at, length);
    out[at++] = 0x0d;
    out[at++] = 0x0a;
  }
  if (connection !== CONNECTION_DEFAULT) at = copy(CONNECTION_LINES[connection], out, at);
  out[at++] = 0x0d;
  out[at++] = 0x0a;
  return at;
}

/** Writes one field line and checks it at the same time. */
function writeField(out: Uint8Array, at: number, name: string, value: string): number {
  if (name.length === 0) throw invalidFieldName(name);
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    // A character above U+00FF has no kind.
    if ((BYTE_KINDS[code] & TOKEN) === 0) throw invalidFieldName(name);
    out[at++] = code;
  }
  if (isOwnField(name)) {
    throw new TypeError(
      `Field ${name} must be left out: the connection writes it itself (RFC 9112 §6, §9.3)`,
    );
  }
  out[at++] = 0x3a;
  out[at++] = 0x20;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((BYTE_KINDS[code] & (VALUE | OBSOLETE_TEXT)) === 0) {
      throw invalidFieldValue(name, code);
    }
    out[at++] = code;
  }
  out[at++] = 0x0d;
  out[at++] = 0x0a;
  return at;
}

function isOwnField(name: string): boolean {
  const { length } = name;
  // The lengths of OWN_FIELDS, by which most names are told apart.
  if (length !== 4 && length !== 10 && length !== 14 && length !== 17) return false;
  return OWN_FIELDS.includes(name.toLowerCase());
}

/** Copies bytes to `at` if they fit. Returns the offset after them either way. */
function copy(from: Uint8Array, out: Uint8Array, at: number): number {
  const end = at + from.length;
  if (end <= out.length) out.set(from, at);
  return end;
}

function statusLine(status: number): Uint8Array {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`Status must be an integer from 200 to 599 (RFC 9110 §15), got ${status}`);
  }
  return statusLines[status] = encoder.encode(
    `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? ""}\r\n`,
  );
}

/**
 * Returns the whole `Date` field line of an instant (RFC 9110 §6.6.1), followed by the lines that
 * every response of the server carries.
 *
 * @param milliseconds since 1970
 * @param common those lines, as `fieldLines` returns them
 */
export function dateLine(milliseconds: number, common = ""): Uint8Array {
  const lines = `Date: ${new Date(milliseconds).toUTCString()}\r\n${common}`;
  return new Uint8Array(Buffer.from(lines, "latin1"));
}

/**
 * Returns field lines as they are sent, one character per byte, with their line endings.
 *
 * @throws {TypeError} if a field is invalid
 */
export function fieldLines(fields: readonly (readonly [string, string])[]): string {
  const out = new Uint8Array(
    fields.reduce((length, [name, value]) => length + name.length + value.length + 4, 0),
  );
  let at = 0;
  for (const [name, value] of fields) at = writeField(out, at, name, value);
  return textOf(out, 0, at, false);
}

/**
 * Writes a string as UTF-8.
 *
 * @returns the offset after its last byte, or -1 if it may not fit
 */
export function writeText(out: Uint8Array, at: number, text: string): number {
  if (at + text.length > out.length) return -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) {
      const { read, written } = encoder.encodeInto(text, out.subarray(at));
      return read === text.length ? at + written : -1;
    }
    out[at + i] = code;
  }
  return at + text.length;
}

/** Returns the `Content-Length` of a response (RFC 9110 §8.6), or `NO_LENGTH`. */
export function contentLength(status: number, body: Response["body"]): number {
  if (status === 204) return NO_LENGTH;
  if (body === undefined) return status === 304 ? NO_LENGTH : 0;
  return typeof body === "string" ? textLength(body) : body.length;
}

/** Returns the length of a string in UTF-8, in bytes. */
export function textLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x7f) continue;
    length += code <= 0x7ff ? 1 : 2;
    // A surrogate pair is four bytes: two for its characters, and two added above.
    if (code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) i++;
  }
  return length;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
