/**
 * A folder's tiles. Only the rows in view, and one page above and below, are in the document, so that
 * 10,000 pictures scroll like ten. A tile that has the focus stays, wherever the page scrolls.
 */
import { baseName, folderHash, pictureHash } from "./address.ts";
import { element } from "./dom.ts";
import { messages } from "./language.ts";
import { layOut, type PlacedTile, type Row, rowAt } from "./layout.ts";
import { imageAddress, type ListedFolder, type ListedImage, scaledSize } from "./server.ts";
import type { Thumbnails } from "./thumbnails.ts";

/** The shape of a picture whose size the server does not know. */
const UNKNOWN_SHAPE = 4 / 3;

/** The steps offered to the browser for each tile: one for plain screens, one for dense ones. */
const TILE_STEPS = [320, 640] as const;

/** The tiles of one folder. */
export class Gallery {
  /** The list to put into the page. */
  readonly root = element("ul", { className: "gallery", role: "list" });

  readonly #thumbnails: Thumbnails;
  #folder = "";
  #folders: readonly ListedFolder[] = [];
  #images: readonly ListedImage[] = [];
  #rows: readonly Row[] = [];
  readonly #shown = new Map<number, HTMLLIElement>();
  #width = 0;
  #isScheduled = false;

  /** @param thumbnails what loads the pictures of the tiles */
  constructor(thumbnails: Thumbnails) {
    this.#thumbnails = thumbnails;
    this.root.addEventListener("keydown", (event) => this.#moveFocus(event));
    addEventListener("scroll", () => this.#schedule(), { passive: true });
    new ResizeObserver(() => this.#resize()).observe(this.root);
  }

  /** Shows these tiles instead of the ones before. */
  show(
    folder: string,
    folders: readonly ListedFolder[],
    images: readonly ListedImage[],
  ): void {
    const isSame = folder === this.#folder;
    // Tiles that stay keep their picture: a later page of the same folder only adds some.
    const kept = isSame ? Math.min(this.#sameTiles(folders, images), this.#count) : 0;
    for (const index of [...this.#shown.keys()]) if (index >= kept) this.#drop(index);
    [this.#folder, this.#folders, this.#images] = [folder, folders, images];
    this.root.setAttribute("aria-label", messages.pictures);
    this.#layOut();
  }

  /** Puts the focus on a picture's tile and scrolls to it. */
  focus(url: string): void {
    const index = this.#images.findIndex((image) => image.url === url);
    if (index >= 0) this.#focusTile(this.#folders.length + index);
  }

  get #count(): number {
    return this.#folders.length + this.#images.length;
  }

  /** How many tiles from the first are the same as those shown. */
  #sameTiles(folders: readonly ListedFolder[], images: readonly ListedImage[]): number {
    if (folders.length !== this.#folders.length) return 0;
    if (folders.some((folder, index) => folder.name !== this.#folders[index].name)) return 0;
    const differs = images.findIndex((image, index) => image.url !== this.#images[index]?.url);
    return folders.length + (differs < 0 ? images.length : differs);
  }

  #resize(): void {
    if (this.root.clientWidth !== this.#width) this.#layOut();
  }

  #layOut(): void {
    this.#width = this.root.clientWidth;
    if (this.#width === 0) return;
    const { rows, height } = layOut(
      this.#folders.length,
      this.#images.map(({ width, height }) => width && height ? width / height : UNKNOWN_SHAPE),
      {
        width: this.#width,
        gap: 6,
        rowHeight: this.#width < 600 ? 130 : 210,
        folderWidth: 200,
        folderHeight: 56,
      },
    );
    this.#rows = rows;
    this.root.style.height = `${height}px`;
    for (const [index, item] of this.#shown) {
      const row = this.#rows[this.#rowOf(index)];
      place(item, row, row.tiles[index - row.first]);
    }
    this.#render();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      if (this.root.isConnected) this.#render();
    });
  }

  /** Adds the tiles in view and drops the others. */
  #render(): void {
    const top = -this.root.getBoundingClientRect().top;
    const from = rowAt(this.#rows, top - innerHeight);
    const to = Math.min(this.#rows.length, rowAt(this.#rows, top + 2 * innerHeight) + 1);
    const first = this.#rows[from]?.first ?? this.#count;
    const last = this.#rows[to - 1];
    const end = last === undefined ? first : last.first + last.tiles.length;
    for (const [index, item] of this.#shown) {
      if ((index < first || index >= end) && !item.contains(document.activeElement)) {
        this.#drop(index);
      }
    }
    for (const row of this.#rows.slice(from, to)) {
      row.tiles.forEach((tile, offset) => {
        if (!this.#shown.has(row.first + offset)) this.#add(row.first + offset, row, tile);
      });
    }
  }

  #add(index: number, row: Row, tile: PlacedTile): void {
    const content = index < this.#folders.length
      ? this.#folderTile(this.#folders[index])
      : this.#pictureTile(this.#images[index - this.#folders.length], tile.width);
    const item = element("li", {
      "aria-setsize": this.#count,
      "aria-posinset": index + 1,
    }, content);
    place(item, row, tile);
    this.#shown.set(index, item);
    // In the order of the tiles, which is the order of the Tab key.
    let next: Element | null = null;
    let nearest = Infinity;
    for (const [other, element] of this.#shown) {
      if (other > index && other < nearest) [nearest, next] = [other, element];
    }
    this.root.insertBefore(item, next);
  }

  #drop(index: number): void {
    const item = this.#shown.get(index);
    if (item === undefined) return;
    const image = item.querySelector("img");
    if (image !== null) this.#thumbnails.cancel(image);
    item.remove();
    this.#shown.delete(index);
  }

  #folderTile({ name, images }: ListedFolder): HTMLElement {
    const path = this.#folder === "" ? name : `${this.#folder}/${name}`;
    const count = images === null ? "" : messages.count(images);
    return element(
      "a",
      // The number is drawn by the style sheet: it is no part of the link's name.
      { className: "folder", href: folderHash(path), title: count, "data-count": count },
      element("bdi", {}, name),
    );
  }

  #pictureTile(listed: ListedImage, width: number): HTMLElement {
    const name = baseName(listed.url);
    const image = element("img", { alt: name, decoding: "async", draggable: false });
    const size = { width: listed.width ?? 4000, height: listed.height ?? 3000 };
    this.#thumbnails.load(image, {
      src: imageAddress(listed.url, TILE_STEPS[0]),
      srcset: TILE_STEPS.map((step) =>
        `${imageAddress(listed.url, step)} ${scaledSize(size, step).width}w`
      ).filter((candidate, index, all) =>
        // A small picture is the same at every step: offer it once.
        all.findIndex((other) => other.split(" ")[1] === candidate.split(" ")[1]) === index
      ).join(", "),
      sizes: `${Math.ceil(width)}px`,
    });
    return element(
      "a",
      { className: "picture", href: pictureHash(listed.url), title: name },
      image,
      element("bdi", { className: "name", "aria-hidden": "true" }, name),
    );
  }

  #rowOf(index: number): number {
    let low = 0, high = this.#rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#rows[middle].first <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #focusTile(index: number): void {
    const row = this.#rows[this.#rowOf(index)];
    if (row === undefined) return;
    if (!this.#shown.has(index)) this.#add(index, row, row.tiles[index - row.first]);
    const link = this.#shown.get(index)!.querySelector("a")!;
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }

  /** Arrow keys, Home and End move the focus from tile to tile. */
  #moveFocus(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const item = (event.target as Element).closest("li");
    const current = [...this.#shown].find(([, shown]) => shown === item)?.[0];
    if (current === undefined) return;
    const next = this.#neighbour(current, event.key);
    if (next === null) return;
    event.preventDefault();
    this.#focusTile(next);
  }

  #neighbour(index: number, key: string): number | null {
    switch (key) {
      case "ArrowLeft":
        return Math.max(0, index - 1);
      case "ArrowRight":
        return Math.min(this.#count - 1, index + 1);
      case "Home":
        return 0;
      case "End":
        return this.#count - 1;
      case "ArrowUp":
      case "ArrowDown": {
        const at = this.#rowOf(index);
        const row = this.#rows[at];
        const beside = this.#rows[at + (key === "ArrowUp" ? -1 : 1)];
        if (beside === undefined) return index;
        const { left, width } = row.tiles[index - row.first];
        const centre = left + width / 2;
        const distances = beside.tiles.map((tile) => Math.abs(tile.left + tile.width / 2 - centre));
        return beside.first + distances.indexOf(Math.min(...distances));
      }
      default:
        return null;
    }
  }
}

function place(item: HTMLElement, row: Row, tile: PlacedTile): void {
  item.style.transform = `translate(${tile.left}px, ${row.top}px)`;
  item.style.width = `${tile.width}px`;
  item.style.height = `${row.height}px`;
}
