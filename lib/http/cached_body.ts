/** Octets that a head may have to fit in front of the content; a longer one is sent apart. */
const HEAD_ROOM = 512;

/**
 * Content in memory that is the answer to many requests, with room in front of it for their head. Head and
 * content then leave in one write, and neither is copied: for 86 KB that is a fifth of the whole request.
 *
 * Everybody who asks within the same second gets the same head. So it is put there once a second, and only
 * where nobody is sending the one before.
 */
export class RepeatedContent {
  /** The content. Whoever makes this fills it, and nobody changes it afterwards. */
  readonly octets: Uint8Array<ArrayBuffer>;

  #all: Uint8Array<ArrayBuffer>;
  /** Head and content, and what the head was made of. */
  #answer: Uint8Array<ArrayBuffer> | null = null;
  #response: object | null = null;
  #date: Uint8Array | null = null;
  #connection = 0;
  /** How many are sending this head. */
  #senders = 0;

  /** @param length octets of the content */
  constructor(length: number) {
    this.#all = new Uint8Array(HEAD_ROOM + length);
    this.octets = this.#all.subarray(HEAD_ROOM);
  }

  /** Octets of the content. */
  get length(): number {
    return this.octets.length;
  }

  /**
   * The whole answer, where the head that is in place is this one. It stays in place until `giveBack`.
   *
   * @param response an object that is the same for the same fields
   * @param date the `Date` line, the same for the same second
   * @param connection one of the serializer's `CONNECTION_…`
   */
  lend(response: object, date: Uint8Array, connection: number): Uint8Array<ArrayBuffer> | null {
    if (response !== this.#response || date !== this.#date) return null;
    if (connection !== this.#connection) return null;
    this.#senders++;
    return this.#answer;
  }

  /** Puts a head in place, for `lend`. Does nothing where another is being sent, or it is too long. */
  place(head: Uint8Array, response: object, date: Uint8Array, connection: number): void {
    if (this.#senders > 0 || head.length > HEAD_ROOM) return;
    const from = HEAD_ROOM - head.length;
    this.#all.set(head, from);
    this.#answer = this.#all.subarray(from);
    this.#response = response;
    this.#date = date;
    this.#connection = connection;
  }

  /** The head that was lent has been sent, or never will be. */
  giveBack(): void {
    this.#senders--;
  }
}
