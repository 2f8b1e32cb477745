/**
 * `server_log.txt`: appended to, renamed to `server_log.txt.1` when it has its size, and made anew when
 * somebody moved it away.
 */
import { dirname } from "@std/path";
import { systemReason } from "../failure.ts";
import type { ByteSink } from "./batch_writer.ts";

/** How large the log becomes before it is renamed, bytes. */
export const LOG_BYTES = 64 * 1024 * 1024;

/** What differs from the defaults. */
export interface LogFileOptions {
  /** Size at which the file is renamed, bytes (`LOG_BYTES`). */
  readonly maxBytes?: number;
  /** How often to look whether the file is still the one at its path, milliseconds (1000). */
  readonly lookMs?: number;
  /** Told in a sentence that the file cannot be renamed and grows on. */
  readonly complain?: (sentence: string) => void;
}

const LINE_FEED = 0x0a;

/** A file that is appended to. It is opened by a write, so that a failure heals by itself. */
export class LogFile implements ByteSink {
  readonly #path: string;
  readonly #options: Required<LogFileOptions>;
  #file: Deno.FsFile | null = null;
  #ino: number | null = null;
  #length = 0;
  /** Where the open file is renamed; beyond every size for what is no regular file, as a pipe. */
  #maxBytes = Infinity;
  /** Whether what was written last ended a line. */
  #isLineEnd = true;
  #looked = 0;
  #mustReopen = false;

  constructor(path: string, options: LogFileOptions = {}) {
    this.#path = path;
    this.#options = {
      maxBytes: options.maxBytes ?? LOG_BYTES,
      lookMs: options.lookMs ?? 1000,
      complain: options.complain ?? (() => {}),
    };
  }

  /**
   * Opens the file now instead of at the first line, when connections may have taken all descriptors.
   * Never rejects: what keeps it from being opened is reported by the first write.
   */
  async open(): Promise<void> {
    this.#file ??= await this.#open(Date.now()).catch(() => null);
  }

  /** Writes whole lines, as many as fit the file's size. */
  async write(bytes: Uint8Array): Promise<number> {
    const file = await this.#current(bytes);
    const written = await file.write(bytes.subarray(0, this.#fitting(bytes)));
    this.#length += written;
    if (written > 0) this.#isLineEnd = bytes[written - 1] === LINE_FEED;
    return written;
  }

  /** Has the next write open the file at its path, whatever is open now. */
  reopen(): void {
    this.#mustReopen = true;
  }

  /** Closes the file; a later write opens it again. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  /** The file to write to, opened or begun anew if need be. */
  async #current(bytes: Uint8Array): Promise<Deno.FsFile> {
    const now = Date.now();
    if (this.#mustReopen) {
      this.#mustReopen = false;
      this.close();
    } else if (this.#file !== null && now - this.#looked >= this.#options.lookMs) {
      this.#looked = now;
      // Moved or removed: without this, lines would go to a file that nobody finds.
      const found = await Deno.stat(this.#path).catch(() => null);
      if (found === null || found.ino !== this.#ino) this.close();
    }
    this.#file ??= await this.#open(now);
    if (this.#length > 0 && this.#isLineEnd && this.#fitting(bytes) === 0) {
      await this.#rename();
      this.#file ??= await this.#open(now);
    }
    return this.#file;
  }

  async #open(now: number): Promise<Deno.FsFile> {
    await Deno.mkdir(dirname(this.#path), { recursive: true });
    const file = await Deno.open(this.#path, { append: true, create: true, mode: 0o640 });
    const { ino, size, isFile } = await file.stat();
    this.#ino = ino;
    this.#length = size;
    this.#maxBytes = isFile ? this.#options.maxBytes : Infinity;
    this.#isLineEnd = true;
    this.#looked = now;
    return file;
  }

  /** The length of the lines that fit; in a file without any, a line that is too long fits, too. */
  #fitting(bytes: Uint8Array): number {
    const room = this.#maxBytes - this.#length;
    if (bytes.length <= room) return bytes.length;
    const fitting = room > 0 ? bytes.lastIndexOf(LINE_FEED, room - 1) + 1 : 0;
    if (fitting > 0) return fitting;
    return this.#length > 0 && this.#isLineEnd ? 0 : bytes.indexOf(LINE_FEED) + 1 || bytes.length;
  }

  async #rename(): Promise<void> {
    try {
      // Where a link leads, so that the link stays.
      const path = await Deno.realPath(this.#path);
      await Deno.rename(path, `${path}.1`);
      this.close();
    } catch (error) {
      // A file that is mounted by itself, for example. A log that is too long is better than none.
      this.#maxBytes = Infinity;
      this.#options.complain(
        `The log ${this.#path} cannot be renamed at its size (${
          systemReason(error)
        }); it grows on.`,
      );
    }
  }
}
