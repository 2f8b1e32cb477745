/** The client's end of a connection. */
import type { ClientLimits } from "../limits.ts";
import { type ByteStream, closeQuietly } from "../stream.ts";

/** Receives the bytes of a connection as they are on the wire. */
export interface WireObserver {
  /** Bytes were sent: the head and content of a request. */
  sent?(bytes: Uint8Array): void;
  /** Bytes were received. */
  received?(bytes: Uint8Array): void;
}

/** The initial size of the receive buffer: enough for most heads. */
const BUFFER_BYTES = 16 * 1024;

/**
 * The client's end of one connection. Between responses it keeps one read pending, so that
 * unsolicited bytes and the end of the connection are noticed before the next request is sent.
 */
export class ClientConnection {
  /** Whether the connection can no longer be reused. */
  broken = false;
  /** The number of complete responses received. */
  responses = 0;
  /** The bytes received and not used yet are those of `bytes` from `start` to `end`. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(BUFFER_BYTES);
  start = 0;
  end = 0;

  #stream: ByteStream;
  #limits: Pick<ClientLimits, "responseTimeoutMs" | "readTimeoutMs">;
  /** Whether the response has begun to arrive. */
  #hasBegun = false;
  #observer: WireObserver;
  /** The read that has been pending since the last response. */
  #ahead: Promise<number | null> | null = null;
  #isIdle = false;
  #closed = false;
  #stalled = false;

  constructor(
    stream: ByteStream,
    limits: Pick<ClientLimits, "responseTimeoutMs" | "readTimeoutMs">,
    observer: WireObserver,
  ) {
    this.#stream = stream;
    this.#limits = limits;
    this.#observer = observer;
  }

  /**
   * Whether the connection waits for another request and nothing has happened since the last
   * response.
   */
  get idle(): boolean {
    return this.#isIdle && !this.broken;
  }

  /** Closes the connection. A read in progress fails. */
  close(): void {
    this.broken = true;
    if (this.#closed) return;
    this.#closed = true;
    closeQuietly(this.#stream);
  }

  /**
   * Sends a request, in one write if the system accepts that. All further bytes received belong to
   * its response.
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#isIdle = false;
    this.#hasBegun = false;
    for (let at = 0; at < bytes.length;) {
      const rest = at === 0 ? bytes : bytes.subarray(at);
      const wrote = await this.#inTime(this.#stream.write(rest));
      this.#observer.sent?.(rest.subarray(0, wrote));
      at += wrote;
    }
  }

  /**
   * Appends received bytes at `end`, growing the buffer if needed.
   *
   * @returns false at the end of the connection
   */
  async fill(): Promise<boolean> {
    if (this.#ahead === null && this.end === this.bytes.length) this.#makeRoom();
    const pending = this.#ahead ?? this.#stream.read(this.bytes.subarray(this.end));
    this.#ahead = null;
    const { responseTimeoutMs, readTimeoutMs } = this.#limits;
    const read = await this.#inTime(pending, this.#hasBegun ? readTimeoutMs : responseTimeoutMs);
    this.#hasBegun = true;
    if (read === null) return false;
    this.#observer.received?.(this.bytes.subarray(this.end, this.end + read));
    this.end += read;
    return true;
  }

  /** Takes buffered bytes if there are any, otherwise reads from the stream. */
  async read(into: Uint8Array): Promise<number | null> {
    const kept = this.end - this.start;
    if (kept > 0) {
      const length = Math.min(kept, into.length);
      into.set(this.bytes.subarray(this.start, this.start + length));
      this.start += length;
      return length;
    }
    const read = await this.#inTime(this.#stream.read(into));
    if (read !== null) this.#observer.received?.(into.subarray(0, read));
    return read;
  }

  /** Marks the response as complete: another request may follow on this connection. */
  markIdle(): void {
    this.responses++;
    if (this.start < this.end) this.close();
    if (this.broken) return;
    this.start = this.end = 0;
    this.#isIdle = true;
    this.#ahead = this.#stream.read(this.bytes);
    const spoil = () => {
      if (this.#isIdle) this.close();
    };
    this.#ahead.then(spoil, spoil);
  }

  #makeRoom(): void {
    const used = this.bytes.subarray(this.start, this.end);
    const roomy = this.start > 0 ? this.bytes : new Uint8Array(2 * this.bytes.length);
    roomy.set(used);
    this.bytes = roomy;
    this.end -= this.start;
    this.start = 0;
  }

  async #inTime<T>(pending: Promise<T>, milliseconds = this.#limits.readTimeoutMs): Promise<T> {
    const timer = setTimeout(() => {
      this.#stalled = true;
      this.close();
    }, milliseconds);
    try {
      return await pending;
    } catch (error) {
      if (this.#stalled) throw new Deno.errors.TimedOut("the server stopped responding");
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
