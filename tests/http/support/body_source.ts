/** Content for tests that is generated while it is sent. */
import type { BodySource } from "../../../lib/http/mod.ts";

/** Content made up as it is read, which remembers how it was used. */
export class CountedSource implements BodySource {
  reads = 0;
  closes = 0;
  /** The largest buffer it was asked to fill. */
  largest = 0;
  #given = 0;

  /**
   * @param length what it says
   * @param available what it has
   * @param piece the most it gives at a time
   */
  constructor(readonly length: number, readonly available = length, readonly piece = Infinity) {}

  read(into: Uint8Array): Promise<number | null> {
    this.reads++;
    this.largest = Math.max(this.largest, into.length);
    const count = Math.min(into.length, this.piece, this.available - this.#given);
    if (count === 0) return Promise.resolve(null);
    for (let i = 0; i < count; i++) into[i] = byteAt(this.#given + i);
    this.#given += count;
    return Promise.resolve(count);
  }

  close(): void {
    this.closes++;
  }
}

/** The content's byte at that place. */
export function byteAt(index: number): number {
  return 0x61 + index % 26;
}
