import { ChunkedDecoder } from "../wire/chunked.ts";
import { HttpError } from "../error.ts";
import { CHUNKED, UNTIL_CLOSE } from "../wire/framing.ts";
import type { Fields } from "../message.ts";

/** A response ended before the length or the last chunk that it announced (RFC 9112 §8). */
export class TruncatedResponse extends Deno.errors.UnexpectedEof {
  override readonly name = "TruncatedResponse";
}

/** A response whose head has arrived; its content is read as the caller asks for it. */
export interface IncomingResponse {
  /** The status code. */
  readonly status: number;
  /** The reason phrase; comes from outside, as everything here. */
  readonly reason: string;
  /** The minor version of HTTP/1. */
  readonly minorVersion: 0 | 1;
  /** The fields; good for as long as they are kept. */
  readonly fields: Fields;
  /**
   * Bytes of content if known (Infinity for 2^53 and more), 0 where there is none, null where it ends
   * with a chunk or the connection.
   */
  readonly length: number | null;
  /**
   * Fills the start of `into` with content.
   *
   * @returns the number of bytes, or null at the end
   * @throws {TruncatedResponse} where the connection ended first; {HttpError} 502 malformed chunks
   */
  read(into: Uint8Array): Promise<number | null>;
  /**
   * The content to its end.
   *
   * @param limit most bytes accepted
   * @throws {HttpError} 502 above the limit; and as `read`
   */
  bytes(limit: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The content to its end as UTF-8; as `bytes`. */
  text(limit: number): Promise<string>;
}

/** Where the content of a response comes from. */
export interface ContentOrigin {
  /** Fills the start of `into` with what follows the head; null at the connection's end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Puts bytes back that were read and not used: they came behind the content. */
  unread(bytes: Uint8Array): void;
  /** Called once: the content is whole (`true`), or nothing more of it can be had. */
  settled(whole: boolean): void;
}

/** Room for chunks and their framing. */
const CHUNK_BYTES = 16 * 1024;

/** The content of one response, taken from its connection as it is asked for. */
export class Content {
  #origin: ContentOrigin;
  /** Whether the end of the connection is the end of the content (RFC 9112 §6.3 (8)). */
  #isUntilClose: boolean;
  #left: number;
  #chunks: ChunkedDecoder | null = null;
  #buffer: Uint8Array | null = null;
  #from = 0;
  #to = 0;
  #ended = false;

  /**
   * @param length bytes, `CHUNKED` or `UNTIL_CLOSE`
   * @param chunkOverheadBytes the most bytes of chunk extensions and trailers together
   */
  constructor(origin: ContentOrigin, length: number, chunkOverheadBytes: number) {
    this.#origin = origin;
    this.#isUntilClose = length === UNTIL_CLOSE;
    this.#left = this.#isUntilClose ? Infinity : length;
    if (length === CHUNKED) {
      this.#chunks = new ChunkedDecoder(chunkOverheadBytes, true);
      this.#buffer = new Uint8Array(CHUNK_BYTES);
    } else if (length === 0) {
      this.#end(true);
    }
  }

  /** As `IncomingResponse.read`. */
  async read(into: Uint8Array): Promise<number | null> {
    if (this.#ended) return null;
    if (into.length === 0) return 0;
    try {
      if (this.#chunks !== null) return await this.#readChunk(this.#chunks, into);
      const wanted = into.length <= this.#left ? into : into.subarray(0, this.#left);
      const read = await this.#origin.read(wanted);
      if (read === null) {
        if (!this.#isUntilClose) throw new TruncatedResponse("the answer was cut off");
        this.#end(true);
        return null;
      }
      this.#left -= read;
      if (this.#left === 0) this.#end(true);
      return read;
    } catch (error) {
      this.#end(false);
      throw error;
    }
  }

  async #readChunk(chunks: ChunkedDecoder, into: Uint8Array): Promise<number | null> {
    const buffer = this.#buffer!;
    for (;;) {
      if (this.#from === this.#to) {
        const read = await this.#origin.read(buffer);
        if (read === null) throw new TruncatedResponse("the answer was cut off");
        this.#from = 0;
        this.#to = read;
      }
      // No more than fits: the rest of the chunk stays in the buffer.
      const to = Math.min(this.#to, this.#from + into.length);
      try {
        chunks.decode(buffer, this.#from, to);
      } catch (error) {
        throw error instanceof HttpError ? new HttpError(502, error.message) : error;
      }
      this.#from += chunks.consumed;
      if (chunks.done) {
        this.#origin.unread(buffer.subarray(this.#from, this.#to));
        this.#end(true);
        return null;
      }
      const length = chunks.dataTo - chunks.dataFrom;
      if (length > 0) {
        into.set(buffer.subarray(chunks.dataFrom, chunks.dataTo));
        return length;
      }
    }
  }

  #end(whole: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#buffer = null;
    this.#origin.settled(whole);
  }
}

/**
 * All of the content, collected.
 *
 * @param limit most bytes accepted
 * @throws {HttpError} 502 above the limit; and as `IncomingResponse.read`
 */
export async function collect(
  response: Pick<IncomingResponse, "read" | "length">,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new HttpError(502, `the answer is larger than ${limit} bytes`);
  if ((response.length ?? 0) > limit) throw tooLarge();
  // Grows as bytes arrive, not as the length claims. One byte more tells "too large" from "whole".
  let bytes = new Uint8Array(Math.min(limit + 1, (response.length ?? 4096) + 1, 64 * 1024));
  let length = 0;
  for (;;) {
    if (length === bytes.length) {
      const grown = new Uint8Array(Math.min(limit + 1, 2 * bytes.length));
      grown.set(bytes);
      bytes = grown;
    }
    const read = await response.read(bytes.subarray(length));
    if (read === null) return bytes.subarray(0, length);
    length += read;
    if (length > limit) throw tooLarge();
  }
}
