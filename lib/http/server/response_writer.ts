import type { BufferPool } from "./buffer_pool.ts";
import type { BodySource, ByteStream, Response } from "../message.ts";
import { PreparedResponse } from "../prepared_response.ts";
import { RepeatedContent } from "../cached_body.ts";
import {
  CONNECTION_DEFAULT,
  contentLength,
  writeHead,
  writeText,
} from "../wire/response_encoder.ts";

/** Content up to this size is copied behind its head, so that both leave in one write. */
const COPIED_BYTES = 8 * 1024;

/**
 * Content above this size is more than a connection takes at once in its beginning. It is sent in pieces
 * that end, counted from the start of the answer, at multiples of 4096 octets, because there are clients
 * that receive 4096 octets at a time and take a shorter piece for the last.
 */
const WHOLE_BYTES = 96 * 1024;
const RECEIVED_BYTES = 4096;
const PIECE_BYTES = 15 * RECEIVED_BYTES;

/** The head is collected, the content is to be sent by `sendSource`. */
export const SOURCE_FOLLOWS = -1;
/** The buffer holds other answers: `flush` and append again. */
export const NO_ROOM = -2;

/** What the writers of one server share. */
export interface WriterShared {
  /** Lends the buffers that answers are collected in. */
  readonly largeBuffers: BufferPool;
  readonly clock: { readonly date: Uint8Array };
}

/** What a writer tells its connection. */
export interface WriterConnection {
  /** The peer must accept something within the write timeout from now. */
  waitForPeer(): void;
  /** So many bytes have been accepted, counted from the first of the connection. */
  accepted(bytes: number): void;
}

/**
 * The sending half of a connection: collects small responses so that they leave in one write, and sends
 * large ones without copying them.
 */
export class AnswerWriter {
  /** Bytes that the transport has accepted since the connection began. */
  acceptedBytes = 0;

  #stream: ByteStream;
  #shared: WriterShared;
  #connection: WriterConnection;
  #out: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  /** How much of it has been written: more than nothing only while a slow peer reads it. */
  #sent = 0;
  /** Large content that follows what is collected. It is sent from where it is. */
  #content: Uint8Array | null = null;
  /** Whose head and content are sent together, until the head is gone. */
  #lender: RepeatedContent | null = null;
  /** Whether it is sent in pieces. */
  #inPieces = false;
  /** Where the head of the source's answer begins, in case that it never goes out. */
  #headAt = 0;

  constructor(stream: ByteStream, shared: WriterShared, connection: WriterConnection) {
    this.#stream = stream;
    this.#shared = shared;
    this.#connection = connection;
  }

  /** Whether something waits to be sent. */
  get pending(): boolean {
    return this.#length > 0 || this.#content !== null;
  }

  /** Bytes appended since the connection began: those accepted, and those pending. */
  get appendedBytes(): number {
    const content = this.#content === null ? 0 : this.#content.length;
    return this.acceptedBytes + this.#length + content - this.#sent;
  }

  /** Appends octets as they are; they must be few. */
  appendOctets(octets: Uint8Array): void {
    const out = this.#out ??= this.#shared.largeBuffers.take();
    out.set(octets, this.#length);
    this.#length += octets.length;
  }

  /**
   * Appends an answer, or at least its head. Content must not change until it was sent.
   *
   * @param headOnly whether the request was HEAD
   * @param connection one of the serializer's `CONNECTION_…`
   * @returns octets of content appended, or `SOURCE_FOLLOWS`, or `NO_ROOM`
   * @throws {TypeError} for an answer that cannot be sent; nothing of it is appended then
   */
  append(response: Response, headOnly: boolean, connection: number): number {
    const { status, body } = response;
    const length = contentLength(status, body);
    const bare = headOnly || length <= 0 || status === 304;
    const { date } = this.#shared.clock;
    if (
      response instanceof PreparedResponse && connection === CONNECTION_DEFAULT && !this.pending
    ) {
      this.#content = response.octets(date, headOnly);
      return bare ? 0 : length;
    }
    if (this.#content !== null && !this.#collectContent()) return NO_ROOM;
    const isRepeated = !bare && this.#length === 0 && body instanceof RepeatedContent;
    if (isRepeated && this.#borrow(body, response, date, connection)) return length;
    const out = this.#out ??= this.#shared.largeBuffers.take();
    const at = writeHead(out, this.#length, status, date, response.fields, length, connection);
    if (at > out.length) {
      if (this.#length > 0) return NO_ROOM;
      throw new TypeError("the head of the answer is too large");
    }
    if (isRepeated) {
      body.place(out.subarray(0, at), response, date, connection);
      if (this.#borrow(body, response, date, connection)) {
        this.#giveBack();
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
    // Behind a very large head there may be no room for content that would be copied otherwise.
    if (length > COPIED_BYTES || (this.#length === 0 && at + length > out.length)) {
      const content = typeof body === "string" ? new TextEncoder().encode(body) : octetsOf(body!);
      this.#inPieces = length > WHOLE_BYTES;
      // The first piece is the buffer, whose size is such a multiple.
      const beginning = this.#inPieces ? out.length - at : 0;
      if (beginning > 0) out.set(content.subarray(0, beginning), at);
      this.#length = at + beginning;
      this.#content = beginning > 0 ? content.subarray(beginning) : content;
      return length;
    }
    if (at + length > out.length) return NO_ROOM;
    if (typeof body === "string") writeText(out, at, body);
    else out.set(octetsOf(body!), at);
    this.#length = at + length;
    return length;
  }

  /** Copies what is sent from where it is into the buffer, if it is little, so that more can follow. */
  #collectContent(): boolean {
    const content = this.#content!;
    if (this.#length > 0 || content.length > COPIED_BYTES) return false;
    if (this.#lender !== null) return false;
    this.appendOctets(content);
    this.#content = null;
    return true;
  }

  /** Sends head and content in one piece, where the head in front of the content is the right one. */
  #borrow(
    content: RepeatedContent,
    response: Response,
    date: Uint8Array,
    connection: number,
  ): boolean {
    const answer = content.lend(response, date, connection);
    if (answer === null) return false;
    this.#lender = content;
    this.#content = answer;
    this.#inPieces = content.length > WHOLE_BYTES;
    return true;
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    while (this.pending) this.sent(await this.#stream.write(this.begin()));
  }

  /**
   * What is to be written next, in one piece. With `pending` and `sent`, this is `flush` for a caller that
   * cannot afford another function's promise: a connection, once for each request.
   */
  begin(): Uint8Array {
    this.#connection.waitForPeer();
    if (this.#length > 0) return this.#out!.subarray(this.#sent, this.#length);
    const content = this.#content!;
    if (this.#inPieces) {
      const end = this.#sent + PIECE_BYTES;
      return content.subarray(this.#sent, end - end % RECEIVED_BYTES);
    }
    return this.#sent === 0 ? content : content.subarray(this.#sent);
  }

  /** So much of what `begin` gave was accepted: nearly always all of it. */
  sent(octets: number): void {
    this.#accept(octets);
    this.#connection.accepted(this.acceptedBytes);
  }

  #accept(octets: number): void {
    this.acceptedBytes += octets;
    this.#sent += octets;
    if (this.#length > 0) {
      if (this.#sent === this.#length) this.#giveBack();
      return;
    }
    const content = this.#content!;
    if (this.#lender !== null && content.length - this.#sent <= this.#lender.length) {
      this.#giveHeadBack();
    }
    if (this.#sent === content.length) {
      this.#content = null;
      this.#inPieces = false;
      this.#sent = 0;
    }
  }

  /** Sends what waits, and then these octets, from where they are. */
  send(content: Uint8Array): Promise<void> {
    this.#content = content;
    return this.flush();
  }

  /** Takes the head back whose content was to follow. Nothing of it has left. */
  takeHeadBack(): void {
    this.#length = this.#headAt;
  }

  /** Gives the memory back. No write may be pending. */
  release(): void {
    this.#content = null;
    this.#giveHeadBack();
    this.#giveBack();
  }

  #giveHeadBack(): void {
    this.#lender?.giveBack();
    this.#lender = null;
  }

  #giveBack(): void {
    if (this.#out !== null) this.#shared.largeBuffers.give(this.#out);
    this.#out = null;
    this.#length = this.#sent = 0;
  }
}

/** Whether the content is read as it is sent. */
export function isSource(body: Response["body"]): body is BodySource {
  return typeof body === "object" && !(body instanceof Uint8Array) &&
    !(body instanceof RepeatedContent);
}

function octetsOf(body: Uint8Array<ArrayBuffer> | RepeatedContent): Uint8Array<ArrayBuffer> {
  return body instanceof RepeatedContent ? body.octets : body;
}
