/**
 * The images of a directory, by name. Small ones are kept in memory, and of every one its entity tag,
 * within a bound; each request looks at the file's state, so that a change on disk shows at once.
 */
import { join } from "@std/path";
import type { BodySource, CachedBody, Validators } from "../../http/mod.ts";
import { Semaphore } from "../../semaphore.ts";
import {
  fileContent,
  type FileState,
  fileState,
  ImageUnavailable,
  openImage,
  readImage,
  sameState,
} from "./image_file.ts";
import { imageMediaType } from "./image_name.ts";
import { SecondChanceCache } from "./second_chance_cache.ts";

/** An image above this many bytes is streamed from its file; one below may be kept in memory. */
export const LARGEST_KEPT_IMAGE = 1024 * 1024;

/** Bytes of images kept in memory, in all. */
const IMAGE_CACHE_BYTES = 64 * 1024 * 1024;

/** What an entry is counted with beside its content, so that names, tags and heads are bounded too. */
const ENTRY_BYTES = 2048;

/** Images read and hashed at the same time; more wait. */
const LOADS_AT_ONCE = 8;

/** How often a file that changes while it is read is read again before giving up. */
const READ_ATTEMPTS = 3;

/**
 * A file changed this recently (milliseconds) may change again without another `mtime`: the clock
 * behind it ticks every 10 ms at the slowest, or every 2 s where a file system stores no finer times.
 */
const CLOCK_TICK = 20;
const COARSE_CLOCK_TICK = 2000;

/** Whether a change made `now` would show another time than this one. Both milliseconds since 1970. */
function isPast(time: number, now: number): boolean {
  return Math.abs(now - time) > (time % 1000 === 0 ? COARSE_CLOCK_TICK : CLOCK_TICK);
}

/** An image as it was found. */
export interface Image extends Validators {
  readonly mediaType: string;
  readonly size: number;
  /** When the file's content or its attributes last changed, milliseconds since 1970. */
  readonly changed: number;
  /** The whole content where it is in memory. */
  readonly content: CachedBody | null;
  /** The content from `start` up to `end`, read from the file. @throws ImageUnavailable */
  open(start: number, end: number): Promise<BodySource>;
}

/** An image in the cache. */
interface Entry extends Image {
  readonly path: string;
  readonly state: FileState;
  /** Whether an unchanged state proves an unchanged content. */
  readonly settled: boolean;
  /** Whether the file was looked at for a request that came together with this one. */
  fresh: boolean;
}

/** Options of `ImageStore`, each with its default. */
export interface ImageStoreOptions {
  /** Bytes kept in memory, in all (64 MB). */
  cacheBytes?: number;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  now?: () => number;
  /** Finds the name that is meant if no file has exactly this one (none is). */
  equivalentName?: (name: string) => Promise<string | null>;
}

/** The images of one directory. */
export class ImageStore {
  readonly #directory: string;
  readonly #now: () => number;
  readonly #equivalentName: (name: string) => Promise<string | null>;
  readonly #cache: SecondChanceCache<Entry>;
  /** What is being read, for everyone who asked for it meanwhile. */
  readonly #loading = new Map<string, Promise<Image | null>>();
  readonly #semaphore = new Semaphore(LOADS_AT_ONCE);

  /** @param directory the images directory; need not exist yet */
  constructor(directory: string, options: ImageStoreOptions = {}) {
    this.#directory = directory;
    this.#cache = new SecondChanceCache(options.cacheBytes ?? IMAGE_CACHE_BYTES);
    this.#now = options.now ?? Date.now;
    this.#equivalentName = options.equivalentName ?? (() => Promise.resolve(null));
  }

  /** Bytes that the cache holds now. */
  get cachedBytes(): number {
    return this.#cache.cost;
  }

  /** Whether the directory is there. It may come later. */
  exists(): boolean {
    try {
      return Deno.statSync(this.#directory).isDirectory;
    } catch {
      return false;
    }
  }

  /**
   * The image of this name, or null where there is none. Answers without a promise where it is cached
   * and unchanged, which costs one `stat` for all requests that arrived together.
   *
   * @throws ImageUnavailable where it is being written, or cannot be opened, right now
   */
  find(name: string): Image | null | Promise<Image | null> {
    const entry = this.#cache.get(name);
    if (entry !== undefined) {
      if (entry.fresh || this.#isUnchanged(entry)) return entry;
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
    if (!entry.settled) return false;
    try {
      if (!sameState(fileState(Deno.statSync(entry.path)), entry.state)) return false;
    } catch {
      return false;
    }
    // The requests that the event loop has read by now wait in the queue of microtasks in front of this
    // one: they were sent before the look at the file. Those behind it may have been sent later.
    entry.fresh = true;
    queueMicrotask(() => entry.fresh = false);
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
      const { etag, content } = await readImage(file, state, state.size <= LARGEST_KEPT_IMAGE);
      const entry: Entry = {
        path: join(this.#directory, name),
        state,
        fresh: false,
        settled: isPast(state.mtime, this.#now()) && isPast(state.ctime, this.#now()),
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

  /** Opens an image again for reading, if it still is what `state` says. */
  async #open(name: string, state: FileState, start: number, end: number): Promise<BodySource> {
    const opened = await openImage(this.#directory, name);
    if (opened !== null && sameState(opened.state, state)) {
      return await fileContent(opened.file, state, start, end);
    }
    opened?.file.close();
    throw new ImageUnavailable("the file changed since it was found");
  }
}
