/** The receiving half of a connection of the server: its memory. */
import type { BufferPool } from "./buffer_pool.ts";

/**
 * The bytes that a connection has received and not used yet: those of `bytes` from `start` to
 * `end`. The buffer is small while the connection waits, and larger only while something needs the
 * room.
 */
export class ReceiveBuffer {
  bytes: Uint8Array<ArrayBuffer>;
  start = 0;
  end = 0;

  #small: BufferPool;
  #large: BufferPool;

  constructor(small: BufferPool, large: BufferPool) {
    this.#small = small;
    this.#large = large;
    this.bytes = small.take();
  }

  /**
   * Returns where the next bytes go: at least `least` bytes. May move the content; offsets relative
   * to `start` stay valid, others do not.
   */
  space(least = 1): Uint8Array<ArrayBuffer> {
    if (this.end + least <= this.bytes.length) {
      return this.end === 0 ? this.bytes : this.bytes.subarray(this.end);
    }
    const { bytes, start, end } = this;
    const used = end - start;
    if (used <= bytes.length / 2) {
      bytes.copyWithin(0, start, end);
    } else {
      this.bytes = bytes.length < this.#large.size
        ? this.#large.take()
        : new Uint8Array(2 * bytes.length);
      this.bytes.set(bytes.subarray(start, end));
      this.#giveBack(bytes);
    }
    this.start = 0;
    this.end = used;
    return this.bytes.subarray(used);
  }

  /** Goes back to a small buffer, once everything is used. */
  settle(): void {
    this.start = this.end = 0;
    if (this.bytes.length === this.#small.size) return;
    this.#giveBack(this.bytes);
    this.bytes = this.#small.take();
  }

  /** Returns the memory for good. No read may be pending. */
  release(): void {
    this.#giveBack(this.bytes);
    this.bytes = NOTHING;
    this.start = this.end = 0;
  }

  #giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === this.#small.size) this.#small.give(bytes);
    else if (bytes.length === this.#large.size) this.#large.give(bytes);
  }
}

const NOTHING = new Uint8Array(0);
