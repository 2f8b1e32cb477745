import type { BufferPool } from "./buffer_pool.ts";
import type { Clock, Timed } from "./clock.ts";
import type { BodySource, ByteStream, Response } from "./message.ts";
import { NO_LENGTH, textLength, writeHead, writeText } from "./serializer.ts";

/** Content up to this size is copied behind its head, so that both leave in one write. */
const COPIED_BYTES = 8 * 1024;

/** How much of a `BodySource` is in memory at a time. */
const SOURCE_BYTES = 64 * 1024;

/** The head is in the buffer, the content is to follow by `sendBody`. */
export const BODY_FOLLOWS = -1;
/** The buffer holds other answers: `flush` and append again. */
export const NO_ROOM = -2;

/** A `BodySource` that failed or was shorter than it said. */
export class BrokenBody extends Error {
  override readonly name = "BrokenBody";

  /**
   * @param begun whether part of the answer is already on its way, so that only cutting the connection
   *   tells the peer
   */
  constructor(readonly begun: boolean, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * The sending half of a connection: collects small answers so that they leave in one write, sends large
 * ones without copying them, and keeps the deadline of a peer that does not read.
 */
export class AnswerWriter {
  #stream: ByteStream;
  #buffers: BufferPool;
  #clock: Clock;
  #stallMs: number;
  #timed: Timed;
  #out: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  /** How much of it has been written: more than nothing only while a slow peer reads it. */
  #sent = 0;
  /** Where the head of the content to follow begins, in case that it never goes out. */
  #headAt = 0;

  /**
   * @param buffers lends the buffer that answers are collected in
   * @param timed has its deadline set before each write, to `stallMs` from then
   */
  constructor(
    stream: ByteStream,
    buffers: BufferPool,
    clock: Clock,
    stallMs: number,
    timed: Timed,
  ) {
    this.#stream = stream;
    this.#buffers = buffers;
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#timed = timed;
  }

  /** Octets that wait for `flush`. */
  get pending(): number {
    return this.#length;
  }

  /** Appends octets as they are; they must be few. */
  appendOctets(octets: Uint8Array): void {
    const out = this.#out ??= this.#buffers.take();
    out.set(octets, this.#length);
    this.#length += octets.length;
  }

  /**
   * Appends an answer, or at least its head.
   *
   * @param headOnly whether the request was HEAD
   * @param connection one of the serializer's `CONNECTION_…`
   * @returns octets of content appended, or `BODY_FOLLOWS`, or `NO_ROOM`
   * @throws {TypeError} for an answer that cannot be sent; nothing of it is appended then
   */
  append(response: Response, headOnly: boolean, connection: number): number {
    const { status, body } = response;
    const length = lengthOf(status, body);
    const out = this.#out ??= this.#buffers.take();
    const date = this.#clock.date;
    const at = writeHead(out, this.#length, status, date, response.fields, length, connection);
    if (at > out.length) {
      if (this.#length > 0) return NO_ROOM;
      throw new TypeError("the head of the answer is too large");
    }
    if (headOnly || length <= 0 || status === 304) {
      this.#length = at;
      if (isSource(body)) body.close();
      return 0;
    }
    if (length > COPIED_BYTES || isSource(body)) {
      this.#headAt = this.#length;
      this.#length = at;
      return BODY_FOLLOWS;
    }
    if (at + length > out.length) return NO_ROOM;
    if (typeof body === "string") writeText(out, at, body);
    else out.set(body as Uint8Array, at);
    this.#length = at + length;
    return length;
  }

  /**
   * Sends what is collected, and the content whose head was appended last.
   *
   * @returns octets of content sent
   * @throws {BrokenBody} or what the stream throws
   */
  async sendBody(body: NonNullable<Response["body"]>): Promise<number> {
    if (isSource(body)) return await this.#sendSource(body);
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    await this.flush();
    await this.#write(bytes);
    return bytes.length;
  }

  /** Sends what is collected. */
  async flush(): Promise<void> {
    while (this.#length > 0) this.sent(await this.#stream.write(this.begin()));
  }

  /**
   * What is collected, as one piece to be written. With `sent`, this is `flush` for a caller that cannot
   * afford the promise of another function: a connection, once for each request.
   */
  begin(): Uint8Array {
    this.#timed.deadline = this.#clock.after(this.#stallMs);
    return this.#out!.subarray(this.#sent, this.#length);
  }

  /** So much of what `begin` gave was accepted. Nearly always it is all. */
  sent(octets: number): void {
    this.#sent += octets;
    if (this.#sent === this.#length) this.release();
  }

  /** Gives the memory back. No write may be pending. */
  release(): void {
    if (this.#out !== null) this.#buffers.give(this.#out);
    this.#out = null;
    this.#length = this.#sent = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      this.#timed.deadline = this.#clock.after(this.#stallMs);
      at += await this.#stream.write(at === 0 ? bytes : bytes.subarray(at));
    }
  }

  async #sendSource(source: BodySource): Promise<number> {
    let begun = false;
    let left = source.length;
    try {
      const buffer = new Uint8Array(Math.min(left, SOURCE_BYTES));
      while (left > 0) {
        this.#timed.deadline = Infinity;
        const read = await source.read(left < buffer.length ? buffer.subarray(0, left) : buffer)
          .catch((cause) => {
            if (!begun) this.#length = this.#headAt;
            throw new BrokenBody(begun, "the content could not be read", { cause });
          });
        if (read === null || read > left) {
          if (!begun) this.#length = this.#headAt;
          throw new BrokenBody(begun, "the content is not as long as it said");
        }
        if (!begun) {
          begun = true;
          await this.flush();
        }
        await this.#write(buffer.subarray(0, read));
        left -= read;
      }
      return source.length;
    } finally {
      source.close();
    }
  }
}

/** Whether the content is read as it is sent. */
export function isSource(body: Response["body"]): body is BodySource {
  return typeof body === "object" && !(body instanceof Uint8Array);
}

/** What `Content-Length` says (RFC 9110 §8.6), or `NO_LENGTH`. */
function lengthOf(status: number, body: Response["body"]): number {
  if (status === 204) return NO_LENGTH;
  if (body === undefined) return status === 304 ? NO_LENGTH : 0;
  return typeof body === "string" ? textLength(body) : body.length;
}
