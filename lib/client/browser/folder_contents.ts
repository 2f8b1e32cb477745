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

/** The entries of one folder, sorted and filtered. */
export class FolderContents {
  readonly folder: string;
  /** All entries, in the order of the server. */
  readonly #all: Entry[] = [];
  #shown: readonly Entry[] = [];
  #isCurrent = false;
  #sort: SortOrder = "name";
  #filter = "";
  #bytes = 0;
  #images = 0;

  /** @param folder its whole name, empty for all images */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** The entries that are shown. */
  get entries(): readonly Entry[] {
    if (!this.#isCurrent) this.#update();
    return this.#shown;
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
      this.#all.push({ name: whole, label: lastPart(whole), image: null, count: images });
    }
    for (const image of page.images) {
      this.#all.push({ name: image.url, label: lastPart(image.url), image, count: null });
      this.#images++;
      this.#bytes += image.bytes;
    }
    this.#isCurrent = false;
  }

  /** Sorts by the next order. */
  sortNext(): void {
    this.#sort = SORT_ORDERS[(SORT_ORDERS.indexOf(this.#sort) + 1) % SORT_ORDERS.length];
    this.#isCurrent = false;
  }

  /** Shows only the entries whose names hold `text`, whatever its case. */
  setFilter(text: string): void {
    this.#filter = text;
    this.#isCurrent = false;
  }

  #update(): void {
    this.#isCurrent = true;
    const wanted = this.#filter.normalize("NFC").toLowerCase();
    const shown = wanted === ""
      ? this.#all.slice()
      : this.#all.filter(({ label }) => label.normalize("NFC").toLowerCase().includes(wanted));
    if (this.#sort !== "name") {
      const value = ({ image }: Entry) =>
        image === null ? Infinity : this.#sort === "date" ? image.modified ?? 0 : image.bytes;
      // The sort is stable, so folders and equals keep the order of the server.
      shown.sort((a, b) => a.image === null && b.image === null ? 0 : value(b) - value(a));
    }
    this.#shown = shown;
  }
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
