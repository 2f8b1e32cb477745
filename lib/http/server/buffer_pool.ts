/** Reusable memory for receiving and sending. */

/**
 * A pool of buffers of one size. They are parts of larger slabs, because a small `ArrayBuffer`
 * costs more memory than it holds, and half a microsecond to allocate.
 */
export class BufferPool {
  #free: Uint8Array<ArrayBuffer>[] = [];

  /**
   * @param size the size of a buffer in bytes
   * @param perSlab the number of buffers per allocation
   */
  constructor(readonly size: number, readonly perSlab: number) {}

  /** Takes a buffer from the pool. It still holds its previous content. */
  take(): Uint8Array<ArrayBuffer> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slab = new ArrayBuffer(this.size * this.perSlab);
    for (let i = 1; i < this.perSlab; i++) {
      this.#free.push(new Uint8Array(slab, i * this.size, this.size));
    }
    return new Uint8Array(slab, 0, this.size);
  }

  /** Returns a buffer of this pool. Nothing may use it afterwards. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    this.#free.push(buffer);
  }
}
