/** Parses the head of a response (RFC 9112 §4, §5) and says what follows it. */
import { HttpError } from "../error.ts";
import { bodyLength, isPersistent, UNTIL_CLOSE } from "./framing.ts";
import type { ClientLimits } from "../limits.ts";
import { MessageHead } from "./message_head.ts";
import { BYTE_KINDS, CR, LF, OBSOLETE_TEXT, SP, VALUE } from "./bytes.ts";

/** The beginning of a status line (RFC 9112 §4). Each `d` stands for a digit. */
const PATTERN = "HTTP/1.d ddd";

// The states of the parser within the status line, each under its rule of RFC 9112 §4.

// status-line = HTTP-version SP status-code SP [ reason-phrase ]; status-code = 3DIGIT
const STATUS = 0;
// reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )
const REASON = 1;
// CRLF
const LINE_LF = 2;

/**
 * Parses the head of a response (RFC 9112 §4, §5). `parse` throws 502 for a malformed or overlong
 * status line and 431 for a head that is too large. Tolerant where a client risks nothing: LF alone
 * ends a line, and a malformed field line is skipped.
 */
export class ResponseHead extends MessageHead {
  /** The status code, 100 to 999. */
  status = 0;
  /** The minor version. */
  minorVersion: 0 | 1 = 1;
  /** The offsets of the reason phrase, from the first byte of the head. */
  reasonFrom = 0;
  /** See `reasonFrom`. */
  reasonTo = 0;

  #limit: number;
  #state = STATUS;
  #ascii = true;

  constructor(limits: ClientLimits) {
    super({ bytes: limits.headBytes, lines: limits.fields, tolerant: true });
    this.#limit = limits.headBytes;
  }

  override reset(): void {
    super.reset();
    this.#state = STATUS;
    this.#ascii = true;
    this.status = 0;
  }

  /** Whether every byte of the head is ASCII. */
  get ascii(): boolean {
    return this.#ascii && this.fields.ascii;
  }

  protected parseStartLine(bytes: Uint8Array, start: number, from: number, end: number): number {
    let i = from;
    while (i < end) {
      const byte = bytes[i];
      const index = i++ - start;
      if (index >= this.#limit) throw new HttpError(502, "the status line is too long");
      if (index < PATTERN.length) {
        this.#statusByte(byte, index);
      } else if (this.#state === LINE_LF) {
        if (byte !== LF) throw new HttpError(502, "a bare carriage return in the status line");
        return this.#endLine(start, i);
      } else if (byte === LF) {
        this.reasonTo = index;
        return this.#endLine(start, i);
      } else if (byte === CR) {
        this.reasonTo = index;
        this.#state = LINE_LF;
      } else if (this.#state === REASON) {
        this.#reasonByte(byte);
      } else if (byte === SP) {
        this.reasonFrom = index + 1;
        this.#state = REASON;
      } else {
        throw new HttpError(502, "an invalid status code");
      }
    }
    return i;
  }

  /** Takes the `index`th byte of the version and the status. */
  #statusByte(byte: number, index: number): void {
    const digit = byte - 0x30;
    const isDigit = digit >= 0 && digit <= 9;
    const fits = PATTERN[index] === "d" ? isDigit : byte === PATTERN.charCodeAt(index);
    if (!fits) throw new HttpError(502, "a response that is not HTTP/1");
    if (index === 7) this.minorVersion = digit === 0 ? 0 : 1;
    else if (index > 8) this.status = this.status * 10 + digit;
    if (index < PATTERN.length - 1) return;
    if (this.status < 100) throw new HttpError(502, "an invalid status code");
    // Without a reason phrase, the reason is empty.
    this.reasonFrom = index + 1;
  }

  #reasonByte(byte: number): void {
    const kind = BYTE_KINDS[byte];
    if ((kind & (VALUE | OBSOLETE_TEXT)) === 0) {
      throw new HttpError(502, "a control character in the status line");
    }
    if (kind === OBSOLETE_TEXT) this.#ascii = false;
  }

  /** Ends the line before `after`. The bytes it used count towards the limit of the head. */
  #endLine(start: number, after: number): number {
    const used = after - start;
    this.beginFields(used, this.#limit - used);
    return after;
  }
}

/**
 * Returns the length of the content of a response (RFC 9112 §6.3).
 *
 * @param method the method of the request
 * @param start offset in `bytes` of the head's first byte
 * @returns the number of bytes, `CHUNKED`, or `UNTIL_CLOSE`
 * @throws {HttpError} 400 or 501, like `bodyLength`, if the framing cannot be trusted
 */
export function responseBodyLength(
  head: ResponseHead,
  method: string,
  bytes: Uint8Array,
  start: number,
): number {
  const { status, fields } = head;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return 0;
  const { transferEncoding, contentLength } = fields.known;
  if (transferEncoding < 0 && contentLength < 0) return UNTIL_CLOSE;
  return bodyLength(fields, bytes, start, head.minorVersion);
}

/** Returns whether the connection can carry another request after this response (RFC 9112 §9.3). */
export function isReusable(head: ResponseHead, bytes: Uint8Array, start: number): boolean {
  return isPersistent(head.fields, bytes, start, head.minorVersion);
}
