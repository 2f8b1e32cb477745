/**
 * An image that is being received: a file that becomes an image when it is whole, and that the next
 * attempt resumes from when it is not.
 */
import { join } from "@std/path";
import { onExit } from "../terminal/exit_hooks.ts";
import { hashFile } from "./sha256.ts";

/** How long an unfinished download is kept, milliseconds. */
export const PARTIAL_KEPT_MS = 24 * 60 * 60 * 1000;

/** Entity tags that can be part of a file name; other tags are not resumed from. */
const PLAIN_TAG = /^"([A-Za-z0-9._-]{1,100})"$/;

/** Attempts to create a file while other clients remove its directory. */
const CREATE_ATTEMPTS = 20;

/**
 * An image that is being received. While it is written, its file has a unique name, so that two
 * clients never write into one file. An interrupted download gets a name that holds its entity tag,
 * and the next attempt resumes from it.
 */
export class PartialDownload {
  readonly #own: string;
  #file: Deno.FsFile | null = null;
  #tag: string | null = null;
  #length = 0;
  #cancelCleanup: () => void = () => {};

  readonly #folder: string;
  readonly #id: string;
  readonly #check: () => void;
  readonly #keep: (from: string) => string;

  /**
   * Used by `ImageCache.incoming`.
   *
   * @param folder the directory of unfinished downloads
   * @param id names the image and its server
   * @param check throws if the directory must not be used
   * @param keep moves a whole file to its place and returns its path
   */
  constructor(
    folder: string,
    id: string,
    check: () => void,
    keep: (from: string) => string,
  ) {
    this.#folder = folder;
    this.#id = id;
    this.#check = check;
    this.#keep = keep;
    this.#own = join(folder, `${id}~${crypto.randomUUID()}`);
  }

  /** Bytes received so far. */
  get length(): number {
    return this.#length;
  }

  /** The entity tag of the image whose beginning the file holds, or null. */
  get tag(): string | null {
    return this.#tag === null ? null : `"${this.#tag}"`;
  }

  /** Takes over what an earlier attempt left, if anything. */
  resume(): void {
    try {
      this.#check();
      for (const { name, isFile } of Deno.readDirSync(this.#folder)) {
        const [id, tag, rest] = name.split("~");
        if (!isFile || id !== this.#id || rest !== "") continue;
        // The rename makes it this client's: another one that tries the same finds it gone.
        Deno.renameSync(join(this.#folder, name), this.#own);
        this.#opened(Deno.openSync(this.#own, { append: true }));
        this.#length = Deno.statSync(this.#own).size;
        this.#tag = tag;
        return;
      }
    } catch {
      // There is nothing to resume: the image is fetched from its start.
    }
  }

  /**
   * Starts over with an image of this entity tag.
   *
   * @throws {SymbolicLink} and what the file system throws
   */
  restart(tag: string | null): void {
    this.#close();
    this.#check();
    this.#opened(this.#create());
    this.#length = 0;
    this.#tag = PLAIN_TAG.exec(tag ?? "")?.[1] ?? null;
  }

  #create(): Deno.FsFile {
    for (let attempt = 1;; attempt++) {
      try {
        Deno.mkdirSync(this.#folder, { recursive: true });
        removeOld(this.#folder);
        return Deno.openSync(this.#own, { write: true, create: true, truncate: true });
      } catch (error) {
        // Another client that has just finished may have removed the empty directory between the
        // two steps; within mkdir, that shows as "already exists".
        const isRemoved = error instanceof Deno.errors.NotFound ||
          error instanceof Deno.errors.AlreadyExists;
        if (!isRemoved || attempt >= CREATE_ATTEMPTS) throw error;
      }
    }
  }

  /** Appends bytes. @throws what the file system throws */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#file === null) throw new Error("call restart() or resume() before write()");
    for (let at = 0; at < bytes.length;) {
      const count = await this.#file.write(bytes.subarray(at));
      at += count;
      this.#length += count;
    }
  }

  /** Returns the entity tag of the file, to check a download that two attempts put together. */
  async contentTag(): Promise<string> {
    return (await readTagged(this.#own)).tag;
  }

  /**
   * Moves the whole image to its place.
   *
   * @returns its path
   * @throws what the file system throws
   */
  async complete(): Promise<string> {
    await this.#file?.syncData();
    this.#close();
    const path = this.#keep(this.#own);
    removeIfEmpty(this.#folder);
    return path;
  }

  /** Keeps the file for another attempt, or removes it if it has no entity tag to resume by. */
  suspend(): void {
    if (this.#file === null) return;
    this.#close();
    try {
      if (this.#tag === null || this.#length === 0) Deno.removeSync(this.#own);
      else Deno.renameSync(this.#own, join(this.#folder, `${this.#id}~${this.#tag}~`));
    } catch {
      // A file that can be neither renamed nor removed now is removed with the old ones.
    }
    removeIfEmpty(this.#folder);
  }

  /** Removes the file. */
  discard(): void {
    this.#tag = null;
    this.suspend();
    this.#length = 0;
  }

  #opened(file: Deno.FsFile): void {
    this.#file = file;
    this.#cancelCleanup = onExit(() => this.suspend());
  }

  #close(): void {
    this.#file?.close();
    this.#file = null;
    this.#cancelCleanup();
  }
}

/**
 * Reads a file for the entity tag that the server gives this content: its SHA-256 in hex. So the
 * cache needs no index of tags.
 *
 * @returns the tag and, if the file is not too large to be held, its content
 */
export async function readTagged(
  path: string,
): Promise<{ tag: string; content: Uint8Array<ArrayBuffer> | null }> {
  const { hash, content } = await hashFile(path);
  return { tag: `"${hash}"`, content };
}

/** Removes unfinished downloads that are older than `PARTIAL_KEPT_MS`. */
function removeOld(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    try {
      const changed = Deno.lstatSync(path).mtime?.getTime() ?? Date.now();
      if (Date.now() - changed > PARTIAL_KEPT_MS) Deno.removeSync(path);
    } catch {
      // Another client has removed it.
    }
  }
}

/** Removes the directory if it is empty. */
function removeIfEmpty(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch {
    // It holds downloads to resume.
  }
}
