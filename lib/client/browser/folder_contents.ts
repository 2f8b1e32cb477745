/**
 * What a folder of the server holds, page by page: its entries as the sheet shows them.
 */
import { joinName } from "../images/image_names.ts";
import type { ListedImage, ListPage } from "../remote/list_page.ts";

/** A folder or an image. */
export interface Entry {
  /** The whole name. */
  readonly name: string;
  /** The name within its folder. */
  readonly label: string;
  /** Null for a folder. */
  readonly image: ListedImage | null;
  /** Images in a folder; null if not known. */
  readonly count: number | null;
}

/** What the images are sorted by; folders stay first. */
export type SortOrder = "name" | "date" | "size";

export const SORT_ORDERS: readonly SortOrder[] = ["name", "date", "size"];

/** What folders are sorted by: more than any image has. */
const FOLDERS_FIRST = Number.MAX_VALUE;

/** The entries of one folder, sorted and filtered. */
export class FolderContents {
  readonly folder: string;
  /** All entries, in the order of the server. */
  readonly #all: Entry[] = [];
  /** What is searched in the name of each: folded as they arrive, so that no key waits for it. */
  readonly #folded: string[] = [];
  #shown: Entry[] = [];
  /** Entries that have a place among the others, in another order than the server's. */
  #arrived: Entry[] = [];
  #isCurrent = true;
  #sort: SortOrder = "name";
  #filter = "";
  /** The filter, folded. */
  #wanted = "";
  #bytes = 0;
  #images = 0;

  /** @param folder its whole name, empty for all images */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** The entries that are shown. */
  get entries(): readonly Entry[] {
    if (!this.#isCurrent) this.#update();
    else if (this.#arrived.length > 0) this.#merge();
    return this.#shown;
  }

  /** Folders and images that have been listed, whatever the filter. */
  get count(): number {
    return this.#all.length;
  }

  /** Images that have been listed, whatever the filter. */
  get images(): number {
    return this.#images;
  }

  /** Bytes of all of them. */
  get bytes(): number {
    return this.#bytes;
  }

  get sort(): SortOrder {
    return this.#sort;
  }

  get filter(): string {
    return this.#filter;
  }

  /** Adds a page. */
  add(page: ListPage): void {
    for (const { name, images } of page.folders) {
      const whole = joinName(this.folder, name);
      this.#add({ name: whole, label: lastPart(whole), image: null, count: images });
    }
    for (const image of page.images) {
      this.#add({ name: image.url, label: lastPart(image.url), image, count: null });
      this.#images++;
      this.#bytes += image.bytes;
    }
  }

  /** What is shown by name grows at its end; any other order is found when it is asked for. */
  #add(entry: Entry): void {
    this.#all.push(entry);
    this.#folded.push(folded(entry.label));
    if (!this.#isCurrent || !this.#matches(this.#all.length - 1)) return;
    (this.#sort === "name" ? this.#shown : this.#arrived).push(entry);
  }

  /** Sorts by the next order. */
  sortNext(): void {
    this.#sort = SORT_ORDERS[(SORT_ORDERS.indexOf(this.#sort) + 1) % SORT_ORDERS.length];
    this.#isCurrent = false;
  }

  /** Shows only the entries whose names hold `text`, whatever its case. */
  setFilter(text: string): void {
    this.#filter = text;
    this.#wanted = folded(text);
    this.#isCurrent = false;
  }

  /** Whether the name of an entry holds the filter. */
  #matches(index: number): boolean {
    return this.#folded[index].includes(this.#wanted);
  }

  #update(): void {
    this.#isCurrent = true;
    this.#arrived = [];
    const shown = this.#wanted === ""
      ? this.#all.slice()
      : this.#all.filter((_, index) => this.#matches(index));
    if (this.#sort !== "name") this.#order(shown);
    this.#shown = shown;
  }

  /** Puts what has arrived among the others: a list of many pages is not sorted for each. */
  #merge(): void {
    const arrived = this.#order(this.#arrived), before = this.#shown;
    this.#arrived = [];
    const shown: Entry[] = [];
    let at = 0;
    for (const entry of arrived) {
      // Equals keep the order of the server, and what arrives comes later.
      while (at < before.length && this.#value(before[at]) >= this.#value(entry)) {
        shown.push(before[at++]);
      }
      shown.push(entry);
    }
    while (at < before.length) shown.push(before[at++]);
    this.#shown = shown;
  }

  /** The sort is stable, so folders and equals keep the order of the server. */
  #order(entries: Entry[]): Entry[] {
    return entries.sort((a, b) => this.#value(b) - this.#value(a));
  }

  #value({ image }: Entry): number {
    if (image === null) return FOLDERS_FIRST;
    return this.#sort === "date" ? image.modified ?? 0 : image.bytes;
  }
}

/** Text as it is compared: composed, without case. */
function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
