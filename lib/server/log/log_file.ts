/**
 * `server_log.txt`: appended to, renamed to `server_log.txt.1` at its maximum size, and created
 * again when it was moved away.
 */
import { dirname } from "@std/path";
import { systemReason } from "../failure.ts";
import type { ByteSink } from "./batch_writer.ts";

/** Default size at which the log is renamed, bytes. */
export const LOG_BYTES = 64 * 1024 * 1024;

/** Options of `LogFile`, each with its default. */
export interface LogFileOptions {
  /** Size at which the file is renamed, bytes (`LOG_BYTES`). */
  readonly maxBytes?: number;
  /** How often to check that the file is still at its path, milliseconds (1000). */
  readonly checkMs?: number;
  /** Receives a sentence if the file cannot be renamed and keeps growing. */
  readonly complain?: (sentence: string) => void;
}

const LINE_FEED = 0x0a;

/** An append-only file. Each write opens it if it is not open, so that failures heal. */
export class LogFile implements ByteSink {
  readonly #path: string;
  readonly #options: Required<LogFileOptions>;
  #file: Deno.FsFile | null = null;
  #ino: number | null = null;
  #length = 0;
  /** Size at which the open file is renamed; infinite unless it is a regular file. */
  #maxBytes = Infinity;
  /** Whether the last write to the open file, if any, ended a line; null before it is opened. */
  #isLineEnd: boolean | null = null;
  /** When the file was last seen at its path, milliseconds since 1970. */
  #checkedAt = 0;

  constructor(path: string, options: LogFileOptions = {}) {
    this.#path = path;
    this.#options = {
      maxBytes: options.maxBytes ?? LOG_BYTES,
      checkMs: options.checkMs ?? 1000,
      complain: options.complain ?? (() => {}),
    };
  }

  /**
   * Opens the file now, not at the first line, when connections may have taken all descriptors.
   * Never rejects: the first write reports the failure.
   */
  async open(): Promise<void> {
    this.#file ??= await this.#open(Date.now()).catch(() => null);
  }

  /** Writes as many whole lines as fit in the file. */
  async write(bytes: Uint8Array): Promise<number> {
    const file = await this.#current(bytes);
    const written = await file.write(bytes.subarray(0, this.#fitting(bytes)));
    this.#length += written;
    this.#isLineEnd = bytes[written - 1] === LINE_FEED;
    return written;
  }

  /** Makes the next write open the file at its path again if it is another by then. */
  reopen(): void {
    this.#checkedAt = -Infinity;
  }

  /** Closes the file; a later write opens it again. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  /** Returns the file to write to; opens or renames it first if necessary. */
  async #current(bytes: Uint8Array): Promise<Deno.FsFile> {
    const now = Date.now();
    if (this.#file !== null && now - this.#checkedAt >= this.#options.checkMs) {
      this.#checkedAt = now;
      // After a move or removal, lines would go to a file that nobody finds.
      const found = await Deno.stat(this.#path).catch(() => null);
      if (found === null || found.ino !== this.#ino) this.close();
      // Somebody may have emptied it.
      else this.#length = found.size;
    }
    this.#file ??= await this.#open(now);
    if (this.#fitting(bytes) === 0) {
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
    this.#checkedAt = now;
    return file;
  }

  /**
   * Returns the length of the lines that fit. In an empty file, a line that is too long fits, too.
   */
  #fitting(bytes: Uint8Array): number {
    const room = this.#maxBytes - this.#length;
    if (bytes.length <= room) return bytes.length;
    const fitting = room > 0 ? bytes.lastIndexOf(LINE_FEED, room - 1) + 1 : 0;
    if (fitting > 0) return fitting;
    return this.#length > 0 && this.#isLineEnd ? 0 : bytes.indexOf(LINE_FEED) + 1 || bytes.length;
  }

  async #rename(): Promise<void> {
    try {
      // Rename the target of a link, so that the link stays.
      const path = await Deno.realPath(this.#path);
      await Deno.rename(path, `${path}.1`);
      this.close();
    } catch (error) {
      // For example, the file is a mount point. A log that is too long is better than none.
      this.#maxBytes = Infinity;
      this.#options.complain(
        `The log ${this.#path} cannot be renamed: ${systemReason(error)}. It keeps growing.`,
      );
    }
  }
}
