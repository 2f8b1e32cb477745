/** Streams in memory. */
import type { ByteStream } from "../../../lib/http/mod.ts";

/** One direction of a stream: bytes that were written and not read yet. */
class Pipe {
  #bytes: Uint8Array[] = [];
  #ended = false;
  #error: Error | null = null;
  #reader: (() => void) | null = null;
  #writer: (() => void) | null = null;
  #kept = 0;

  /** @param capacity bytes kept for a reader that does not come; then writing waits */
  constructor(readonly capacity: number) {}

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#bytes.length === 0 && !this.#ended && this.#error === null) {
      await new Promise<void>((resolve) => this.#reader = resolve);
    }
    if (this.#error !== null) throw this.#error;
    const first = this.#bytes[0];
    if (first === undefined) return null;
    const length = Math.min(first.length, into.length);
    into.set(first.subarray(0, length));
    if (length === first.length) this.#bytes.shift();
    else this.#bytes[0] = first.subarray(length);
    this.#kept -= length;
    this.#writer?.();
    return length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    while (this.#kept >= this.capacity && !this.#ended && this.#error === null) {
      await new Promise<void>((resolve) => this.#writer = resolve);
    }
    if (this.#error !== null) throw this.#error;
    if (this.#ended) throw new Deno.errors.BrokenPipe("the other side has closed");
    const part = bytes.slice(0, this.capacity - this.#kept);
    if (part.length > 0) this.#bytes.push(part);
    this.#kept += part.length;
    this.#reader?.();
    return part.length;
  }

  end(): void {
    this.#ended = true;
    this.#reader?.();
    this.#writer?.();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#reader?.();
    this.#writer?.();
  }
}

/**
 * One end of a connection in memory. What is written in one call is read in one call, if there is room:
 * so a test decides how a message is cut. As on TCP, closing with bytes unread resets the connection.
 */
export class MemoryStream implements ByteStream {
  /** How many calls of `write` there were. */
  writes = 0;
  closed = false;
  #input: Pipe;
  #output: Pipe;

  constructor(input: Pipe, output: Pipe) {
    this.#input = input;
    this.#output = output;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#input.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    return this.#output.write(bytes);
  }

  closeWrite(): Promise<void> {
    this.#output.end();
    return Promise.resolve();
  }

  /** Breaks the connection, as a peer does that crashes: both sides see a reset. */
  reset(): void {
    const error = new Deno.errors.ConnectionReset("reset by the peer");
    this.closed = true;
    this.#output.fail(error);
    this.#input.fail(error);
  }

  close(): void {
    if (this.closed) throw new Deno.errors.BadResource("closed twice");
    this.closed = true;
    this.#output.end();
    this.#input.fail(new Deno.errors.BadResource("closed here"));
  }
}

/** Two ends of one connection. */
export function streamPair(capacity = Infinity): [MemoryStream, MemoryStream] {
  const there = new Pipe(capacity);
  const back = new Pipe(capacity);
  return [new MemoryStream(back, there), new MemoryStream(there, back)];
}
