/** Parses the field section of a head (RFC 9112 §5). */
import { HttpError } from "../error.ts";
import {
  BYTE_KINDS,
  COLON,
  CR,
  HTAB,
  LF,
  OBSOLETE_TEXT,
  SP,
  spells,
  TOKEN,
  VALUE,
} from "./bytes.ts";

// The states of the parser, each under its rule of RFC 9112 §5.

// *( field-line CRLF ) CRLF
const LINE = 0;
// field-line = field-name ":" OWS field-value OWS; field-name = token (RFC 9110 §5.1)
const NAME = 1;
// OWS = *( SP / HTAB ) (RFC 9110 §5.6.3)
const BEFORE_VALUE = 2;
// field-value = *( VCHAR / obs-text / SP / HTAB ), without the whitespace around it (RFC 9110 §5.5)
const IN_VALUE = 3;
// CRLF, of a line or of the section
const LINE_END = 4, SECTION_END = 5;
// A malformed line of a response, skipped up to its LF.
const SKIPPED = 6;

/** The options of a `FieldParser`. */
export interface FieldParserOptions {
  /** The most bytes of the section, including the empty line. */
  readonly bytes: number;
  /** The most field lines. */
  readonly lines: number;
  /**
   * For responses: a line may end in LF alone, and a malformed line is skipped unless it concerns
   * framing. In requests any ambiguity is an error, since two recipients that resolve it
   * differently can be played off against each other (request smuggling, RFC 9112 §11.2).
   */
  readonly tolerant: boolean;
}

/** The field lines that concern framing and connection. */
export interface KnownLines {
  host: number;
  connection: number;
  contentLength: number;
  transferEncoding: number;
  expect: number;
}

/**
 * Parses the field section of a head (RFC 9112 §5) in one pass as its bytes arrive, after `reset`.
 * It keeps only offsets; strings are created on demand. Offsets count from the first byte of the head, so that
 * the owner may move the bytes between two calls.
 */
export class FieldParser {
  /**
   * Four offsets per line: start and end of the name, start and end of the value. Grows, and is
   * reused.
   */
  offsets: Int32Array = new Int32Array(4 * 16);
  /** The number of lines so far. */
  count = 0;
  /** Whether every byte so far is ASCII. */
  ascii!: boolean;
  /** Whether a value may contain line breaks, each of which is to be read as a space. */
  folded!: boolean;
  /** The index of the first line of each name, or -1. */
  readonly known: KnownLines = {
    host: -1,
    connection: -1,
    contentLength: -1,
    transferEncoding: -1,
    expect: -1,
  };
  /** Which names occur more than once, where that is an error. */
  readonly repeated: { host?: boolean; contentLength?: boolean; expect?: boolean } = {};

  #options: FieldParserOptions;
  #state = LINE;
  /** Whether a continuation here is skipped: that of a skipped line, or one before the first. */
  #skipsContinuation!: boolean;
  /** The most bytes of the head up to the end of the section. */
  #limit = 0;
  #nameFrom = 0;
  #nameTo = 0;
  #valueFrom = 0;

  constructor(options: FieldParserOptions) {
    this.#options = options;
  }

  /**
   * Prepares for a section. It begins `first` bytes after the start of the head.
   *
   * @param room the most bytes of the section, if the start line has left less than usual
   */
  reset(first: number, room: number = this.#options.bytes): void {
    this.#limit = first + room;
    this.#state = LINE;
    this.count = 0;
    this.ascii = true;
    this.folded = false;
    // A continuation before the first line is skipped (RFC 9112 §2.2).
    this.#skipsContinuation = true;
    const { known, repeated } = this;
    repeated.host = repeated.contentLength = repeated.expect = false;
    known.host = known.connection = known.contentLength = -1;
    known.transferEncoding = known.expect = -1;
  }

  /**
   * Parses the bytes that have arrived.
   *
   * @param bytes holds the head from `base` on
   * @param from offset in `bytes` of the first byte not parsed yet
   * @param to offset in `bytes` after the last byte that has arrived
   * @returns the offset after the section's empty line, or -1 if more bytes are needed
   * @throws {HttpError} 400 if malformed, 431 if too large
   */
  parse(bytes: Uint8Array, base: number, from: number, to: number): number {
    const { tolerant } = this.#options;
    const limit = base + this.#limit;
    const end = Math.min(to, limit);
    let state = this.#state;
    let i = from;
    while (i < end) {
      if (state === LINE) {
        if (bytes[i] === CR) {
          state = SECTION_END;
          i++;
          continue;
        }
        if (bytes[i] === LF && tolerant) return i + 1;
        if (tolerant && (bytes[i] === SP || bytes[i] === HTAB)) {
          state = this.#skipsContinuation ? SKIPPED : this.#unfold();
          continue;
        }
        this.#skipsContinuation = false;
        if (this.count === this.#options.lines) throw new HttpError(431, "too many header fields");
        this.#nameFrom = i - base;
        state = NAME;
      }
      if (state === NAME) {
        while (i < end && (BYTE_KINDS[bytes[i]] & TOKEN) !== 0) i++;
        if (i === end) break;
        this.#nameTo = i - base;
        if (bytes[i] === COLON && this.#nameTo > this.#nameFrom) {
          state = BEFORE_VALUE;
          i++;
        } else if (tolerant) {
          state = this.#skip(bytes, base);
        } else {
          throw new HttpError(400, malformedName(bytes[i], this.#nameTo === this.#nameFrom));
        }
      }
      if (state === BEFORE_VALUE) {
        while (i < end && (bytes[i] === SP || bytes[i] === HTAB)) i++;
        if (i === end) break;
        this.#valueFrom = i - base;
        state = IN_VALUE;
      }
      if (state === IN_VALUE) {
        for (; i < end; i++) {
          const kind = BYTE_KINDS[bytes[i]];
          if ((kind & VALUE) !== 0) continue;
          if (kind !== OBSOLETE_TEXT) break;
          this.ascii = false;
        }
        if (i === end) break;
        if (bytes[i] === CR) {
          state = LINE_END;
          i++;
        } else if (!tolerant) {
          throw new HttpError(400, malformedValue(bytes[i]));
        } else if (bytes[i] === LF) {
          this.#add(bytes, base, i);
          state = LINE;
          i++;
        } else {
          state = this.#skip(bytes, base);
        }
        continue;
      }
      if (state === LINE_END) {
        if (bytes[i] === LF) {
          this.#add(bytes, base, i - 1);
          state = LINE;
          i++;
        } else if (tolerant) {
          state = this.#skip(bytes, base);
        } else {
          throw new HttpError(400, "a bare carriage return in a header field");
        }
        continue;
      }
      if (state === SECTION_END) {
        if (bytes[i] === LF) return i + 1;
        if (!tolerant) throw new HttpError(400, "a bare carriage return in the head");
        this.#skipsContinuation = true;
        state = SKIPPED;
      }
      if (state === SKIPPED) {
        while (i < end && bytes[i] !== LF) {
          if (bytes[i] >= 0x80) this.ascii = false;
          i++;
        }
        if (i === end) break;
        state = LINE;
        i++;
      }
    }
    this.#state = state;
    if (i === limit) throw new HttpError(431, "the header fields are too large");
    return -1;
  }

  /**
   * Returns the state for a malformed line: it is skipped, unless it tries to say where the message
   * ends.
   */
  #skip(bytes: Uint8Array, base: number): number {
    const name = base + this.#nameFrom;
    const length = this.#nameTo - this.#nameFrom;
    if (
      length === 14 && spells(bytes, name, "content-length") ||
      length === 17 && spells(bytes, name, "transfer-encoding")
    ) throw new HttpError(400, "a malformed line about the length of the content");
    this.#skipsContinuation = true;
    return SKIPPED;
  }

  /** Reopens the last line, which continues here (obs-fold, RFC 9112 §5.2). Returns the state. */
  #unfold(): number {
    const slot = --this.count * 4;
    this.#nameFrom = this.offsets[slot];
    this.#nameTo = this.offsets[slot + 1];
    this.#valueFrom = this.offsets[slot + 2];
    this.folded = true;
    return IN_VALUE;
  }

  /** Adds the line whose value, not trimmed yet, ends at `to`. */
  #add(bytes: Uint8Array, base: number, to: number): void {
    const from = base + this.#valueFrom;
    while (to > from && (bytes[to - 1] === SP || bytes[to - 1] === HTAB)) to--;
    const index = this.count++;
    const slot = index * 4;
    if (slot === this.offsets.length) {
      const grown = new Int32Array(2 * slot);
      grown.set(this.offsets);
      this.offsets = grown;
    }
    const { offsets } = this;
    offsets[slot] = this.#nameFrom;
    offsets[slot + 1] = this.#nameTo;
    offsets[slot + 2] = this.#valueFrom;
    offsets[slot + 3] = to - base;
    this.#recognize(bytes, base + this.#nameFrom, this.#nameTo - this.#nameFrom, index);
  }

  /** Remembers line `index` if its name, `length` bytes from `name` on, is one of `known`. */
  #recognize(bytes: Uint8Array, name: number, length: number, index: number): void {
    const { known, repeated } = this;
    if (length === 4 && spells(bytes, name, "host")) {
      if (known.host === -1) known.host = index;
      else repeated.host = true;
    } else if (length === 6 && spells(bytes, name, "expect")) {
      if (known.expect === -1) known.expect = index;
      else repeated.expect = true;
    } else if (length === 10 && spells(bytes, name, "connection")) {
      if (known.connection === -1) known.connection = index;
    } else if (length === 14 && spells(bytes, name, "content-length")) {
      if (known.contentLength === -1) known.contentLength = index;
      // The same line again, if it was folded.
      else if (known.contentLength !== index) repeated.contentLength = true;
    } else if (length === 17 && spells(bytes, name, "transfer-encoding")) {
      if (known.transferEncoding === -1) known.transferEncoding = index;
    }
  }
}

/**
 * Returns what is wrong with a field name.
 *
 * @param byte the byte that ended it, which is not a colon after a name
 * @param isEmpty whether nothing came before that byte
 */
function malformedName(byte: number, isEmpty: boolean): string {
  if (byte === LF) return "a header line that does not end in CR LF";
  if (byte === CR) return "a header line without a colon";
  if (byte !== SP && byte !== HTAB) return "a header field with an invalid name";
  return isEmpty ? "a folded header field" : "white space before the colon of a header field";
}

/** Returns what is wrong with a field value that ended at `byte`, which is not CR. */
function malformedValue(byte: number): string {
  if (byte === LF) return "a header line that does not end in CR LF";
  return "a control character in a header field";
}
