/**
 * Finds images by name. Keeps small images and the entity tags of all in memory, within a bound,
 * and checks the file's state for each request, so that a change on disk takes effect at once.
 */
import { join } from "@std/path";
import type { BodySource, CachedBody, Validators } from "../../http/mod.ts";
import { Semaphore } from "../../semaphore.ts";
import { isPast } from "./clock_tick.ts";
import { fileContent, readImage } from "./image_content.ts";
import { type FileState, fileState, ImageUnavailable, openImage, sameState } from "./image_file.ts";
import { imageMediaType } from "./image_name.ts";
import { SecondChanceCache } from "./second_chance_cache.ts";

/** Largest image that is kept in memory, bytes; a larger one is streamed from its file. */
export const MAX_CACHED_IMAGE_BYTES = 1024 * 1024;

/** Total bytes of images kept in memory. */
const IMAGE_CACHE_BYTES = 64 * 1024 * 1024;

/**
 * Bytes that an entry costs in addition to its content, so that names and tags are bounded, too.
 */
const ENTRY_BYTES = 2048;

/** Images that are read and hashed concurrently; others wait. */
const CONCURRENT_LOADS = 8;

/** How often a file that changes while it is read is read before giving up. */
const READ_ATTEMPTS = 3;

/** An image in the state in which it was found. */
export interface Image extends Validators {
  readonly mediaType: string;
  readonly size: number;
  /** When the file's content or its attributes last changed, milliseconds since 1970. */
  readonly changed: number;
  /** The whole content if it is in memory, else null. */
  readonly content: CachedBody | null;
  /**
   * Opens the file to read the bytes from `start` to `end`, exclusive.
   *
   * @throws {ImageUnavailable} if the file has changed
   */
  open(start: number, end: number): Promise<BodySource>;
}

/** An image in the cache. */
interface Entry extends Image {
  readonly path: string;
  readonly state: FileState;
  /** Whether an unchanged state proves unchanged content. */
  readonly isSettled: boolean;
  /** Whether the file was just checked, for a request that arrived together with this one. */
  isFresh: boolean;
}

/** Options of `ImageStore`, each with its default. */
export interface ImageStoreOptions {
  /** Total bytes kept in memory (64 MB). */
  cacheBytes?: number;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  now?: () => number;
  /** Finds the name that is meant if no file has exactly this one (none is). */
  equivalentName?: (name: string) => Promise<string | null>;
}

/** Finds the images of one directory. */
export class ImageStore {
  readonly #directory: string;
  readonly #now: () => number;
  readonly #equivalentName: (name: string) => Promise<string | null>;
  readonly #cache: SecondChanceCache<Entry>;
  /** Loads in progress, shared by the requests for the same image. */
  readonly #loading = new Map<string, Promise<Image | null>>();
  readonly #semaphore = new Semaphore(CONCURRENT_LOADS);

  /** @param directory the images directory; may be created later */
  constructor(directory: string, options: ImageStoreOptions = {}) {
    this.#directory = directory;
    this.#cache = new SecondChanceCache(options.cacheBytes ?? IMAGE_CACHE_BYTES);
    this.#now = options.now ?? Date.now;
    this.#equivalentName = options.equivalentName ?? (() => Promise.resolve(null));
  }

  /** Bytes that are in the cache now. */
  get cachedBytes(): number {
    return this.#cache.cost;
  }

  /** Returns whether the images directory exists. */
  exists(): boolean {
    try {
      return Deno.statSync(this.#directory).isDirectory;
    } catch {
      return false;
    }
  }

  /**
   * Finds an image by name; null if it does not exist. Returns without a promise if the image is
   * cached and unchanged, which costs one `stat` for all requests that arrived together.
   *
   * @throws {ImageUnavailable} if the file is being written or cannot be opened now
   */
  find(name: string): Image | null | Promise<Image | null> {
    const entry = this.#cache.get(name);
    if (entry !== undefined) {
      if (entry.isFresh || this.#isUnchanged(entry)) return entry;
      this.#cache.delete(name);
    } else if (imageMediaType(name) === null) {
      return null;
    }
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      loading = this.#semaphore.run(() => this.#load(name))
        .then((entry) => entry ?? this.#findEquivalent(name))
        .finally(() => this.#loading.delete(name));
      this.#loading.set(name, loading);
    }
    return loading;
  }

  /** Done outside the semaphore: what it finds is loaded through that again. */
  async #findEquivalent(name: string): Promise<Image | null> {
    const other = await this.#equivalentName(name);
    return other === null || other === name ? null : await this.find(other);
  }

  #isUnchanged(entry: Entry): boolean {
    if (!entry.isSettled) return false;
    try {
      if (!sameState(fileState(Deno.statSync(entry.path)), entry.state)) return false;
    } catch {
      return false;
    }
    // Requests that the event loop has read by now are ahead of this microtask: they were sent
    // before the check. Later requests may have been sent after a change.
    entry.isFresh = true;
    queueMicrotask(() => entry.isFresh = false);
    return true;
  }

  async #load(name: string): Promise<Entry | null> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#read(name);
      } catch (error) {
        if (!(error instanceof ImageUnavailable) || attempt === READ_ATTEMPTS) throw error;
      }
    }
  }

  async #read(name: string): Promise<Entry | null> {
    const opened = await openImage(this.#directory, name);
    if (opened === null) return null;
    const { file, state } = opened;
    try {
      const { etag, content } = await readImage(file, state, state.size <= MAX_CACHED_IMAGE_BYTES);
      const entry: Entry = {
        path: join(this.#directory, name),
        state,
        isFresh: false,
        isSettled: isPast(state.mtime, this.#now()) && isPast(state.ctime, this.#now()),
        mediaType: imageMediaType(name)!,
        size: state.size,
        etag,
        lastModified: Math.floor(state.mtime / 1000),
        changed: Math.max(state.mtime, state.ctime),
        content,
        open: (start, end) => this.#open(name, state, start, end),
      };
      this.#cache.set(name, entry, ENTRY_BYTES + (content?.length ?? 0));
      return entry;
    } finally {
      file.close();
    }
  }

  /** Opens an image again, if it is still in `state`. */
  async #open(name: string, state: FileState, start: number, end: number): Promise<BodySource> {
    const opened = await openImage(this.#directory, name);
    if (opened !== null && sameState(opened.state, state)) {
      return await fileContent(opened.file, state, start, end);
    }
    opened?.file.close();
    throw new ImageUnavailable("the file changed since it was found");
  }
}
