/** A response that is encoded once and sent many times. */
import type { Response } from "./message.ts";
import {
  CONNECTION_DEFAULT,
  contentLength,
  writeHead,
  writeText,
} from "./wire/response_encoder.ts";

/** The most bytes that such a response may take, head and content together. */
const MAX_BYTES = 4096;

/**
 * A response that is sent unchanged to many requests. Its bytes are assembled once a second, as its
 * `Date` changes, and sent without copying.
 *
 * @example
 * ```ts
 * const notFound = new PreparedResponse({ status: 404, body: "Page not found" });
 * serve(listener, () => notFound);
 * ```
 */
export class PreparedResponse implements Response {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array<ArrayBuffer>;

  #date: Uint8Array | null = null;
  #head = new Uint8Array(0);
  #whole = new Uint8Array(0);

  /**
   * Encodes the response once, so that an invalid one fails here.
   *
   * @param response its content, if any, is short text, or bytes that do not change
   * @throws {TypeError} if the response cannot be sent or takes more than 4096 bytes
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
   * Returns all the bytes that are sent on a persistent connection. They do not change afterwards.
   *
   * @param date the whole `Date` field line, the same object within one second
   * @param headOnly whether to omit the content
   */
  bytes(date: Uint8Array, headOnly: boolean): Uint8Array {
    if (date !== this.#date) this.#prepare(date);
    return headOnly ? this.#head : this.#whole;
  }

  #prepare(date: Uint8Array): void {
    const { status, fields, body } = this;
    const length = contentLength(status, body);
    const out = new Uint8Array(MAX_BYTES);
    const at = writeHead(out, 0, status, date, fields, length, CONNECTION_DEFAULT);
    const end = status === 304 ? at : at + Math.max(0, length);
    if (end > out.length) {
      throw new TypeError(
        `A prepared response must take at most ${MAX_BYTES} bytes, head included, got ${end}`,
      );
    }
    if (typeof body === "string") writeText(out, at, body);
    else if (body !== undefined) out.set(body.subarray(0, end - at), at);
    this.#head = out.slice(0, at);
    this.#whole = out.slice(0, end);
    this.#date = date;
  }
}
