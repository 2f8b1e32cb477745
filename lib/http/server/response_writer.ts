/** The sending half of a connection of the server. */
import type { BufferPool } from "./buffer_pool.ts";
import type { BodySource, Response } from "../message.ts";
import type { ByteStream } from "../stream.ts";
import { PreparedResponse } from "../prepared_response.ts";
import { CachedBody } from "../cached_body.ts";
import {
  CONNECTION_DEFAULT,
  contentLength,
  writeHead,
  writeText,
} from "../wire/response_encoder.ts";

/** Content up to this size is copied behind its head, so that both are sent in one write. */
const COPIED_BYTES = 8 * 1024;

/**
 * Content above this size is more than a new connection takes at once. It is sent in pieces that
 * end at multiples of 4096 bytes from the start of the response, because there are clients that
 * receive 4096 bytes at a time and take a shorter piece for the last one.
 */
const WHOLE_BYTES = 96 * 1024;
const RECEIVED_BYTES = 4096;
const PIECE_BYTES = 15 * RECEIVED_BYTES;

/** The head is buffered; the content is to be sent by `sendSource`. */
export const SOURCE_FOLLOWS = -1;
/** The buffer holds other responses: `flush`, then append again. */
export const NO_ROOM = -2;

/** What the writers of one server share. */
export interface WriterShared {
  /** The buffers that responses are collected in. */
  readonly largeBuffers: BufferPool;
  readonly clock: { readonly date: Uint8Array };
}

/** What a writer reports to its connection. */
export interface WriterConnection {
  /** The peer must accept a byte within the write timeout from now. */
  waitForPeer(): void;
  /** This many bytes have been accepted since the connection began. */
  accepted(bytes: number): void;
}

/**
 * The sending half of a connection: collects small responses so that they are sent in one write,
 * and sends large ones without copying them.
 */
export class ResponseWriter {
  /** The number of bytes that the transport has accepted since the connection began. */
  acceptedBytes = 0;

  #stream: ByteStream;
  #shared: WriterShared;
  #connection: WriterConnection;
  #out: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  /** How much of the pending bytes has been written: above 0 only while a slow peer reads them. */
  #sent = 0;
  /** Large content that follows the buffer. It is sent without copying. */
  #content: Uint8Array | null = null;
  /** The body whose head and content are being sent together, until its head has been sent. */
  #borrowed: CachedBody | null = null;
  /** Whether the content is sent in pieces. */
  #inPieces = false;
  /** Where the head of a source's response begins, in case it must be retracted. */
  #headAt = 0;

  constructor(stream: ByteStream, shared: WriterShared, connection: WriterConnection) {
    this.#stream = stream;
    this.#shared = shared;
    this.#connection = connection;
  }

  /** Whether there is anything to send. */
  get pending(): boolean {
    return this.#length > 0 || this.#content !== null;
  }

  /** The number of bytes appended since the connection began, accepted or pending. */
  get appendedBytes(): number {
    const content = this.#content === null ? 0 : this.#content.length;
    return this.acceptedBytes + this.#length + content - this.#sent;
  }

  /** Appends a few bytes as they are. */
  appendBytes(bytes: Uint8Array): void {
    const out = this.#out ??= this.#shared.largeBuffers.take();
    out.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * Appends a response, or at least its head. The content must not change until it has been sent.
   *
   * @param headOnly whether the request method is HEAD
   * @param connection one of the `CONNECTION_…` values of the response encoder
   * @returns the number of bytes of content appended, or `SOURCE_FOLLOWS`, or `NO_ROOM`
   * @throws {TypeError} if the response cannot be sent; nothing of it is appended then
   */
  append(response: Response, headOnly: boolean, connection: number): number {
    const { status, body } = response;
    const length = contentLength(status, body);
    const bare = headOnly || length <= 0 || status === 304;
    const { date } = this.#shared.clock;
    if (
      response instanceof PreparedResponse && connection === CONNECTION_DEFAULT && !this.pending
    ) {
      this.#content = response.bytes(date, headOnly);
      return bare ? 0 : length;
    }
    if (this.#content !== null && !this.#collectContent()) return NO_ROOM;
    const isRepeated = !bare && this.#length === 0 && body instanceof CachedBody;
    if (isRepeated && this.#borrow(body, response, date, connection)) return length;
    const out = this.#out ??= this.#shared.largeBuffers.take();
    const at = writeHead(out, this.#length, status, date, response.fields, length, connection);
    if (at > out.length) {
      if (this.#length > 0) return NO_ROOM;
      throw new TypeError(
        `The head of a response must take at most ${out.length} bytes, got ${at}`,
      );
    }
    if (isRepeated) {
      body.prepend(out.subarray(0, at), response, date, connection);
      if (this.#borrow(body, response, date, connection)) {
        this.#releaseBuffer();
        return length;
      }
    }
    if (bare) {
      this.#length = at;
      if (isSource(body)) body.close();
      return 0;
    }
    if (isSource(body)) {
      this.#headAt = this.#length;
      this.#length = at;
      return SOURCE_FOLLOWS;
    }
    // Behind a very large head there may be no room for content that would otherwise be copied.
    if (length > COPIED_BYTES || (this.#length === 0 && at + length > out.length)) {
      const content = typeof body === "string" ? new TextEncoder().encode(body) : bytesOf(body!);
      this.#inPieces = length > WHOLE_BYTES;
      // The first piece is the whole buffer, whose size is a multiple of 4096.
      const beginning = this.#inPieces ? out.length - at : 0;
      out.set(content.subarray(0, beginning), at);
      this.#length = at + beginning;
      this.#content = content.subarray(beginning);
      return length;
    }
    if (at + length > out.length) return NO_ROOM;
    if (typeof body === "string") writeText(out, at, body);
    else out.set(bytesOf(body!), at);
    this.#length = at + length;
    return length;
  }

  /**
   * Copies short content into the buffer, so that more can follow. Returns false if it is too long.
   */
  #collectContent(): boolean {
    const content = this.#content!;
    if (this.#length > 0 || content.length > COPIED_BYTES) return false;
    if (this.#borrowed !== null) return false;
    this.appendBytes(content);
    this.#content = null;
    return true;
  }

  /** Sends head and content in one piece, if the right head is in front of the content. */
  #borrow(
    content: CachedBody,
    response: Response,
    date: Uint8Array,
    connection: number,
  ): boolean {
    const message = content.borrow(response, date, connection);
    if (message === null) return false;
    this.#borrowed = content;
    this.#content = message;
    this.#inPieces = content.length > WHOLE_BYTES;
    return true;
  }

  /** Sends everything that is pending. */
  async flush(): Promise<void> {
    while (this.pending) this.advance(await this.#stream.write(this.nextChunk()));
  }

  /**
   * Returns what to write next, in one piece. With `pending` and `advance`, this is `flush` for a
   * caller that cannot afford the promise of another function: a connection, once for each request.
   */
  nextChunk(): Uint8Array {
    this.#connection.waitForPeer();
    if (this.#length > 0) return this.#out!.subarray(this.#sent, this.#length);
    const content = this.#content!;
    if (this.#inPieces) {
      const end = this.#sent + PIECE_BYTES;
      return content.subarray(this.#sent, end - end % RECEIVED_BYTES);
    }
    return this.#sent === 0 ? content : content.subarray(this.#sent);
  }

  /** Records that the peer accepted this many bytes of the chunk. */
  advance(bytes: number): void {
    this.#accept(bytes);
    this.#connection.accepted(this.acceptedBytes);
  }

  #accept(bytes: number): void {
    this.acceptedBytes += bytes;
    this.#sent += bytes;
    if (this.#length > 0) {
      if (this.#sent === this.#length) this.#releaseBuffer();
      return;
    }
    const content = this.#content!;
    if (this.#borrowed !== null && content.length - this.#sent <= this.#borrowed.length) {
      this.#releaseCachedBody();
    }
    if (this.#sent === content.length) {
      this.#content = null;
      this.#inPieces = false;
      this.#sent = 0;
    }
  }

  /** Sends everything that is pending, then these bytes, without copying them. */
  send(content: Uint8Array): Promise<void> {
    this.#content = content;
    return this.flush();
  }

  /** Retracts a head whose content was to follow. None of it may have been sent. */
  retractHead(): void {
    this.#length = this.#headAt;
  }

  /** Returns the memory. No write may be pending. */
  release(): void {
    this.#content = null;
    this.#releaseCachedBody();
    this.#releaseBuffer();
  }

  #releaseCachedBody(): void {
    this.#borrowed?.release();
    this.#borrowed = null;
  }

  #releaseBuffer(): void {
    if (this.#out !== null) this.#shared.largeBuffers.give(this.#out);
    this.#out = null;
    this.#length = this.#sent = 0;
  }
}

/** Returns whether the content is read while it is sent. */
export function isSource(body: Response["body"]): body is BodySource {
  return typeof body === "object" && !(body instanceof Uint8Array) &&
    !(body instanceof CachedBody);
}

function bytesOf(body: Uint8Array<ArrayBuffer> | CachedBody): Uint8Array<ArrayBuffer> {
  return body instanceof CachedBody ? body.bytes : body;
}
