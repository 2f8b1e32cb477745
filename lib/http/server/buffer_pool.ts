/**
 * Buffers of one size, lent and given back. They are cut from larger slabs, since an `ArrayBuffer` of its
 * own costs more than a small buffer holds, and half a microsecond to make.
 */
export class BufferPool {
  #free: Uint8Array<ArrayBuffer>[] = [];

  /**
   * @param size bytes of a buffer
   * @param perSlab buffers cut from one allocation
   */
  constructor(readonly size: number, readonly perSlab: number) {}

  /** A buffer with whatever it held last. */
  take(): Uint8Array<ArrayBuffer> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slab = new ArrayBuffer(this.size * this.perSlab);
    for (let i = 1; i < this.perSlab; i++) {
      this.#free.push(new Uint8Array(slab, i * this.size, this.size));
    }
    return new Uint8Array(slab, 0, this.size);
  }

  /** Gives a buffer of this pool back; nobody may hold on to it. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    this.#free.push(buffer);
  }
}
