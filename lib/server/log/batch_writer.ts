/** Writes lines in batches to a sink that may be slow, full or broken. */
import { ByteBuffer } from "./byte_buffer.ts";

/** A destination of bytes: a file or the standard output. */
export interface ByteSink {
  /** Writes a prefix of `bytes`; resolves with its length. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Events of a `BatchWriter`. */
export interface BatchWriterEvents {
  /** The first write after a success failed; `reason` is the system's. */
  failed?(reason: string): void;
  /** Writing works again; `lost` lines were dropped in between. */
  recovered?(lost: number): void;
}

/** How long a line waits for others to be written with it, milliseconds. */
const BATCH_MS = 10;

/** How long until a failed write is retried, milliseconds. */
const RETRY_MS = 1000;

/** Most bytes that wait for the current batch; further lines are dropped and counted. */
export const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;

/**
 * Collects lines for a few milliseconds and writes them together. While the sink is slow or fails,
 * up to `MAX_BACKLOG_BYTES` bytes wait, and the write is retried every second.
 */
export class BatchWriter {
  readonly #sink: ByteSink;
  readonly #events: BatchWriterEvents;
  #pending = new ByteBuffer();
  /** The bytes being written, and how many of them have been. */
  #batch = new ByteBuffer();
  #written = 0;
  /** Where the current line begins. */
  #lineStart = 0;
  #lost = 0;
  #failing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWriting = false;
  /** Resolves when the current write, if any, has ended. */
  #writing: Promise<void> = Promise.resolve();

  constructor(sink: ByteSink, events: BatchWriterEvents = {}) {
    this.#sink = sink;
    this.#events = events;
  }

  /** Returns the buffer to append a line to, with its line end. `end` must follow synchronously. */
  begin(): ByteBuffer {
    this.#lineStart = this.#pending.length;
    return this.#pending;
  }

  /** Completes the line; drops it if too much is waiting already. */
  end(): void {
    if (this.#pending.length > MAX_BACKLOG_BYTES) {
      this.#pending.truncate(this.#lineStart);
      this.#lost++;
    } else {
      this.#schedule(BATCH_MS);
    }
  }

  /** Writes all waiting lines, for at most `timeoutMs` milliseconds. */
  async close(timeoutMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    const written = async () => {
      await this.#writing;
      await this.#write();
    };
    await Promise.race([written(), timeout]);
    clearTimeout(timer);
    clearTimeout(this.#timer);
  }

  /** Makes a write due in `delay` milliseconds if none is due yet. */
  #schedule(delay: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, delay);
  }

  /** Starts to write if no write is in progress: two at a time would write the same lines twice. */
  #write(): Promise<void> {
    if (this.#isWriting) return this.#writing;
    this.#isWriting = true;
    return this.#writing = this.#drain();
  }

  /** Writes until nothing is waiting or the sink fails. Never rejects. */
  async #drain(): Promise<void> {
    try {
      while (this.#written < this.#batch.length || this.#pending.length > 0) {
        if (this.#written === this.#batch.length) this.#nextBatch();
        while (this.#written < this.#batch.length) {
          this.#written += await this.#sink.write(this.#batch.view(this.#written));
        }
        this.#succeeded();
      }
      this.#isWriting = false;
    } catch (error) {
      this.#isWriting = false;
      this.#failed(error);
    }
  }

  #nextBatch(): void {
    this.#batch.clear();
    this.#written = 0;
    [this.#batch, this.#pending] = [this.#pending, this.#batch];
  }

  #succeeded(): void {
    if (!this.#failing && this.#lost === 0) return;
    const lost = this.#lost;
    this.#failing = false;
    this.#lost = 0;
    this.#events.recovered?.(lost);
  }

  #failed(error: unknown): void {
    if (!this.#failing) {
      this.#failing = true;
      this.#events.failed?.(error instanceof Error ? error.message : String(error));
    }
    this.#schedule(RETRY_MS);
  }
}
