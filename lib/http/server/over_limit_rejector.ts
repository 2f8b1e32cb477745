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

/** Connections that are being told at the same time; further ones are closed without a word. */
const AT_ONCE = 64;

/** How long one may take to hear it, milliseconds. */
const PATIENCE_MS = 1000;

const MESSAGE = "too many connections";

/** What is read of its request meanwhile: reads, and bytes of each. */
const READS = 64, READ_BYTES = 1024;

/**
 * Connections over a limit, which are told 503 with `Retry-After` (RFC 9110 §15.6.4) and closed. Neither a
 * connection's memory nor a buffer of the server's is spent on them.
 */
export class OverLimitRejector {
  #streams = new Set<ByteStream>();
  #retryAfterSeconds: number;
  #common: string;
  #observer: Observer;
  #ended: () => void;

  /**
   * @param common the field lines that every response carries, as `fieldLines` makes them
   * @param ended told each time that one has been closed
   */
  constructor(retryAfterSeconds: number, common: string, observer: Observer, ended: () => void) {
    this.#retryAfterSeconds = retryAfterSeconds;
    this.#common = common;
    this.#observer = observer;
    this.#ended = ended;
  }

  /** How many are being told now. */
  get size(): number {
    return this.#streams.size;
  }

  /** Tells one and closes it. Never rejects. */
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
      // Closing with bytes unread would reset the connection, and take the answer with it.
      const buffer = new Uint8Array(READ_BYTES);
      for (let left = READS; left > 0 && await stream.read(buffer) !== null; left--);
    } catch {
      // It went away by itself.
    } finally {
      clearTimeout(timer);
      closeQuietly(stream);
      this.#streams.delete(stream);
      this.#ended();
    }
  }

  /** Closes them all at once. */
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
