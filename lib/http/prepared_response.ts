import type { Response } from "./message.ts";
import {
  CONNECTION_DEFAULT,
  contentLength,
  writeHead,
  writeText,
} from "./wire/response_encoder.ts";

/** Bytes that such an answer may take, head and content. */
const MOST_BYTES = 4096;

/**
 * An answer that many requests get as it is. Its bytes are put together once a second, for the sake of its
 * `Date`, and sent from where they are.
 */
export class PreparedResponse implements Response {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array<ArrayBuffer>;

  #date: Uint8Array | null = null;
  #head = new Uint8Array(0);
  #whole = new Uint8Array(0);

  /**
   * @param response without content, or with short content: text, or bytes that do not change
   * @throws {TypeError} for an answer that cannot be sent, or of more than 4 KB
   */
  constructor(
    { status, fields = [], body }: Response & { readonly body?: string | Uint8Array<ArrayBuffer> },
  ) {
    this.status = status;
    this.fields = fields;
    this.body = body;
    this.#prepare(new Uint8Array(0));
  }

  /**
   * All that is sent of it, on a connection that persists by itself. Not changed afterwards.
   *
   * @param date the whole `Date` field line, the same object for the same second
   * @param headOnly whether to leave out the content
   */
  bytes(date: Uint8Array, headOnly: boolean): Uint8Array {
    if (date !== this.#date) this.#prepare(date);
    return headOnly ? this.#head : this.#whole;
  }

  #prepare(date: Uint8Array): void {
    const { status, fields, body } = this;
    const length = contentLength(status, body);
    const out = new Uint8Array(MOST_BYTES);
    const at = writeHead(out, 0, status, date, fields, length, CONNECTION_DEFAULT);
    const isBare = body === undefined || length <= 0 || status === 304;
    const end = isBare ? at : at + length;
    if (end > out.length) throw new TypeError("a prepared answer is too large");
    if (!isBare && typeof body === "string") writeText(out, at, body);
    else if (!isBare) out.set(body as Uint8Array, at);
    this.#head = out.slice(0, at);
    this.#whole = isBare ? this.#head : out.slice(0, end);
    this.#date = date;
  }
}
