/** Collects the content of a request. */
import { ChunkedDecoder } from "../wire/chunked.ts";
import { HttpError } from "../error.ts";
import { CHUNKED } from "../wire/framing.ts";
import type { ServerLimits } from "../limits.ts";
import type { ReceiveBuffer } from "./receive_buffer.ts";

/**
 * The initial size of a body's memory. It doubles as bytes arrive; the announced length is not
 * trusted.
 */
const FIRST_BYTES = 4 * 1024;

/** The least room to read chunks into. */
const READ_BYTES = 512;

/**
 * Collects the content of a request that did not arrive together with its head. Pure: the owner
 * reads into `space()`, reports the number of bytes to `received()`, and calls `advance()`.
 */
export class RequestBody {
  #input: ReceiveBuffer;
  #headLength: number;
  /** The announced length, or `CHUNKED`. */
  #length: number;
  #limit: number;
  #chunks: ChunkedDecoder | null;
  #content = new Uint8Array(0);
  #collected = 0;
  /** The bytes after the head that belong to the message and have been used. */
  #used = 0;

  /**
   * @param input holds the head from its `start` on, and possibly the beginning of the content
   * @param length as `bodyLength` returns it
   */
  constructor(input: ReceiveBuffer, headLength: number, length: number, limits: ServerLimits) {
    this.#input = input;
    this.#headLength = headLength;
    this.#length = length;
    this.#limit = limits.bodyBytes;
    this.#chunks = length === CHUNKED ? new ChunkedDecoder(limits.chunkOverheadBytes, false) : null;
    if (this.#chunks !== null) return;
    // What has arrived is moved here. The rest is read directly to its place.
    const from = input.start + headLength;
    this.#append(input.bytes, from, input.end);
    input.end = from;
  }

  /** The content, once `advance` has returned true. */
  get content(): Uint8Array {
    return this.#content.subarray(0, this.#collected);
  }

  /** The offset of the next message from the input's `start`. */
  get next(): number {
    return this.#headLength + this.#used;
  }

  /**
   * Processes what has arrived.
   *
   * @returns whether the content is complete
   * @throws {HttpError} 400 for a malformed chunk, 413 for content above the limit
   */
  advance(): boolean {
    const chunks = this.#chunks;
    if (chunks === null) return this.#collected === this.#length;
    const input = this.#input;
    while (!chunks.done) {
      const from = input.start + this.#headLength + this.#used;
      if (from === input.end) {
        // Everything is used: the room after the head is free again.
        this.#used = 0;
        input.end = input.start + this.#headLength;
        return false;
      }
      chunks.decode(input.bytes, from, input.end);
      if (this.#collected + (chunks.dataTo - chunks.dataFrom) + chunks.remaining > this.#limit) {
        throw new HttpError(413, "the content is too large");
      }
      this.#append(input.bytes, chunks.dataFrom, chunks.dataTo);
      this.#used += chunks.consumed;
    }
    return true;
  }

  /** Returns where the next bytes go. */
  space(): Uint8Array<ArrayBuffer> {
    if (this.#chunks !== null) return this.#input.space(READ_BYTES);
    if (this.#collected === this.#content.length) this.#grow(this.#collected + 1);
    return this.#content.subarray(this.#collected);
  }

  /** Records that this many bytes were written to `space()`. */
  received(bytes: number): void {
    if (this.#chunks !== null) this.#input.end += bytes;
    else this.#collected += bytes;
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    const after = this.#collected + to - from;
    if (after > this.#content.length) this.#grow(after);
    this.#content.set(bytes.subarray(from, to), this.#collected);
    this.#collected = after;
  }

  #grow(least: number): void {
    const most = this.#chunks === null ? this.#length : this.#limit;
    const size = Math.min(most, Math.max(FIRST_BYTES, least, 2 * this.#content.length));
    const grown = new Uint8Array(size);
    grown.set(this.#content.subarray(0, this.#collected));
    this.#content = grown;
  }
}
