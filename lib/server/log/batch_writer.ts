/** Lines gathered and written together, to something that may be slow, full or gone. */
import { ByteBuffer } from "./byte_buffer.ts";

/** Where bytes go: a file or the standard output. */
export interface ByteSink {
  /** Writes a prefix of `bytes`; resolves with its length. */
  write(bytes: Uint8Array): Promise<number>;
}

/** What a `BatchWriter` reports. */
export interface BatchWriterEvents {
  /** Writing failed, and did not before; `reason` is the system's. */
  failed?(reason: string): void;
  /** Writing works again; `lost` lines were dropped meanwhile. */
  recovered?(lost: number): void;
}

/** How long a line waits for others, milliseconds. */
const GATHER_MS = 10;

/** How long until a failed write is tried again, milliseconds. */
const RETRY_MS = 1000;

/** Most bytes that wait behind the batch in hand; lines beyond are dropped and counted. */
export const LARGEST_BACKLOG = 4 * 1024 * 1024;

/**
 * Gathers lines for a few milliseconds and writes them at once. While the sink is slow or fails, up to
 * `LARGEST_BACKLOG` bytes wait for it; it is tried again every second.
 */
export class BatchWriter {
  readonly #sink: ByteSink;
  readonly #events: BatchWriterEvents;
  #gathered = new ByteBuffer();
  /** What is being written, and how much of it has been. */
  #batch = new ByteBuffer();
  #written = 0;
  /** Where the line in hand begins. */
  #lineFrom = 0;
  #lost = 0;
  #failing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWriting = false;
  /** Resolves when the last writing that began has ended. */
  #writing: Promise<void> = Promise.resolve();

  constructor(sink: ByteSink, events: BatchWriterEvents = {}) {
    this.#sink = sink;
    this.#events = events;
  }

  /** Where to append a line, its line end included. `end` must follow at once. */
  begin(): ByteBuffer {
    this.#lineFrom = this.#gathered.length;
    return this.#gathered;
  }

  /** The line that was begun is complete; it is taken back where too much waits already. */
  end(): void {
    if (this.#gathered.length > LARGEST_BACKLOG) {
      this.#gathered.cut(this.#lineFrom);
      this.#lost++;
    } else if (this.#timer === undefined && !this.#isWriting) {
      this.#schedule(GATHER_MS);
    }
  }

  /** Writes what waits, for at most `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    let impatient: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      impatient = setTimeout(resolve, patienceMs);
    });
    const written = async () => {
      await this.#writing;
      await this.#write();
    };
    await Promise.race([written(), patience]);
    clearTimeout(impatient);
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, delay);
  }

  /** Writes what waits, unless that is being done: two at a time would write the same lines twice. */
  #write(): Promise<void> {
    if (this.#isWriting) return this.#writing;
    this.#isWriting = true;
    return this.#writing = this.#drain();
  }

  /** Writes until nothing waits or the sink fails. Never rejects. */
  async #drain(): Promise<void> {
    try {
      while (this.#written < this.#batch.length || this.#gathered.length > 0) {
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
    [this.#batch, this.#gathered] = [this.#gathered, this.#batch];
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
    if (this.#timer === undefined) this.#schedule(RETRY_MS);
  }
}
