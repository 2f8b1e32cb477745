/**
 * `web_cash/`: images exactly as received, one file each under its own name, never half of one.
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { cacheName } from "./cache_path.ts";
import { SymbolicLink } from "../language/file_error.ts";
import { onExit } from "../terminal/exit_hooks.ts";

/** How long the beginning of an image that was not finished is kept, milliseconds. */
export const PARTIAL_KEPT_MS = 24 * 60 * 60 * 1000;

/** Entity tags that can be part of a file name; other servers' tags are simply not resumed from. */
const PLAIN_TAG = /^"([A-Za-z0-9._-]{1,100})"$/;

/** The cache in one directory. */
export class ImageCache {
  /** @param folder the directory; made when the first image is kept */
  constructor(readonly folder: string) {}

  /** The path of the image `url` where it is kept, or null. A link in its place is not followed. */
  find(url: string): string | null {
    const names = cacheName(url);
    try {
      this.#refuseLinks(names.slice(0, -1));
      const path = join(this.folder, ...names);
      return Deno.lstatSync(path).isFile ? path : null;
    } catch {
      return null;
    }
  }

  /** Where the image `url` is or will be. */
  pathOf(url: string): string {
    return join(this.folder, ...cacheName(url));
  }

  /** A file to receive the image `url` of the server `origin` into. Nothing is touched yet. */
  incoming(origin: string, url: string): IncomingImage {
    const id = createHash("sha256").update(`${origin}\n${url}`).digest("hex").slice(0, 32);
    const check = () => this.#refuseLinks([PARTIAL_FOLDER]);
    return new IncomingImage(
      join(this.folder, PARTIAL_FOLDER),
      id,
      check,
      (from) => this.#keep(from, url),
    );
  }

  /** Puts a whole file in its place. */
  #keep(from: string, url: string): string {
    const names = cacheName(url);
    const parents = names.slice(0, -1);
    this.#refuseLinks(parents);
    Deno.mkdirSync(join(this.folder, ...parents), { recursive: true });
    const path = join(this.folder, ...names);
    Deno.renameSync(from, path);
    return path;
  }

  /**
   * Throws where a directory below `web_cash/` is a symbolic link: nothing is written through it.
   */
  #refuseLinks(parents: readonly string[]): void {
    let path = this.folder;
    for (const name of parents) {
      path = join(path, name);
      try {
        if (Deno.lstatSync(path).isSymlink) throw new SymbolicLink(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        return;
      }
    }
  }
}

/** How often another client may be in the way of making a file. */
const CREATE_ATTEMPTS = 20;

/** No url has this place: `cacheName` encodes a leading dot. */
const PARTIAL_FOLDER = ".partial";

/**
 * An image on its way. While it is written it has a name of its own, so that two clients do not
 * write into one file; an interrupted one gets a name that holds its entity tag, from which the
 * next attempt resumes.
 */
export class IncomingImage {
  readonly #own: string;
  #file: Deno.FsFile | null = null;
  #tag: string | null = null;
  #length = 0;
  #cancelUndo: () => void = () => {};

  /** Made by `ImageCache.incoming`. */
  constructor(
    private readonly folder: string,
    private readonly id: string,
    private readonly check: () => void,
    private readonly keep: (from: string) => string,
  ) {
    this.#own = join(folder, `${id}~${crypto.randomUUID()}`);
  }

  /** Bytes in the file. */
  get length(): number {
    return this.#length;
  }

  /** The entity tag of the image that the file holds the beginning of, or null. */
  get tag(): string | null {
    return this.#tag === null ? null : `"${this.#tag}"`;
  }

  /** Takes up what an earlier attempt left, if anything. */
  resume(): void {
    try {
      this.check();
      for (const { name, isFile } of Deno.readDirSync(this.folder)) {
        const [id, tag, rest] = name.split("~");
        if (!isFile || id !== this.id || rest !== "") continue;
        // Whoever renames it has it: another client that tries the same finds it gone.
        Deno.renameSync(join(this.folder, name), this.#own);
        this.#opened(Deno.openSync(this.#own, { append: true }));
        this.#length = Deno.statSync(this.#own).size;
        this.#tag = tag;
        return;
      }
    } catch {
      // Nothing there, or not for us: the image is fetched from its start.
    }
  }

  /**
   * Starts over, with an image of this entity tag.
   * @throws what the file system throws, SymbolicLink
   */
  restart(tag: string | null): void {
    this.#close();
    this.check();
    this.#opened(this.#create());
    this.#length = 0;
    this.#tag = PLAIN_TAG.exec(tag ?? "")?.[1] ?? null;
  }

  #create(): Deno.FsFile {
    for (let attempt = 1;; attempt++) {
      try {
        Deno.mkdirSync(this.folder, { recursive: true });
        removeOld(this.folder);
        return Deno.openSync(this.#own, { write: true, create: true, truncate: true });
      } catch (error) {
        // Another client that has just finished may have removed the directory, empty between two
        // steps; where that happens within mkdir, it says that the directory exists.
        const isRemoved = error instanceof Deno.errors.NotFound ||
          error instanceof Deno.errors.AlreadyExists;
        if (!isRemoved || attempt >= CREATE_ATTEMPTS) throw error;
      }
    }
  }

  /** Appends. @throws what the file system throws */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#file === null) throw new Error("the image was not started");
    for (let at = 0; at < bytes.length;) {
      const count = await this.#file.write(bytes.subarray(at));
      at += count;
      this.#length += count;
    }
  }

  /** The entity tag of what is in the file, to check what was put together from two attempts. */
  async contentTag(): Promise<string> {
    return await contentTag(this.#own);
  }

  /**
   * The content is whole: puts it in its place. @returns the path @throws what the file system
   * throws
   */
  async complete(): Promise<string> {
    await this.#file?.syncData();
    this.#close();
    const path = this.keep(this.#own);
    removeIfEmpty(this.folder);
    return path;
  }

  /** Keeps what is there for another attempt, or removes it where that could not be told whole. */
  suspend(): void {
    if (this.#file === null) return;
    this.#close();
    try {
      if (this.#tag === null || this.#length === 0) Deno.removeSync(this.#own);
      else Deno.renameSync(this.#own, join(this.folder, `${this.id}~${this.#tag}~`));
    } catch {
      // What can be neither renamed nor removed now goes with the old ones.
    }
    removeIfEmpty(this.folder);
  }

  /** Removes it. */
  discard(): void {
    this.#tag = null;
    this.suspend();
    this.#length = 0;
  }

  #opened(file: Deno.FsFile): void {
    this.#file = file;
    this.#cancelUndo = onExit(() => this.suspend());
  }

  #close(): void {
    this.#file?.close();
    this.#file = null;
    this.#cancelUndo();
  }
}

/**
 * The entity tag that the server gives these bytes: a strong one, the SHA-256 of the content in
 * hex. So the cache needs no index of tags.
 */
export async function contentTag(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  try {
    const step = new Uint8Array(256 * 1024);
    for (let count; (count = await file.read(step)) !== null;) hash.update(step.subarray(0, count));
  } finally {
    file.close();
  }
  return `"${hash.digest("hex")}"`;
}

/** Removes beginnings that nobody came back for. */
function removeOld(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    try {
      const changed = Deno.lstatSync(path).mtime?.getTime() ?? Date.now();
      if (Date.now() - changed > PARTIAL_KEPT_MS) Deno.removeSync(path);
    } catch {
      // Another client was faster.
    }
  }
}

/** Leaves no empty directory behind. */
function removeIfEmpty(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch {
    // It holds beginnings to resume from.
  }
}
