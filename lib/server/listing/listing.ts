/** Makes pages of a folder's list: its folders and images, in natural order. */
import { Semaphore } from "../../semaphore.ts";
import { equivalentFolder } from "./equivalent_name.ts";
import { type FolderIndex, type FolderNames, joined } from "./folder_index.ts";
import type { ImageFacts, ImageHeaders } from "./image_headers.ts";
import { compareNames, naturalKey } from "./natural_order.ts";
import { Slices } from "./slices.ts";

/** Largest and default number of entries on a page. */
export const MAX_PAGE_ENTRIES = 1000;

/**
 * How long a page may take to count what is in its folders, ms. What is not known then is null, and
 * counted afterwards for the next who asks.
 */
const COUNT_MS = 5;

/** Files whose headers are read concurrently. */
const CONCURRENT_READS = 16;

/** Pages made concurrently; others wait. */
const CONCURRENT_PAGES = 4;

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

/** Makes pages of folders. */
export class Listing {
  readonly #index: FolderIndex;
  readonly #headers: ImageHeaders;
  readonly #countMs: number;
  #isCounting = false;
  readonly #semaphore = new Semaphore(CONCURRENT_PAGES);

  /** @param countMs how long a page may take to count what is in its folders, milliseconds (5) */
  constructor(index: FolderIndex, headers: ImageHeaders, countMs: number = COUNT_MS) {
    this.#index = index;
    this.#headers = headers;
    this.#countMs = countMs;
  }

  /** Resolves with a page, or null if the folder does not exist. */
  page(request: ListRequest): Promise<ListPage | null> {
    return this.#semaphore.run(() => this.#page(request));
  }

  async #page(request: ListRequest): Promise<ListPage | null> {
    const names = await this.#index.names(request.folder);
    if (names !== null) return await this.#pageOf(names, request);
    const folder = await equivalentFolder(this.#index, request.folder);
    const equivalent = folder === null ? null : await this.#index.names(folder);
    return equivalent === null
      ? null
      : await this.#pageOf(equivalent, { ...request, folder: folder! });
  }

  async #pageOf(names: FolderNames, { folder, after, limit }: ListRequest): Promise<ListPage> {
    const start = after === null ? 0 : placeAfter(names, folder, after);
    const end = Math.min(start + limit, names.folders.length + names.images.length);
    const folders = names.folders.slice(start, end);
    const first = Math.max(0, start - names.folders.length);
    const images = names.images.slice(first, Math.max(first, end - names.folders.length));
    return {
      folder,
      folders: await this.#describeFolders(folder, folders),
      images: await this.#describeImages(folder, images),
      next: nextPlace(names, folder, end),
    };
  }

  async #describeFolders(
    folder: string,
    names: readonly string[],
  ): Promise<ListPage["folders"]> {
    const slices = new Slices();
    const until = performance.now() + this.#countMs;
    const uncounted: string[] = [];
    const described: { name: string; images: number | null }[] = [];
    for (const name of names) {
      const path = joined(folder, name);
      let images = this.#index.keptCount(path);
      if (images === null && performance.now() < until) {
        const inside = await this.#index.names(path);
        // The folder is gone or not readable by now: `/images` serves nothing from it.
        if (inside === null) continue;
        images = inside.images.length;
      } else if (images === null) {
        uncounted.push(path);
      }
      described.push({ name, images });
      if (slices.isOver) await slices.rest();
    }
    this.#countLater(uncounted);
    return described;
  }

  /** Counts folders after the response was sent, for one page at a time. */
  async #countLater(paths: readonly string[]): Promise<void> {
    if (this.#isCounting) return;
    this.#isCounting = true;
    for (const path of paths) await this.#index.names(path);
    this.#isCounting = false;
  }

  async #describeImages(folder: string, names: readonly string[]): Promise<ListPage["images"]> {
    const slices = new Slices();
    const facts = new Array<ImageFacts | null>(names.length);
    const unknown: number[] = [];
    for (let i = 0; i < names.length; i++) {
      facts[i] = this.#headers.kept(joined(folder, names[i]));
      if (facts[i] === null) unknown.push(i);
      if (slices.isOver) await slices.rest();
    }
    const readNext = async () => {
      for (let i = unknown.pop(); i !== undefined; i = unknown.pop()) {
        facts[i] = await this.#headers.read(joined(folder, names[i]));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_READS }, readNext));
    return names.flatMap((name, index) => {
      const known = facts[index];
      return known === null ? [] : [{ url: joined(folder, name), ...known }];
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
  const name = folder !== "" && path.startsWith(`${folder}/`)
    ? path.slice(folder.length + 1)
    : path;
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
