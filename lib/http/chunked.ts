import { HttpError } from "./error.ts";
import { COLON, CR, HTAB, LF, OBSOLETE_TEXT, OCTETS, SP, TOKEN, VALUE } from "./octets.ts";

/** Where the decoder is. */
const SIZE = 0, AFTER_SIZE = 1, EXTENSION = 2, SIZE_LF = 3, DATA = 4, DATA_CR = 5, DATA_LF = 6;
const TRAILER = 7, TRAILER_NAME = 8, TRAILER_VALUE = 9, TRAILER_LF = 10, END_LF = 11, DONE = 12;

/** A chunk size takes no further digit from here on: below 2^52 there is no overflow. */
const LARGE_SIZE = 2 ** 48;

/**
 * Takes the chunked coding off (RFC 9112 §7.1), as its octets arrive. Pure. Chunk extensions and trailers
 * are dropped, once it is clear that they are not too large and hold no control character.
 */
export class ChunkedDecoder {
  /** Octets of the input that the last call has used. */
  consumed = 0;
  /** Offset in the input of the data that the last call found. */
  dataFrom = 0;
  /** Offset after it; equal to `dataFrom` where there is none. */
  dataTo = 0;

  #state = SIZE;
  #size = 0;
  #hasDigits = false;
  #overhead: number;

  /** @param overheadBytes the most octets of extensions and trailers together */
  constructor(overheadBytes: number) {
    this.#overhead = overheadBytes;
  }

  /** Whether the last chunk and its trailers were seen. */
  get done(): boolean {
    return this.#state === DONE;
  }

  /** Octets that are still to come of the chunk that has begun, as far as is known. */
  get remaining(): number {
    return this.#state === DATA ? this.#size : 0;
  }

  /**
   * Goes on up to the end of one piece of data, the end of the content, or the end of the input. Then
   * `consumed`, `dataFrom`, `dataTo` and `done` say what was found; call again with what is left.
   *
   * @param from offset in `bytes` of the first octet not used yet
   * @param to offset in `bytes` after the last octet that has arrived
   * @throws {HttpError} 400 for a malformed size, line end or trailer, and for too much beside the data
   */
  decode(bytes: Uint8Array, from: number, to: number): void {
    let i = from;
    this.dataFrom = this.dataTo = from;
    while (i < to && this.#state !== DONE) {
      const octet = bytes[i];
      switch (this.#state) {
        case SIZE:
          i++;
          this.#sizeOctet(octet);
          break;
        case AFTER_SIZE:
          i++;
          this.#spend();
          this.#afterSizeOctet(octet);
          break;
        case EXTENSION:
          i++;
          this.#spend();
          if (octet === CR) this.#state = SIZE_LF;
          else if ((OCTETS[octet] & (VALUE | OBSOLETE_TEXT)) === 0) {
            throw new HttpError(400, "a control character in a chunk extension");
          }
          break;
        case SIZE_LF:
          this.#expect(octet, LF);
          i++;
          this.#hasDigits = false;
          this.#state = this.#size === 0 ? TRAILER : DATA;
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
          this.#expect(octet, CR);
          i++;
          this.#state = DATA_LF;
          break;
        case DATA_LF:
          this.#expect(octet, LF);
          i++;
          this.#state = SIZE;
          break;
        case TRAILER:
        case TRAILER_NAME:
        case TRAILER_VALUE:
          i++;
          this.#spend();
          this.#trailerOctet(octet);
          break;
        case TRAILER_LF:
          this.#expect(octet, LF);
          i++;
          this.#state = TRAILER;
          break;
        case END_LF:
          this.#expect(octet, LF);
          i++;
          this.#state = DONE;
          break;
      }
    }
    this.consumed = i - from;
  }

  #sizeOctet(octet: number): void {
    const digit = hexadecimal(octet);
    if (digit >= 0) {
      if (this.#size >= LARGE_SIZE) throw new HttpError(400, "a chunk size that is too large");
      // Zeros in front make no size larger, and would never end.
      if (this.#size === 0 && this.#hasDigits) this.#spend();
      this.#hasDigits = true;
      this.#size = this.#size * 16 + digit;
    } else if (this.#hasDigits) {
      this.#afterSizeOctet(octet);
    } else {
      throw new HttpError(400, "an invalid chunk size");
    }
  }

  /** White space may come before an extension and at the end, and then nothing else (RFC 9112 §7.1.1). */
  #afterSizeOctet(octet: number): void {
    if (octet === CR) this.#state = SIZE_LF;
    else if (octet === 0x3b) this.#state = EXTENSION;
    else if (octet === SP || octet === HTAB) this.#state = AFTER_SIZE;
    else throw new HttpError(400, "an invalid chunk size");
  }

  /** Trailers have the form of fields (RFC 9112 §7.1.2); that is all that is asked of them. */
  #trailerOctet(octet: number): void {
    if (this.#state === TRAILER_VALUE) {
      if (octet === CR) this.#state = TRAILER_LF;
      else if ((OCTETS[octet] & (VALUE | OBSOLETE_TEXT)) === 0) {
        throw new HttpError(400, "a control character in a trailer");
      }
    } else if ((OCTETS[octet] & TOKEN) !== 0) {
      this.#state = TRAILER_NAME;
    } else if (octet === COLON && this.#state === TRAILER_NAME) {
      this.#state = TRAILER_VALUE;
    } else if (octet === CR && this.#state === TRAILER) {
      this.#state = END_LF;
    } else {
      throw new HttpError(400, "a malformed trailer");
    }
  }

  #expect(octet: number, expected: number): void {
    if (octet !== expected) throw new HttpError(400, "a chunk that does not end where it says");
  }

  #spend(): void {
    if (--this.#overhead < 0) throw new HttpError(400, "chunk extensions or trailers too large");
  }
}

function hexadecimal(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const folded = octet | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 0x57 : -1;
}
