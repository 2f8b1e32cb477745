/** Notices that a peer goes away while a handler works on its request. */
import type { BufferPool } from "./buffer_pool.ts";
import type { ByteStream } from "../stream.ts";

/**
 * Keeps a read pending while a handler works: the only way to learn of a reset. The bytes it reads
 * are the beginning of the next requests. It stops after one small and one large buffer of them, so
 * that a peer cannot fill the memory by pipelining. A connection has a watch only once a handler
 * has used `Request.signal`; other connections pay nothing.
 */
export class PeerWatch {
  /** Whether the peer has ended its sending direction: it closed or half-closed the connection. */
  inputEnded = false;

  readonly #stream: ByteStream;
  readonly #gone = new AbortController();
  readonly #pools: readonly BufferPool[];
  /**
   * The buffers in use, each from the pool at the same index, and how much of the last one is
   * filled.
   */
  readonly #buffers: Uint8Array<ArrayBuffer>[] = [];
  #filled = 0;
  /** The bytes read but not taken yet. */
  #received: Uint8Array[] = [];
  #error: unknown = null;
  #isReading = false;
  #isStopped = false;
  #reading: Promise<void> = Promise.resolve();

  /**
   * @param stream read from after the first `resume`
   * @param pools the pool of each buffer, in order
   */
  constructor(stream: ByteStream, pools: readonly BufferPool[]) {
    this.#stream = stream;
    this.#pools = pools;
  }

  /** Aborts when the peer is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether the watch has nothing more to give: the next bytes are to be read from the stream. */
  get isSpent(): boolean {
    return !this.#isReading && this.#received.length === 0 && !this.inputEnded &&
      this.#error === null;
  }

  /** Watches until `next` is called. */
  resume(): void {
    this.#isStopped = false;
    if (this.#isReading || this.inputEnded || this.#error !== null) return;
    this.#isReading = true;
    this.#reading = this.#read();
  }

  /** Aborts the signal: the peer is gone. */
  abort(): void {
    this.#gone.abort();
  }

  /**
   * Stops watching. Returns the next bytes read, valid until the following call, or null at the end
   * of the input.
   *
   * @param limit the largest number of bytes to return
   * @throws the error of the read
   */
  async next(limit: number): Promise<Uint8Array | null> {
    this.#isStopped = true;
    if (this.#received.length === 0 && this.#isReading) await this.#reading;
    const [bytes] = this.#received;
    if (bytes === undefined) {
      if (this.#error !== null) throw this.#error;
      return null;
    }
    if (bytes.length > limit) this.#received[0] = bytes.subarray(limit);
    else this.#received.shift();
    return bytes.subarray(0, limit);
  }

  /** Stops watching. Resolves when no read is pending. */
  settle(): Promise<void> {
    this.#isStopped = true;
    return this.#reading;
  }

  /** Returns the buffers. No read may be pending, and what `next` returned is no longer valid. */
  release(): void {
    this.#buffers.splice(0).forEach((buffer, index) => this.#pools[index].give(buffer));
    this.#received = [];
  }

  async #read(): Promise<void> {
    try {
      for (let room = this.#room(); room !== null && !this.#isStopped; room = this.#room()) {
        const read = await this.#stream.read(room);
        if (read === null) {
          this.inputEnded = true;
          return;
        }
        this.#filled += read;
        this.#received.push(room.subarray(0, read));
      }
    } catch (error) {
      this.#error = error;
      this.abort();
    } finally {
      this.#isReading = false;
    }
  }

  /** Returns where to read to, or null if every buffer is full. */
  #room(): Uint8Array<ArrayBuffer> | null {
    const last = this.#buffers.at(-1);
    if (last !== undefined && this.#filled < last.length) return last.subarray(this.#filled);
    if (this.#buffers.length === this.#pools.length) return null;
    const buffer = this.#pools[this.#buffers.length].take();
    this.#buffers.push(buffer);
    this.#filled = 0;
    return buffer;
  }
}
