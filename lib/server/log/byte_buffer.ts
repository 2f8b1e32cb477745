/** Text gathered as UTF-8 octets, without a string for the whole. */

import { writeNumber } from "../../http/wire/bytes.ts";

const INITIAL_OCTETS = 16 * 1024;

/** What an empty buffer may keep of the room it has grown to. */
const KEPT_OCTETS = 256 * 1024;

/** Digits of the largest whole number that is exact. */
const LONGEST_NUMBER = 16;

const encoder = new TextEncoder();

/**
 * A buffer that text is appended to. Short ASCII pieces are copied character by character: joining
 * them to strings that live until the next write, and encoding those, takes several times as long.
 */
export class OctetBuffer {
  #octets = new Uint8Array(INITIAL_OCTETS);
  #length = 0;

  /** Octets gathered. */
  get length(): number {
    return this.#length;
  }

  /** The octets from `start`: a view, good until the next change. */
  view(start = 0): Uint8Array<ArrayBuffer> {
    return this.#octets.subarray(start, this.#length);
  }

  /** Appends text; a lone surrogate becomes U+FFFD. */
  text(part: string): this {
    this.#reserve(part.length);
    const octets = this.#octets;
    let at = this.#length;
    for (let i = 0; i < part.length; i++) {
      const code = part.charCodeAt(i);
      if (code > 0x7f) return this.append(encoder.encode(part));
      octets[at++] = code;
    }
    this.#length = at;
    return this;
  }

  /** Appends a whole number in decimal digits. */
  number(value: number): this {
    this.#reserve(LONGEST_NUMBER);
    this.#length = writeNumber(this.#octets, this.#length, value);
    return this;
  }

  /** Appends octets. */
  append(octets: Uint8Array): this {
    this.#reserve(octets.length);
    this.#octets.set(octets, this.#length);
    this.#length += octets.length;
    return this;
  }

  /** Forgets all but the first octets. */
  cut(length: number): void {
    this.#length = length;
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.#length = 0;
    if (this.#octets.length > KEPT_OCTETS) this.#octets = new Uint8Array(INITIAL_OCTETS);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#octets.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#octets.length));
    larger.set(this.#octets.subarray(0, this.#length));
    this.#octets = larger;
  }
}
