/** Decodes the chunked transfer coding (RFC 9112 §7.1). */
import { HttpError } from "../error.ts";
import { BYTE_KINDS, COLON, CR, HTAB, LF, OBSOLETE_TEXT, SP, TOKEN, VALUE } from "./bytes.ts";

// The states of the decoder, each group under its rule of RFC 9112 §7.1.

// chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF; chunk-size = 1*HEXDIG
const SIZE = 0, SIZE_LF = 1, DATA = 2, DATA_CR = 3, DATA_LF = 4;
// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ); chunk-ext-name = token
const BEFORE_SEMICOLON = 5, BEFORE_NAME = 6, NAME = 7, AFTER_NAME = 8;
// chunk-ext-val = token / quoted-string
const BEFORE_EXT_VALUE = 9, TOKEN_VALUE = 10, QUOTED_VALUE = 11, QUOTED_PAIR = 12, AFTER_VALUE = 13;
// trailer-section = *( field-line CRLF ), and the CRLF that ends the body
const TRAILER = 14, TRAILER_NAME = 15, TRAILER_VALUE = 16, TRAILER_LF = 17, END_LF = 18, DONE = 19;

const SEMICOLON = 0x3b, EQUALS = 0x3d, DQUOTE = 0x22, BACKSLASH = 0x5c;

/** A chunk size accepts no further digit from here on: below 2^52 it cannot overflow. */
const LARGE_SIZE = 2 ** 48;

/**
 * Decodes the chunked coding as its bytes arrive. Pure. Chunk extensions and trailers are discarded
 * after a check of their form and size.
 */
export class ChunkedDecoder {
  /** The number of input bytes that the last call used. */
  consumed = 0;
  /** The offset in the input of the data that the last call found. */
  dataFrom = 0;
  /** The offset after that data. Equal to `dataFrom` if the call found none. */
  dataTo = 0;

  #state = SIZE;
  #size = 0;
  #hasDigits = false;
  #overhead: number;
  #tolerant: boolean;

  /**
   * @param overheadBytes the most bytes of extensions and trailers together
   * @param tolerant for responses, as in their heads: a line may end in LF alone. In requests, any
   *   ambiguity is an error
   */
  constructor(overheadBytes: number, tolerant: boolean) {
    this.#overhead = overheadBytes;
    this.#tolerant = tolerant;
  }

  /** Whether the last chunk and the trailers have been decoded. */
  get done(): boolean {
    return this.#state === DONE;
  }

  /** The number of bytes still to come of the current chunk, as far as it is known. */
  get remaining(): number {
    return this.#state === DATA ? this.#size : 0;
  }

  /**
   * Decodes up to the end of one piece of data, the end of the content, or the end of the input.
   * Then `consumed`, `dataFrom`, `dataTo` and `done` describe the result; call again with the rest.
   *
   * @param from offset in `bytes` of the first byte not used yet
   * @param to offset in `bytes` after the last byte that has arrived
   * @throws {HttpError} 400 for a malformed size, line ending or trailer, or too many bytes besides
   *   data
   */
  decode(bytes: Uint8Array, from: number, to: number): void {
    let i = from;
    this.dataFrom = this.dataTo = from;
    while (i < to && this.#state !== DONE) {
      const byte = bytes[i];
      switch (this.#state) {
        case SIZE:
          i++;
          this.#sizeByte(byte);
          break;
        case BEFORE_SEMICOLON:
        case BEFORE_NAME:
        case NAME:
        case AFTER_NAME:
        case BEFORE_EXT_VALUE:
        case TOKEN_VALUE:
        case QUOTED_VALUE:
        case QUOTED_PAIR:
        case AFTER_VALUE:
          i++;
          this.#spend();
          this.#extensionByte(byte);
          break;
        case SIZE_LF:
          this.#expect(byte, LF);
          i++;
          this.#endSizeLine();
          break;
        case DATA: {
          const length = Math.min(this.#size, to - i);
          this.dataFrom = i;
          this.dataTo = i + length;
          this.#size -= length;
          if (this.#size === 0) this.#state = DATA_CR;
          this.consumed = this.dataTo - from;
          return;
        }
        case DATA_CR:
          i++;
          if (byte === LF && this.#tolerant) {
            this.#state = SIZE;
          } else {
            this.#expect(byte, CR);
            this.#state = DATA_LF;
          }
          break;
        case DATA_LF:
          this.#expect(byte, LF);
          i++;
          this.#state = SIZE;
          break;
        case TRAILER:
        case TRAILER_NAME:
        case TRAILER_VALUE:
          i++;
          this.#spend();
          this.#trailerByte(byte);
          break;
        case TRAILER_LF:
          this.#expect(byte, LF);
          i++;
          this.#state = TRAILER;
          break;
        case END_LF:
          this.#expect(byte, LF);
          i++;
          this.#state = DONE;
          break;
      }
    }
    this.consumed = i - from;
  }

  #sizeByte(byte: number): void {
    const digit = hexadecimal(byte);
    if (digit >= 0) {
      if (this.#size >= LARGE_SIZE) throw new HttpError(400, "a chunk size that is too large");
      // Leading zeros do not make the size larger, so they must be limited otherwise.
      if (this.#size === 0 && this.#hasDigits) this.#spend();
      this.#hasDigits = true;
      this.#size = this.#size * 16 + digit;
    } else if (this.#hasDigits) {
      this.#afterElement(byte, BEFORE_SEMICOLON);
    } else {
      throw new HttpError(400, "an invalid chunk size");
    }
  }

  /** Takes a byte of the extensions, which must be well-formed and complete. */
  #extensionByte(byte: number): void {
    const isToken = (BYTE_KINDS[byte] & TOKEN) !== 0;
    const isSpace = byte === SP || byte === HTAB;
    switch (this.#state) {
      case BEFORE_SEMICOLON:
        if (byte === SEMICOLON) this.#state = BEFORE_NAME;
        else if (!isSpace) throw malformedExtension();
        break;
      case BEFORE_NAME:
        if (isToken) this.#state = NAME;
        else if (!isSpace) throw malformedExtension();
        break;
      case NAME:
        if (byte === EQUALS) this.#state = BEFORE_EXT_VALUE;
        else if (!isToken) this.#afterElement(byte, AFTER_NAME);
        break;
      case AFTER_NAME:
        if (byte === EQUALS) this.#state = BEFORE_EXT_VALUE;
        else if (byte === SEMICOLON) this.#state = BEFORE_NAME;
        else if (!isSpace) throw malformedExtension();
        break;
      case BEFORE_EXT_VALUE:
        if (byte === DQUOTE) this.#state = QUOTED_VALUE;
        else if (isToken) this.#state = TOKEN_VALUE;
        else if (!isSpace) throw malformedExtension();
        break;
      case TOKEN_VALUE:
        if (!isToken) this.#afterElement(byte, BEFORE_SEMICOLON);
        break;
      case QUOTED_VALUE:
        if (byte === DQUOTE) this.#state = AFTER_VALUE;
        else if (byte === BACKSLASH) this.#state = QUOTED_PAIR;
        else this.#expectText(byte);
        break;
      case QUOTED_PAIR:
        this.#expectText(byte);
        this.#state = QUOTED_VALUE;
        break;
      case AFTER_VALUE:
        this.#afterElement(byte, BEFORE_SEMICOLON);
        break;
    }
  }

  /**
   * Takes the byte after a size, a name or a value: the end of the line, the next extension, or
   * whitespace before one.
   */
  #afterElement(byte: number, afterSpace: number): void {
    if (byte === CR) this.#state = SIZE_LF;
    else if (byte === LF && this.#tolerant) this.#endSizeLine();
    else if (byte === SEMICOLON) this.#state = BEFORE_NAME;
    else if (byte === SP || byte === HTAB) this.#state = afterSpace;
    else {throw this.#state === SIZE
        ? new HttpError(400, "an invalid chunk size")
        : malformedExtension();}
  }

  #expectText(byte: number): void {
    if ((BYTE_KINDS[byte] & (VALUE | OBSOLETE_TEXT)) === 0) throw malformedExtension();
  }

  #endSizeLine(): void {
    this.#hasDigits = false;
    this.#state = this.#size === 0 ? TRAILER : DATA;
  }

  /**
   * Takes a byte of the trailers. Only their form is checked, which is that of fields (RFC 9112
   * §7.1.2).
   */
  #trailerByte(byte: number): void {
    if (this.#state === TRAILER_VALUE) {
      if (byte === CR) this.#state = TRAILER_LF;
      else if (byte === LF && this.#tolerant) this.#state = TRAILER;
      else if ((BYTE_KINDS[byte] & (VALUE | OBSOLETE_TEXT)) === 0) {
        throw new HttpError(400, "a control character in a trailer");
      }
    } else if ((BYTE_KINDS[byte] & TOKEN) !== 0) {
      this.#state = TRAILER_NAME;
    } else if (byte === COLON && this.#state === TRAILER_NAME) {
      this.#state = TRAILER_VALUE;
    } else if (byte === CR && this.#state === TRAILER) {
      this.#state = END_LF;
    } else if (byte === LF && this.#tolerant && this.#state === TRAILER) {
      this.#state = DONE;
    } else {
      throw new HttpError(400, "a malformed trailer");
    }
  }

  #expect(byte: number, expected: number): void {
    if (byte !== expected) throw new HttpError(400, "a chunk that does not end where it says");
  }

  #spend(): void {
    if (--this.#overhead < 0) {
      throw new HttpError(400, "chunk extensions or trailers that are too large");
    }
  }
}

function malformedExtension(): HttpError {
  return new HttpError(400, "a malformed chunk extension");
}

function hexadecimal(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 0x57 : -1;
}
