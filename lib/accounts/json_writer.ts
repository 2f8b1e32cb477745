/**
 * Writes JSON (RFC 8259) into one buffer, byte by byte: strings made on the way would be several times
 * the size of a large file, and would leave the process that much larger.
 */

const CHUNK_BYTES = 64 * 1024;
const [SPACE, QUOTE, BACKSLASH, TILDE] = [0x20, 0x22, 0x5c, 0x7e];

/** Collects JSON until it is taken. */
export class JsonWriter {
  readonly #encoder = new TextEncoder();
  #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;

  /** Whether there is room for so many bytes. */
  hasRoom(bytes: number): boolean {
    return this.#used + bytes <= this.#chunk.length;
  }

  /**
   * What was collected; good until the next call of another method, which begins anew.
   *
   * @param bytes how much room there must be then
   */
  take(bytes: number): Uint8Array {
    const taken = this.#chunk.subarray(0, this.#used);
    if (bytes > this.#chunk.length) this.#chunk = new Uint8Array(bytes);
    this.#used = 0;
    return taken;
  }

  /** Adds JSON that was made before. There must be room for three bytes a UTF-16 code unit. */
  raw(text: string): void {
    if (this.#ascii(text)) return;
    this.#used += this.#encoder.encodeInto(text, this.#chunk.subarray(this.#used)).written;
  }

  /** Adds a string. There must be room for six bytes a UTF-16 code unit, and for its quotes. */
  string(text: string): void {
    const start = this.#used;
    this.#chunk[this.#used++] = QUOTE;
    if (this.#plain(text)) {
      this.#chunk[this.#used++] = QUOTE;
      return;
    }
    this.#used = start;
    this.raw(JSON.stringify(text));
  }

  /** Adds a text that needs no escapes, if it needs none. */
  #plain(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return false;
      this.#chunk[this.#used + i] = code;
    }
    this.#used += text.length;
    return true;
  }

  /** Adds a text of ASCII, if it is one. */
  #ascii(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#chunk[this.#used + i] = code;
    }
    this.#used += text.length;
    return true;
  }
}
