/** A body that is sent many times from memory. */

/** The longest head, in bytes, that fits in front of the content. A longer one is written apart. */
const HEAD_ROOM = 512;

/**
 * A body kept in memory with headroom for a response head, so that both are sent in one write
 * without copying. For a body of 86 KB, copying would be a fifth of the cost of the request.
 *
 * All responses within the same second have the same head, so it is written into the headroom once
 * a second, and only while no connection is sending the previous one.
 *
 * @example A file that is read once and sent many times
 * ```ts
 * const body = new CachedBody(size);
 * body.bytes.set(content);
 * const response = { status: 200, body };
 * ```
 */
export class CachedBody {
  /** The content. Its creator fills it; afterwards it must not change. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  #all: Uint8Array<ArrayBuffer>;
  /** Head and content, followed by what the head was made from. */
  #message: Uint8Array<ArrayBuffer> | null = null;
  #response: object | null = null;
  #date: Uint8Array | null = null;
  #connection = 0;
  /** The number of connections that are sending this head. */
  #senders = 0;

  /**
   * Allocates the content, all zeros, and its headroom.
   *
   * @param length the length of the content in bytes
   */
  constructor(length: number) {
    this.#all = new Uint8Array(HEAD_ROOM + length);
    this.bytes = this.#all.subarray(HEAD_ROOM);
  }

  /** The length of the content in bytes. */
  get length(): number {
    return this.bytes.length;
  }

  /**
   * Returns head and content as one piece if the head in place is the requested one, otherwise
   * null. The head stays in place until `release`.
   *
   * @param response an object that is identical for identical fields
   * @param date the `Date` line, the same object within one second
   * @param connection one of the `CONNECTION_…` values of the response encoder
   */
  borrow(response: object, date: Uint8Array, connection: number): Uint8Array<ArrayBuffer> | null {
    if (response !== this.#response || date !== this.#date) return null;
    if (connection !== this.#connection) return null;
    this.#senders++;
    return this.#message;
  }

  /**
   * Writes a head in front of the content, for `borrow`. Does nothing if another head is being sent
   * or this one is too long.
   */
  prepend(head: Uint8Array, response: object, date: Uint8Array, connection: number): void {
    if (this.#senders > 0 || head.length > HEAD_ROOM) return;
    const from = HEAD_ROOM - head.length;
    this.#all.set(head, from);
    this.#message = this.#all.subarray(from);
    this.#response = response;
    this.#date = date;
    this.#connection = connection;
  }

  /** Releases a borrowed head, which has been sent or never will be. */
  release(): void {
    this.#senders--;
  }
}
