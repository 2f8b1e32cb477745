/**
 * A connection that is opened before its first request, which may come minutes later: by then the
 * server may have closed it.
 */
import type { ByteStream } from "../../http/mod.ts";

/** Bytes that a server may send unasked before its first response; more wait in the socket. */
const AHEAD_BYTES = 16 * 1024;

/** A connection with one read pending, so that the end is noticed before a request is sent. */
export class EarlyConnection implements ByteStream {
  readonly #stream: ByteStream;
  #ahead: Uint8Array = new Uint8Array(AHEAD_BYTES);
  /** The pending read; null once its result has been used. */
  #pending: Promise<number | null> | null;
  #hasEnded = false;

  /** @param stream an open connection that nothing has been read from */
  constructor(stream: ByteStream) {
    this.#stream = stream;
    this.#pending = stream.read(this.#ahead);
    this.#pending.then((count) => this.#hasEnded = count === null, () => this.#hasEnded = true);
  }

  /** Whether the server has closed the connection, as far as this machine knows. */
  async hasEnded(): Promise<boolean> {
    // The runtime asks the system about its sockets when it has to wait, and by no means before a
    // timer of 0 ms; the second one lets a read that is complete report its result.
    for (const ms of [1, 0]) await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#hasEnded;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#pending !== null) {
      const count = await this.#pending;
      this.#pending = null;
      this.#ahead = this.#ahead.subarray(0, count ?? 0);
      if (count === null) return null;
    }
    if (this.#ahead.length === 0) return await this.#stream.read(into);
    const part = this.#ahead.subarray(0, into.length);
    into.set(part);
    this.#ahead = this.#ahead.subarray(part.length);
    return part.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  close(): void {
    this.#stream.close();
  }
}
