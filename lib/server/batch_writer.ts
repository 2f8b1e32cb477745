/** Lines gathered and written together, to something that may be slow, full or gone. */

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

/** Most characters that wait behind the batch in hand; lines beyond are dropped and counted. */
export const LARGEST_BACKLOG = 4 * 1024 * 1024;

/**
 * Gathers lines for a few milliseconds and writes them at once. While the sink is slow or fails, up to
 * `LARGEST_BACKLOG` characters wait for it; it is tried again every second.
 */
export class BatchWriter {
  readonly #sink: ByteSink;
  readonly #events: BatchWriterEvents;
  readonly #encoder = new TextEncoder();
  /** Lines added since the batch that is being written: a rope, flattened when its turn comes. */
  #text = "";
  #lost = 0;
  #failing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  /** What is left of a batch that was written in part. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(sink: ByteSink, events: BatchWriterEvents = {}) {
    this.#sink = sink;
    this.#events = events;
  }

  /** Adds a line, its line end included. */
  add(line: string): void {
    if (this.#text.length + line.length > LARGEST_BACKLOG) {
      this.#lost++;
      return;
    }
    this.#text += line;
    if (this.#timer === undefined && this.#writing === undefined) this.#schedule(GATHER_MS);
  }

  /** Writes what waits, for at most `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    let impatient: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      impatient = setTimeout(resolve, patienceMs);
    });
    const written = async () => {
      await this.#writing;
      await this.#drain();
    };
    await Promise.race([written(), patience]);
    clearTimeout(impatient);
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#drain();
    }, delay);
  }

  /** Writes until nothing waits or the sink fails. Never rejects. */
  async #drain(): Promise<void> {
    try {
      while (this.#rest.length > 0 || this.#text !== "") {
        if (this.#rest.length === 0) {
          this.#rest = this.#encoder.encode(this.#text);
          this.#text = "";
        }
        while (this.#rest.length > 0) {
          this.#rest = this.#rest.subarray(await this.#sink.write(this.#rest));
        }
        this.#succeeded();
      }
      this.#writing = undefined;
    } catch (error) {
      this.#writing = undefined;
      if (!this.#failing) {
        this.#failing = true;
        this.#events.failed?.(error instanceof Error ? error.message : String(error));
      }
      if (this.#timer === undefined) this.#schedule(RETRY_MS);
    }
  }

  #succeeded(): void {
    if (!this.#failing && this.#lost === 0) return;
    const lost = this.#lost;
    this.#failing = false;
    this.#lost = 0;
    this.#events.recovered?.(lost);
  }
}
