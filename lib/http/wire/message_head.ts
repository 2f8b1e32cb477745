/** What the heads of requests and responses have in common. */
import { FieldParser, type FieldParserOptions } from "./field_parser.ts";

/**
 * Parses the head of a message in one pass as its bytes arrive: no byte is looked at twice, however
 * the bytes are split. Pure: bytes in, "complete" or "need more" out. Reusable.
 *
 *     HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]     (RFC 9112 §2.1)
 */
export abstract class MessageHead {
  /** The field section. */
  readonly fields: FieldParser;
  /** The length of the head in bytes, once it is complete. */
  length = 0;

  /** How far the head has been parsed, in bytes from its start. */
  #position = 0;
  #isInFields = false;

  /** @param options the options of the field section */
  constructor(options: FieldParserOptions) {
    this.fields = new FieldParser(options);
  }

  /** Prepares for another message. */
  reset(): void {
    this.#position = 0;
    this.#isInFields = false;
    this.length = 0;
  }

  /**
   * Parses the bytes that have arrived.
   *
   * @param bytes holds the head from `start` on; may be another array than last time
   * @param start offset in `bytes` of the head's first byte
   * @param end offset after the last byte that has arrived
   * @returns whether the head is complete; then `length` is its length
   * @throws {HttpError} which one depends on the position of the fault, not on how the bytes were
   *   split
   */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    let i = start + this.#position;
    if (!this.#isInFields) {
      i = this.parseStartLine(bytes, start, i, end);
      if (!this.#isInFields) {
        this.#position = i - start;
        return false;
      }
    }
    const after = this.fields.parse(bytes, start, i, end);
    if (after === -1) {
      this.#position = end - start;
      return false;
    }
    this.length = after - start;
    return true;
  }

  /**
   * Parses the start line, and calls `beginFields` at its end.
   *
   * @param start offset in `bytes` of the head's first byte
   * @param from offset in `bytes` of the first byte not parsed yet
   * @param end offset after the last byte that has arrived
   * @returns the offset after the last byte parsed
   */
  protected abstract parseStartLine(
    bytes: Uint8Array,
    start: number,
    from: number,
    end: number,
  ): number;

  /**
   * Begins the field section, `first` bytes after the start of the head. It may take `room` bytes.
   */
  protected beginFields(first: number, room?: number): void {
    this.#isInFields = true;
    this.fields.reset(first, room);
  }
}
