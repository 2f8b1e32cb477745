/** Makes pages of a folder's list: its folders and images, in natural order. */
import { setImmediate } from "node:timers";
import { equivalentFolder } from "./equivalent_name.ts";
import { type FolderIndex, type FolderNames, joined } from "./folder_index.ts";
import type { ImageFacts, ImageHeaders } from "./image_headers.ts";
import { SecondChanceCache } from "../images/second_chance_cache.ts";
import { compareNames, naturalKey } from "./natural_order.ts";

/** Largest and default number of entries on a page. */
export const MAX_PAGE_ENTRIES = 1000;

/**
 * How long a page may take to count what is in its folders, ms. What is not known then is null, and
 * counted afterwards for the next who asks.
 */
const COUNT_MS = 5;

/** How long folders are counted before other pages get their turn, milliseconds. */
const COUNT_SLICE_MS = 4;

/**
 * How long headers for a page are read one after the other, milliseconds. A thousand take a third
 * of this on a local disk; on a slow one, the rest is read concurrently.
 */
const SEQUENTIAL_MS = 150;

/** Files whose headers are then read concurrently. */
const CONCURRENT_READS = 16;

/** Pages kept, each with at most `MAX_PAGE_ENTRIES`, about 200 bytes an entry. */
const MAX_KEPT_PAGES = 16;

/**
 * How long a kept page is sent without looking at its files again, milliseconds. Names that come or
 * go show at once; an old file that is written in place shows this much later. In return, many
 * clients in one folder cost one look.
 */
const FRESH_MS = 1000;

/** A file that changed more recently is looked at each time, milliseconds. */
const UNSETTLED_MS = 3000;

/** A page in the form that `/list` sends. */
export interface ListPage {
  readonly folder: string;
  /** `images`: how many are directly in it; null if that is not known yet. */
  readonly folders: readonly { readonly name: string; readonly images: number | null }[];
  readonly images: readonly ({ readonly url: string } & ImageFacts)[];
  /** What `after` takes to get the next page; null on the last one. */
  readonly next: string | null;
}

/** A request for a page. */
export interface ListRequest {
  /** Path within the images directory, `/` between segments; empty for the directory itself. */
  readonly folder: string;
  /** The `next` of another page; null for the first. */
  readonly after: string | null;
  /** From 1 to `MAX_PAGE_ENTRIES`. */
  readonly limit: number;
}

/** Options of `Listing`, each with its default. */
export interface ListingOptions {
  /** How long a page may take to count what is in its folders, milliseconds (5). */
  readonly countMs?: number;
  /** How long headers for a page are read one after the other, milliseconds (150). */
  readonly sequentialMs?: number;
  /** How long a page is sent without looking at its files again, milliseconds (1000). */
  readonly freshMs?: number;
  /** A monotonic clock, milliseconds (`performance.now`). */
  readonly now?: () => number;
  /** The time of day, milliseconds since 1970 (`Date.now`). */
  readonly date?: () => number;
}

/** A page that was made of these names. */
interface KeptPage {
  readonly names: FolderNames;
  readonly page: ListPage;
  /** Before its files were looked at, milliseconds of the monotonic clock. */
  readonly checked: number;
}

/** Makes pages of folders. */
export class Listing {
  readonly #index: FolderIndex;
  readonly #headers: ImageHeaders;
  readonly #countMs: number;
  readonly #sequentialMs: number;
  readonly #freshMs: number;
  readonly #now: () => number;
  readonly #date: () => number;
  /** By request. */
  readonly #kept = new SecondChanceCache<KeptPage>(MAX_KEPT_PAGES);
  #isCounting = false;

  constructor(index: FolderIndex, headers: ImageHeaders, options: ListingOptions = {}) {
    this.#index = index;
    this.#headers = headers;
    this.#countMs = options.countMs ?? COUNT_MS;
    this.#sequentialMs = options.sequentialMs ?? SEQUENTIAL_MS;
    this.#freshMs = options.freshMs ?? FRESH_MS;
    this.#now = options.now ?? (() => performance.now());
    this.#date = options.date ?? Date.now;
  }

  /**
   * Resolves with a page, or null if the folder does not exist. Two requests for a page that is
   * unchanged may get the same object.
   *
   * @param asked when it was asked for, milliseconds since 1970 (now); see `FolderIndex.names`
   */
  async page(request: ListRequest, asked?: number): Promise<ListPage | null> {
    const names = this.#index.names(request.folder, asked);
    if (names !== null) return await this.#pageOf(names, request);
    const folder = equivalentFolder(this.#index, request.folder);
    const equivalent = folder === null ? null : this.#index.names(folder, asked);
    return equivalent === null
      ? null
      : await this.#pageOf(equivalent, { ...request, folder: folder! });
  }

  async #pageOf(names: FolderNames, request: ListRequest): Promise<ListPage> {
    const { folder, after, limit } = request;
    const key = JSON.stringify([folder, after, limit]);
    const kept = this.#kept.get(key);
    const checked = this.#now();
    if (kept?.names === names && checked - kept.checked < this.#freshMs) return kept.page;
    this.#kept.delete(key);
    const page = await this.#makePage(names, request);
    if (this.#isSettled(page)) this.#kept.set(key, { names, page, checked }, 1);
    return page;
  }

  /** Whether everything on a page is known and has been as it is for a while. */
  #isSettled({ folders, images }: ListPage): boolean {
    const latest = (this.#date() - UNSETTLED_MS) / 1000;
    return folders.every(({ images }) => images !== null) &&
      images.every(({ modified }) => modified < latest);
  }

  async #makePage(names: FolderNames, { folder, after, limit }: ListRequest): Promise<ListPage> {
    const start = after === null ? 0 : placeAfter(names, folder, after);
    const end = Math.min(start + limit, names.folders.length + names.images.length);
    const folders = names.folders.slice(start, end);
    const first = Math.max(0, start - names.folders.length);
    const images = names.images.slice(first, Math.max(first, end - names.folders.length));
    const described = this.#describeFolders(folder, folders);
    this.#index.touch(folder);
    return {
      folder,
      folders: described,
      images: await this.#describeImages(images.map((name) => joined(folder, name))),
      next: nextPlace(names, folder, end),
    };
  }

  #describeFolders(folder: string, names: readonly string[]): ListPage["folders"] {
    const until = this.#now() + this.#countMs;
    const uncounted: string[] = [];
    const described: { name: string; images: number | null }[] = [];
    for (const name of names) {
      const path = joined(folder, name);
      if (this.#index.isAvoided(path)) {
        described.push({ name, images: null });
        continue;
      }
      let images = this.#index.keptCount(path);
      if (images === null && this.#now() < until) {
        const inside = this.#index.names(path);
        // The folder is gone or not readable by now: `/images` serves nothing from it.
        if (inside === null) continue;
        images = inside.images.length;
      } else if (images === null) {
        uncounted.push(path);
      }
      described.push({ name, images });
    }
    this.#countLater(uncounted);
    return described;
  }

  /** Counts folders after the response was sent, for one page at a time. */
  async #countLater(paths: readonly string[]): Promise<void> {
    if (this.#isCounting) return;
    this.#isCounting = true;
    let until = 0;
    for (const path of paths) {
      if (this.#now() >= until) {
        // A timer would wait for a millisecond or two, half as long as a slice.
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
        until = this.#now() + COUNT_SLICE_MS;
      }
      if (!this.#index.isAvoided(path)) this.#index.names(path);
    }
    this.#isCounting = false;
  }

  async #describeImages(urls: readonly string[]): Promise<ListPage["images"]> {
    const until = this.#now() + this.#sequentialMs;
    const late: number[] = [];
    const facts = urls.map((url, index) => {
      const kept = this.#headers.kept(url);
      if (kept !== undefined) return kept;
      if (this.#now() < until) return this.#headers.readSync(url);
      late.push(index);
      return undefined;
    });
    const left = late.values();
    const readers = Math.min(CONCURRENT_READS, late.length);
    await Promise.all(Array.from({ length: readers }, async () => {
      for (const index of left) facts[index] = await this.#headers.read(urls[index]);
    }));
    return urls.flatMap((url, index) => {
      const known = facts[index];
      return known === undefined ? [] : [{ url, ...known }];
    });
  }
}

/** Returns the position of a page's last entry: its path, with a slash at the end for a folder. */
function nextPlace(names: FolderNames, folder: string, end: number): string | null {
  const { folders, images } = names;
  if (end >= folders.length + images.length) return null;
  return end <= folders.length
    ? `${joined(folder, folders[end - 1])}/`
    : joined(folder, images[end - folders.length - 1]);
}

/** Returns the index of the first entry after a position, even if the entry there is gone. */
function placeAfter({ folders, images }: FolderNames, folder: string, after: string): number {
  const isFolder = after.endsWith("/");
  const path = isFolder ? after.slice(0, -1) : after;
  const start = joined(folder, "");
  const name = path.startsWith(start) ? path.slice(start.length) : path;
  return isFolder ? countUpTo(folders, name) : folders.length + countUpTo(images, name);
}

/** Returns how many names of a sorted list are before or equal to `name`. */
function countUpTo(names: readonly string[], name: string): number {
  const place = { name, key: naturalKey(name) };
  let low = 0, high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = { name: names[middle], key: naturalKey(names[middle]) };
    if (compareNames(other, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
