/** The gallery's screen: the way to the folder, filter and sort, the tiles, the viewer over them. */
import { refusalText } from "./access.ts";
import { baseName, folderHash, pictureHash, type Place } from "./address.ts";
import { element } from "./dom.ts";
import { Gallery } from "./gallery.ts";
import { messages } from "./language.ts";
import { fetchList, type ListedFolder, type ListedImage, Refused } from "./server.ts";
import type { Thumbnails } from "./thumbnails.ts";
import { openViewer, type Viewer } from "./viewer.ts";

/** What the screen tells the page. */
export interface FolderEvents {
  /** The server asks for a key. */
  keyEnded(): void;
  /** A picture could not be loaded; the key may have ended. */
  pictureFailed(): void;
}

const COMPARE: Readonly<Record<string, ((a: ListedImage, b: ListedImage) => number) | null>> = {
  // The server's own order.
  name: null,
  date: (a, b) => b.modified - a.modified,
  size: (a, b) => b.bytes - a.bytes,
};

/** The screen of a folder. */
export class FolderScreen {
  /** What to put into the page. */
  readonly root: HTMLElement;

  readonly #events: FolderEvents;
  readonly #gallery: Gallery;
  readonly #way = element("nav", { className: "way", "aria-label": messages.folders });
  readonly #filter = element("input", {
    type: "search",
    placeholder: messages.filter,
    "aria-label": messages.filter,
  });
  readonly #sort = element(
    "select",
    { "aria-label": messages.sort },
    element("option", { value: "name" }, messages.byName),
    element("option", { value: "date" }, messages.byDate),
    element("option", { value: "size" }, messages.bySize),
  );
  readonly #note = element("p", { className: "note", role: "status" });
  #folder: string | null = null;
  #folders: ListedFolder[] = [];
  #images: ListedImage[] = [];
  /** The pictures shown: filtered and sorted. */
  #shown: readonly ListedImage[] = [];
  #isWhole = false;
  #loading = new AbortController();
  #place: Place = { folder: "", picture: null };
  #viewer: Viewer | null = null;

  constructor(thumbnails: Thumbnails, events: FolderEvents) {
    this.#events = events;
    this.#gallery = new Gallery(thumbnails);
    this.#filter.addEventListener("input", () => this.#show());
    this.#sort.addEventListener("change", () => this.#show());
    this.root = element(
      "div",
      { className: "browse" },
      element("h1", { className: "unseen" }, messages.pictures),
      element("div", { className: "tools" }, this.#way, this.#filter, this.#sort),
      this.#note,
      this.#gallery.root,
    );
  }

  /** Goes where the address leads. */
  async go(place: Place): Promise<void> {
    const { picture } = this.#place;
    const wasOpen = this.#viewer !== null;
    this.#place = place;
    if (place.folder !== this.#folder) {
      this.#closeViewer();
      await this.#load(place.folder);
    } else {
      this.#followPicture();
      // Left by Back.
      if (wasOpen && this.#viewer === null && picture !== null) this.#gallery.focus(picture);
    }
  }

  /** Fetches the folder anew, as after the key was raised again. */
  async reload(): Promise<void> {
    if (this.#folder === null || !this.#isWhole) await this.#load(this.#place.folder);
    else this.#followPicture();
  }

  /** Gives up what is under way; the screen is going away or waits for a key. */
  stop(): void {
    this.#loading.abort();
    this.#closeViewer();
  }

  async #load(folder: string): Promise<void> {
    this.#loading.abort();
    const { signal } = this.#loading = new AbortController();
    [this.#folder, this.#folders, this.#images, this.#isWhole] = [folder, [], [], false];
    this.#filter.value = "";
    this.#showWay();
    this.#show();
    scrollTo(0, 0);
    this.#note.textContent = messages.loading;
    try {
      for (let after: string | null = null, isFirst = true; isFirst || after !== null;) {
        const page = await fetchList(folder, after, signal);
        this.#folders.push(...page.folders);
        this.#images.push(...page.images);
        [after, isFirst] = [page.next, false];
        this.#isWhole = after === null;
        this.#show();
        this.#followPicture();
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#note.textContent = "";
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) this.#events.keyEnded();
      else if (error.status === 404) {
        this.#note.textContent = error.text === "Folder not found"
          ? messages.noFolder
          : messages.noList;
      } else this.#offerRetry(refusalText(error));
    }
  }

  #offerRetry(text: string): void {
    const onclick = () => this.#load(this.#place.folder);
    this.#note.replaceChildren(
      `${text} `,
      element("button", { type: "button", onclick }, messages.retry),
    );
  }

  #showWay(): void {
    const segments = this.#folder === "" ? [] : this.#folder!.split("/");
    const links = segments.map((name, index) =>
      element(
        "a",
        { href: folderHash(segments.slice(0, index + 1).join("/")) },
        element("bdi", {}, name),
      )
    );
    links.unshift(element("a", { href: "#/" }, messages.allPictures));
    links[links.length - 1].setAttribute("aria-current", "page");
    this.#way.replaceChildren(...links);
    document.title = segments.length === 0
      ? messages.title
      : `${baseName(this.#folder!)} – ${messages.title}`;
  }

  #show(): void {
    const wanted = this.#filter.value.normalize("NFC").toLowerCase();
    const matches = (name: string) => name.normalize("NFC").toLowerCase().includes(wanted);
    const folders = this.#folders.filter(({ name }) => matches(name));
    const images = this.#images.filter(({ url }) => matches(baseName(url)));
    const compare = COMPARE[this.#sort.value];
    if (compare) images.sort(compare);
    this.#shown = images;
    this.#gallery.show(this.#folder ?? "", folders, images);
    const isEmpty = folders.length + images.length === 0;
    this.#note.textContent = !isEmpty
      ? ""
      : wanted !== ""
      ? messages.noMatch
      : this.#isWhole
      ? messages.emptyFolder
      : messages.loading;
  }

  /** Opens, moves or closes the viewer as the address says. */
  #followPicture(): void {
    const { picture } = this.#place;
    if (picture === null) return this.#closeViewer();
    let index = indexOfName(this.#shown, picture);
    if (index < 0 && this.#filter.value !== "") {
      this.#filter.value = "";
      this.#show();
      index = indexOfName(this.#shown, picture);
    }
    if (index < 0) return this.#followFolder(picture);
    if (this.#viewer !== null) return this.#viewer.goTo(this.#shown[index].url, this.#shown);
    this.#viewer = openViewer(this.#shown, index, {
      moved: ({ url }) => {
        this.#place = { folder: this.#folder!, picture: url };
        history.replaceState(history.state, "", pictureHash(url));
      },
      closed: ({ url }) => {
        this.#viewer = null;
        this.#leavePicture();
        this.#gallery.focus(url);
      },
      failed: () => this.#events.pictureFailed(),
    });
  }

  /** Goes to the folder that an address without a slash at its end may mean. */
  #followFolder(path: string): void {
    const isMeant = ({ name }: ListedFolder) => isSameName(name, baseName(path));
    if (this.#folders.some(isMeant)) {
      history.replaceState(history.state, "", folderHash(path));
      this.go({ folder: path, picture: null });
    } else if (this.#isWhole) this.#note.textContent = messages.noPicture;
  }

  #closeViewer(): void {
    this.#viewer?.destroy();
    this.#viewer = null;
  }

  /** Back to the folder's own address: by going back where that is where the viewer was opened from. */
  #leavePicture(): void {
    if (this.#place.picture === null) return;
    this.#place = { folder: this.#folder!, picture: null };
    if (history.state?.fromFolder === true) history.back();
    else history.replaceState(null, "", folderHash(this.#folder!));
  }
}

/** Whether two names are the same however they are normalized: macOS and keyboards differ in that. */
function isSameName(a: string, b: string): boolean {
  return a.normalize("NFC") === b.normalize("NFC");
}

/** The place of a picture among others, of the exact name if there is one; -1 if it is not there. */
function indexOfName(images: readonly ListedImage[], picture: string): number {
  const exact = images.findIndex(({ url }) => url === picture);
  return exact >= 0 ? exact : images.findIndex(({ url }) => isSameName(url, picture));
}
