/** Rejects connections over a limit. */
import { errorResponse, HttpError } from "../error.ts";
import { type ByteStream, closeQuietly } from "../stream.ts";
import type { Observer } from "./observer.ts";
import {
  CONNECTION_CLOSE,
  dateLine,
  textLength,
  writeHead,
  writeText,
} from "../wire/response_encoder.ts";

/**
 * The number of connections rejected at the same time. Further ones are closed without a response.
 */
const AT_ONCE = 64;

/** How long a peer may take to receive the response, in milliseconds. */
const PATIENCE_MS = 1000;

const MESSAGE = "too many connections";

/** What is read of a rejected request: the number of reads, and the bytes of each. */
const READS = 64, READ_BYTES = 1024;

/**
 * Rejects the connections over a limit with 503 and `Retry-After` (RFC 9110 §15.6.4), then closes
 * them. It spends neither a `Connection` nor a pooled buffer on them.
 */
export class OverLimitRejector {
  #streams = new Set<ByteStream>();
  #retryAfterSeconds: number;
  #common: string;
  #observer: Observer;
  #ended: () => void;

  /**
   * @param common the field lines that every response carries, as `fieldLines` returns them
   * @param ended called each time a rejected connection has been closed
   */
  constructor(retryAfterSeconds: number, common: string, observer: Observer, ended: () => void) {
    this.#retryAfterSeconds = retryAfterSeconds;
    this.#common = common;
    this.#observer = observer;
    this.#ended = ended;
  }

  /** The number of connections that are being rejected now. */
  get size(): number {
    return this.#streams.size;
  }

  /** Rejects a connection and closes it. Never throws. */
  async tell(stream: ByteStream, peer: string): Promise<void> {
    if (this.#streams.size >= AT_ONCE) return closeQuietly(stream);
    this.#streams.add(stream);
    const timer = setTimeout(() => closeQuietly(stream), PATIENCE_MS);
    try {
      await stream.write(unavailable(this.#retryAfterSeconds, this.#common));
      await stream.closeWrite();
      this.#observer.responded?.({
        peer,
        user: null,
        method: "-",
        path: "-",
        subject: null,
        status: 503,
        bodyBytes: MESSAGE.length,
        milliseconds: 0,
        outcome: "complete",
      });
      // Closing with unread bytes would reset the connection, and the response could be lost.
      const buffer = new Uint8Array(READ_BYTES);
      for (let left = READS; left > 0 && await stream.read(buffer) !== null; left--);
    } catch {
      // The peer has gone.
    } finally {
      clearTimeout(timer);
      closeQuietly(stream);
      this.#streams.delete(stream);
      this.#ended();
    }
  }

  /** Closes all of them at once. */
  abort(): void {
    for (const stream of this.#streams) closeQuietly(stream);
  }
}

function unavailable(retryAfterSeconds: number, common: string): Uint8Array {
  const { status, fields, body } = errorResponse(
    new HttpError(503, MESSAGE, [["Retry-After", String(retryAfterSeconds)]]),
  );
  const text = body as string;
  const date = dateLine(Date.now(), common);
  const out = new Uint8Array(512 + date.length);
  const at = writeHead(out, 0, status, date, fields, textLength(text), CONNECTION_CLOSE);
  return out.subarray(0, writeText(out, at, text));
}
