/** Parses the head of a request (RFC 9112 §3, §5). */
import { HttpError } from "../error.ts";
import { MessageHead } from "./message_head.ts";
import { BYTE_KINDS, CR, LF, SP, TARGET, textOf, TOKEN } from "./bytes.ts";

/** The methods that this engine knows (RFC 9110 §9.3, RFC 5789). Any other gets 501. */
export const METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "TRACE",
  "CONNECT",
];

/** Longer than any registered method. A longer token is unknown without looking further. */
const LONGEST_METHOD = 32;

/** The end of nearly every request line, compared in one step. */
const USUAL_VERSION = "HTTP/1.1\r";

// The states of the parser within the request line, each under its rule of RFC 9112.

// [ CRLF ], which is tolerated (§2.2)
const START = 0, START_LF = 1;
// request-line = method SP request-target SP HTTP-version (§3); method = token (RFC 9110 §9.1)
const METHOD = 2;
// request-target = origin-form / absolute-form / authority-form / asterisk-form (§3.2)
const IN_TARGET = 3;
// HTTP-version = HTTP-name "/" DIGIT "." DIGIT; HTTP-name = %s"HTTP" (§2.3)
const IN_VERSION = 4;
// CRLF
const LINE_LF = 5;

/** The limits on the head of a request; see `ServerLimits`. */
export interface RequestHeadLimits {
  /** The bytes of the field section. */
  readonly headBytes: number;
  /** The field lines. */
  readonly fields: number;
  /** The bytes of the target. */
  readonly target: number;
}

/** Parses heads of requests, one after another (RFC 9112 §3, §5). */
export interface RequestHeadParser {
  /** Begins the next head. */
  reset(): void;
  /**
   * Parses on, from the byte where the last call ended. Returns whether the head is complete.
   *
   * @param bytes the buffer, with everything received of this head
   * @param start where the head starts in it
   * @param end where the received bytes end
   * @throws {HttpError} 400, 414, 431, 501 or 505
   */
  parse(bytes: Uint8Array, start: number, end: number): boolean;
}

/** Returns the parser that the server uses, apart from any connection. */
export function requestHeadParser(limits: RequestHeadLimits): RequestHeadParser {
  return new RequestHead(limits);
}

/**
 * Parses the head of a request (RFC 9112 §3, §5). `parse` throws 400, 414, 431, 501 or 505. Strict:
 * two recipients that resolve an ambiguity differently can be played off against each other.
 */
export class RequestHead extends MessageHead {
  /** The method: one of `METHODS`, or any other token. */
  method = "";
  /** The minor version. A later 1.x is treated as 1.1 (RFC 9110 §2.5). */
  minorVersion: 0 | 1 = 1;
  /** The offsets of the target, from the first byte of the head. */
  targetFrom = 0;
  /** See `targetFrom`. */
  targetTo = 0;
  /** The offset of the target's first `?`, or -1. */
  queryMark = -1;
  /** Whether the target contains a `%`. */
  encoded = false;
  /** Whether a byte of a request, other than the tolerated empty line, has been parsed. */
  started = false;

  #limits: RequestHeadLimits;
  #state = START;
  #methodFrom = 0;
  #versionFrom = 0;
  #major = 1;

  constructor(limits: RequestHeadLimits) {
    super({ bytes: limits.headBytes, lines: limits.fields, tolerant: false });
    this.#limits = limits;
  }

  override reset(): void {
    super.reset();
    this.#state = START;
    this.method = "";
    this.targetFrom = this.targetTo = 0;
    this.queryMark = -1;
    this.encoded = false;
    this.started = false;
  }

  /**
   * Returns method and path as far as they have been parsed, `-` for what has not. The parameters
   * are those of `parse`.
   */
  seen(bytes: Uint8Array, start: number): [method: string, path: string] {
    if (this.targetTo === 0) return [this.method || "-", "-"];
    const to = this.queryMark === -1 ? this.targetTo : this.queryMark;
    return [this.method, textOf(bytes, start + this.targetFrom, start + to, true)];
  }

  protected parseStartLine(bytes: Uint8Array, start: number, from: number, end: number): number {
    let i = from;
    while (i < end) {
      const byte = bytes[i];
      switch (this.#state) {
        case START:
          // One empty line before a request is tolerated (RFC 9112 §2.2).
          if (byte === CR && i === start) {
            this.#state = START_LF;
            i++;
          } else {
            this.#methodFrom = i - start;
            this.started = true;
            this.#state = METHOD;
          }
          break;
        case START_LF:
          if (byte !== LF) throw new HttpError(400, "a bare carriage return before the request");
          this.#state = START;
          i++;
          break;
        case METHOD: {
          const first = start + this.#methodFrom;
          const limit = first + LONGEST_METHOD;
          while (i < end && i <= limit && (BYTE_KINDS[bytes[i]] & TOKEN) !== 0) i++;
          if (i > limit) throw new HttpError(501, "the method is not implemented");
          if (i === end) return i;
          if (bytes[i] !== SP || i === first) throw new HttpError(400, "an invalid method");
          this.method = methodAt(bytes, first, i);
          i++;
          this.targetFrom = i - start;
          this.#state = IN_TARGET;
          break;
        }
        case IN_TARGET:
          i = this.#parseTarget(bytes, start, i, end);
          break;
        case IN_VERSION: {
          const index = i - start - this.#versionFrom;
          if (index === 0 && i + USUAL_VERSION.length <= end && isAt(bytes, i, USUAL_VERSION)) {
            this.minorVersion = 1;
            this.#state = LINE_LF;
            i += USUAL_VERSION.length;
            break;
          }
          this.#versionByte(byte, index);
          i++;
          break;
        }
        case LINE_LF:
          if (byte !== LF) throw new HttpError(400, "a bare carriage return in the request line");
          i++;
          this.beginFields(i - start);
          return i;
      }
    }
    return i;
  }

  #parseTarget(bytes: Uint8Array, start: number, i: number, end: number): number {
    const from = start + this.targetFrom;
    // Where the target becomes too long.
    const limit = from + this.#limits.target + 1;
    const stop = Math.min(end, limit);
    for (;;) {
      while (i < stop && (BYTE_KINDS[bytes[i]] & TARGET) !== 0) i++;
      if (i === limit) throw new HttpError(414, "the request target is too long");
      if (i === end) return i;
      const byte = bytes[i];
      if (byte === 0x25) {
        this.encoded = true;
      } else if (byte === 0x3f) {
        if (this.queryMark === -1) this.queryMark = i - start;
      } else if (byte === SP) {
        if (i === from) throw new HttpError(400, "no request target");
        this.targetTo = i - start;
        this.#versionFrom = i + 1 - start;
        this.#state = IN_VERSION;
        return i + 1;
      } else if (byte === CR || byte === LF) {
        throw new HttpError(400, "a request line without a version");
      } else {
        throw new HttpError(400, "a character in the request target that must be encoded");
      }
      i++;
    }
  }

  /** Takes the `index`th byte of `HTTP/1.1 CR`. */
  #versionByte(byte: number, index: number): void {
    const isDigit = byte >= 0x30 && byte <= 0x39;
    const fits = index === 5 || index === 7 ? isDigit : byte === USUAL_VERSION.charCodeAt(index);
    if (!fits) throw new HttpError(400, "an invalid HTTP version");
    if (index === 5) {
      // Kept until the minor digit is there: `HTTP/2x` is malformed, `HTTP/2.0` is not supported.
      this.#major = byte - 0x30;
    } else if (index === 7) {
      this.minorVersion = byte === 0x30 ? 0 : 1;
    } else if (index === 8) {
      if (this.#major !== 1) throw new HttpError(505, "the HTTP version is not supported");
      this.#state = LINE_LF;
    }
  }
}

/** Returns the method from `from` to `to`: the constant of a known one, or a new string. */
function methodAt(bytes: Uint8Array, from: number, to: number): string {
  for (const method of METHODS) {
    if (method.length === to - from && isAt(bytes, from, method)) return method;
  }
  return textOf(bytes, from, to, true);
}

/** Returns whether the bytes from `at` on are this text, which is ASCII. */
function isAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
