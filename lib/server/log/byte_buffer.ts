/** Builds UTF-8 text as bytes, without a string for the whole. */

import { writeNumber } from "../../text/decimal.ts";

const INITIAL_BYTES = 16 * 1024;

/** Largest capacity that a cleared buffer keeps, bytes. */
const MAX_KEPT_BYTES = 256 * 1024;

/** Digits of the largest safe integer. */
const MAX_DIGITS = 16;

const encoder = new TextEncoder();

/**
 * A growing byte buffer with methods that append text. ASCII is copied character by character:
 * joining pieces to strings first, and encoding those, takes several times as long.
 */
export class ByteBuffer {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  /** Number of bytes in the buffer. */
  get length(): number {
    return this.#length;
  }

  /** Returns a view of the bytes from `start`, valid until the next change. */
  view(start = 0): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(start, this.#length);
  }

  /** Appends text; a lone surrogate becomes U+FFFD. */
  text(part: string): this {
    this.#reserve(part.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < part.length; i++) {
      const code = part.charCodeAt(i);
      if (code >= 0x80) return this.append(encoder.encode(part));
      bytes[at++] = code;
    }
    this.#length = at;
    return this;
  }

  /** Appends a non-negative integer in decimal digits. */
  number(value: number): this {
    this.#reserve(MAX_DIGITS);
    this.#length = writeNumber(this.#bytes, this.#length, value);
    return this;
  }

  /** Appends bytes. */
  append(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Removes all but the first `length` bytes. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Removes all bytes. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = new Uint8Array(INITIAL_BYTES);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
