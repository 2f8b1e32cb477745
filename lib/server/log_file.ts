/** `server_log.txt`: appended to, and made anew when somebody moved it away. */
import { dirname } from "@std/path";
import type { OctetSink } from "./batch_writer.ts";

/** A file that is appended to. It is opened at the first write, so that a failure heals by itself. */
export class LogFile implements OctetSink {
  readonly #path: string;
  readonly #lookMs: number;
  #file: Deno.FsFile | null = null;
  #ino: number | null = null;
  #looked = 0;

  /** @param lookMs how often to look whether the file is still the one at its path, milliseconds */
  constructor(path: string, lookMs = 1000) {
    this.#path = path;
    this.#lookMs = lookMs;
  }

  async write(octets: Uint8Array): Promise<number> {
    const now = Date.now();
    if (this.#file !== null && now - this.#looked >= this.#lookMs) {
      this.#looked = now;
      // Rotated or removed: without this, lines would go to a file that nobody finds.
      const found = await Deno.stat(this.#path).catch(() => null);
      if (found === null || found.ino !== this.#ino) this.close();
    }
    if (this.#file === null) {
      await Deno.mkdir(dirname(this.#path), { recursive: true });
      this.#file = await Deno.open(this.#path, { append: true, create: true, mode: 0o640 });
      this.#ino = (await this.#file.stat()).ino;
      this.#looked = now;
    }
    return await this.#file.write(octets);
  }

  /** Closes the file; a later write opens it again. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}
