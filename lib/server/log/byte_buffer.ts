/** Text gathered as UTF-8 bytes, without a string for the whole. */

import { writeNumber } from "../../text/decimal.ts";

const INITIAL_BYTES = 16 * 1024;

/** What an empty buffer may keep of the room it has grown to. */
const KEPT_BYTES = 256 * 1024;

/** Digits of the largest whole number that is exact. */
const LONGEST_NUMBER = 16;

const encoder = new TextEncoder();

/**
 * A buffer that text is appended to. Short ASCII pieces are copied character by character: joining
 * them to strings that live until the next write, and encoding those, takes several times as long.
 */
export class ByteBuffer {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  /** Bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /** The bytes from `start`: a view, good until the next change. */
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
      if (code > 0x7f) return this.append(encoder.encode(part));
      bytes[at++] = code;
    }
    this.#length = at;
    return this;
  }

  /** Appends a whole number in decimal digits. */
  number(value: number): this {
    this.#reserve(LONGEST_NUMBER);
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

  /** Forgets all but the first bytes. */
  cut(length: number): void {
    this.#length = length;
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(INITIAL_BYTES);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
