/** The response that a client receives, and its content. */
import { ChunkedDecoder } from "../wire/chunked.ts";
import { HttpError } from "../error.ts";
import { CHUNKED, UNTIL_CLOSE } from "../wire/framing.ts";
import type { Fields } from "../message.ts";

/** A response that ended before the length or the last chunk that it announced (RFC 9112 §8). */
export class TruncatedResponse extends Deno.errors.UnexpectedEof {
  /** The name of the class. */
  override readonly name = "TruncatedResponse";
}

/** A response whose head has arrived. Its content is read on demand. */
export interface IncomingResponse {
  /** The status code. */
  readonly status: number;
  /**
   * The reason phrase. Like everything here it comes from the server: escape it before printing.
   */
  readonly reason: string;
  /** The minor version of HTTP/1.x. */
  readonly minorVersion: 0 | 1;
  /** The fields of the head. They stay valid after the next request. */
  readonly fields: Fields;
  /**
   * The length of the content in bytes, Infinity from 2^53 on, or null if the content ends with the
   * last chunk or with the connection.
   */
  readonly length: number | null;
  /**
   * Fills the start of `into` with content.
   *
   * @returns the number of bytes, or null at the end
   * @throws {TruncatedResponse} if the connection ended too early
   * @throws {HttpError} 502 if the chunked coding is malformed
   */
  read(into: Uint8Array): Promise<number | null>;
  /**
   * Reads the content to its end.
   *
   * @param limit the largest number of bytes to accept
   * @throws {HttpError} 502 if the content is larger, and as `read` does
   * @throws {TruncatedResponse} if the connection ended too early
   */
  bytes(limit: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the content to its end as UTF-8. Otherwise like `bytes`. */
  text(limit: number): Promise<string>;
}

/** The connection that the content of a response is read from. */
export interface ContentOrigin {
  /**
   * Fills the start of `into` with bytes that follow the head. Resolves with null at the end of the
   * connection.
   */
  read(into: Uint8Array): Promise<number | null>;
  /** Takes back bytes that were read but came after the content. */
  unread(bytes: Uint8Array): void;
  /** Called once, when the content is complete (`true`) or can no longer be read. */
  settled(whole: boolean): void;
}

/** The size of the buffer for chunks and their framing. */
const CHUNK_BYTES = 16 * 1024;

/** The content of one response, read from its connection on demand. */
export class Content {
  #origin: ContentOrigin;
  /** Whether the content ends where the connection ends (RFC 9112 §6.3, rule 8). */
  #isUntilClose: boolean;
  #left: number;
  #chunks: ChunkedDecoder | null = null;
  #buffer: Uint8Array | null = null;
  #from = 0;
  #to = 0;
  #ended = false;

  /**
   * @param length the number of bytes, `CHUNKED` or `UNTIL_CLOSE`
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

  /** See `IncomingResponse.read`. */
  async read(into: Uint8Array): Promise<number | null> {
    if (this.#ended) return null;
    if (into.length === 0) return 0;
    try {
      if (this.#chunks !== null) return await this.#readChunk(this.#chunks, into);
      const wanted = into.length <= this.#left ? into : into.subarray(0, this.#left);
      const read = await this.#origin.read(wanted);
      if (read === null) {
        if (!this.#isUntilClose) {
          throw new TruncatedResponse("the connection was closed within the content of a response");
        }
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
        if (read === null) {
          throw new TruncatedResponse("the connection was closed within the content of a response");
        }
        this.#from = 0;
        this.#to = read;
      }
      // Decodes no more than fits into `into`. The rest of the chunk stays in the buffer.
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
 * Reads the content to its end.
 *
 * @param limit the largest number of bytes to accept
 * @throws {HttpError} 502 if the content is larger, and as `IncomingResponse.read` does
 */
export async function collect(
  response: Pick<IncomingResponse, "read" | "length">,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new HttpError(502, `the response is larger than ${limit} bytes`);
  if ((response.length ?? 0) > limit) throw tooLarge();
  // Grows with the bytes that arrive, not with the length announced. The one extra byte
  // distinguishes content that is too large from content that just fits.
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
