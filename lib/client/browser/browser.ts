/**
 * The browser of images: a contact sheet of a folder, and each image on the whole screen.
 *
 * Keys are handled at once; lists, thumbnails and images arrive when they arrive, and are drawn
 * only if what they were requested for is still on the screen.
 */
import { basename, join } from "@std/path";
import stringWidth from "string-width";
import { byteSize } from "../../text/byte_size.ts";
import { localTime } from "../../text/local_time.ts";
import { strip } from "../../text/printable.ts";
import { pagesOf } from "../images/image_names.ts";
import { copyWhole, unusedPath } from "../images/output.ts";
import { cachePath } from "../images/cache_path.ts";
import type { ListPage } from "../remote/list_page.ts";
import type { Failure } from "../failure.ts";
import type { PhotoServer } from "../remote/photo_server.ts";
import { transportFailure } from "../remote/transport_failure.ts";
import type { ImageAtHand, Session } from "../session.ts";
import { onExit } from "../terminal/exit_hooks.ts";
import type { Key } from "../terminal/keys.ts";
import {
  type Box,
  type Graphics,
  type Painted,
  type PaintStyle,
  pixelsFor,
} from "../painting/paint.ts";
import { type OpenPicture, Painter } from "../painting/painter.ts";
import { terminalSize } from "../terminal/terminal_size.ts";
import { type Entry, FolderContents } from "./folder_contents.ts";
import { type PhotoFacts, readFacts } from "./facts.ts";
import { scrolled, type SheetLayout, sheetLayout, type TerminalSize } from "./layout.ts";
import { fittedSentences, headerRow, keysRow } from "./bars.ts";
import { helpPanel, type Panel, panelPage } from "./panel.ts";
import { Thumbnails } from "./thumbnails.ts";
import { PixelLayer } from "./pixel_layer.ts";
import { Previews } from "./previews.ts";
import { fitted, sideOf, STYLE, tileRows, toColumn } from "./tile.ts";
import type { ImageView, ViewParts } from "./view.ts";

const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[2J", LEAVE_SCREEN = "\x1b[0m\x1b[?25h\x1b[?1049l";
/**
 * Ends a picture that was cut off (ST), so that the terminal does not take the rest for its part.
 */
const END_STRING = "\x1b\\";
/** Synchronized output: terminals that know it show a frame at once. */
const FRAME_BEGIN = "\x1b[?2026h", FRAME_END = "\x1b[?2026l";
const ERASE_SCREEN = "\x1b[0m\x1b[2J", ERASE_LINE = "\x1b[K";

/**
 * How long after the last movement thumbnails are requested, milliseconds: while a key repeats,
 * only names and thumbnails that are there are drawn.
 */
const SETTLE_MS = 60;

/** How long the rest of a list waits for the thumbnails on the screen, at most, milliseconds. */
const GIVE_WAY_MS = 500;

/**
 * Opens the browser and runs it until it is left.
 *
 * @throws {Failure} if the folder cannot be listed
 */
export async function browse(session: Session, folder: string): Promise<void> {
  const contents = new FolderContents(folder);
  // The first page comes before the screen changes: a failure is then an ordinary sentence.
  const lists = session.openServer();
  session.isQuiet = true;
  const painter = new Painter();
  try {
    const pages = pagesOf(lists, folder);
    const [first, style] = await Promise.all([pages.next(), session.pictures.paintStyle()]);
    if (!first.done) contents.add(first.value);
    painter.style = style;
    await new Browser(session, contents, { lists, painter, style }).run(pages);
  } finally {
    session.isQuiet = false;
    painter.close();
    lists.disconnect();
  }
}

type Pages = ReturnType<typeof pagesOf>;

class Browser {
  readonly #session: Session;
  readonly #lists: PhotoServer;
  readonly #painter: Painter;
  /** How the terminal draws pixels; null for characters. */
  readonly #graphics: Graphics | null;
  readonly #pixels = new PixelLayer();
  /** The picture of the view that is on the screen. */
  #shown: Painted | null = null;
  /** What the next list waits for: the one before has to stop. */
  #listing: Promise<unknown> = Promise.resolve();
  readonly #thumbnails: Thumbnails;
  readonly #previews: Previews;
  /** Loaded while the first list is on its way. */
  readonly #viewModule = import("./view.ts");
  #contents: FolderContents;
  /** The folder that was opened last; null for the first one. */
  #opening: FolderContents | null = null;
  #layout: SheetLayout = sheetLayout({ columns: 80, rows: 24 });
  #columns = 80;
  #rows = 24;
  #selected = 0;
  #first = 0;
  /** Whether names are listed instead of tiles. */
  #isList = false;
  #isFiltering = false;
  /** What is shown over the sheet or the image; null for nothing. */
  #panel: Panel | null = null;
  /** Its part that is shown, from 0, and how many there are. */
  #page = 0;
  #pages = 1;
  /** The image on the whole screen; null for the sheet. */
  #viewed: ImageView | null = null;
  /** The line below, instead of the keys; null for the keys. */
  #note: string | null = null;
  /** Whether the note says that no thumbnails come. */
  #isLost = false;
  /** When thumbnails were last asked for, milliseconds. */
  #movedAt = -Infinity;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #output: Promise<unknown> = Promise.resolve();
  /** The last of the downloads, which take turns on one connection. */
  #turn: Promise<unknown> = Promise.resolve();
  #isOver = false;

  /**
   * @param lists the connection that folders are listed over
   * @param style with what `painter` paints
   */
  constructor(
    session: Session,
    contents: FolderContents,
    { lists, painter, style }: { lists: PhotoServer; painter: Painter; style: PaintStyle },
  ) {
    this.#session = session;
    this.#lists = lists;
    this.#painter = painter;
    this.#graphics = style.graphics;
    this.#contents = contents;
    const parts = {
      openServer: session.openServer,
      paint: (bytes: Uint8Array, box: Box) => painter.paint(bytes, box),
      dropped: (painted: Painted) => this.#draw(this.#pixels.delete(painted)),
      failed: (failure: Failure) => {
        this.#isLost = true;
        this.#say(this.#sentenceOf(failure));
      },
    };
    this.#thumbnails = new Thumbnails({
      ...parts,
      pixels: (_name, box) => pixelsFor(box, style, null),
      ready: (name) => {
        this.#recover();
        this.#drawTileOf(name);
      },
    });
    this.#previews = new Previews({
      ...parts,
      style,
      ready: () => this.#recover(),
      thumbnail: (name) => this.#thumbnails.file(name),
      fetchThumbnail: (name) => {
        this.#thumbnails.want([name]);
        return this.#thumbnails.settled();
      },
    });
  }

  async run(pages: Pages): Promise<void> {
    const { input, screen } = this.#session;
    const leave = () => screen.putSync(END_STRING + this.#pixels.deleteAll() + LEAVE_SCREEN);
    const done = onExit(leave);
    try {
      await input.raw(async () => {
        input.onRedraw(() => this.#drawAnew());
        input.onSuspend(leave);
        this.#drawAnew();
        this.#listing = this.#readOn(pages, this.#contents);
        while (!this.#isOver) {
          const key = await input.key();
          if (key === null) break;
          this.#take(key);
        }
      });
    } finally {
      this.#isOver = true;
      clearTimeout(this.#settling);
      input.onRedraw(null);
      input.onSuspend(null);
      this.#thumbnails.close();
      this.#previews.close();
      this.#write(this.#pixels.deleteAll() + LEAVE_SCREEN);
      await this.#output;
      done();
    }
  }

  /** Lists the rest of a folder. */
  async #readOn(pages: Pages, contents: FolderContents): Promise<void> {
    try {
      for await (const page of pages) {
        if (this.#isOver || contents !== this.#contents || this.#isLeaving(contents)) return;
        const before = this.#visible, { across, down } = this.#layout;
        this.#addPage(page);
        this.#measure();
        if (this.#viewed !== null || this.#isCovered) continue;
        const after = this.#visible;
        // What is on the screen stays; only the count changes.
        const isSame = across === this.#layout.across && down === this.#layout.down &&
          before.length === after.length && before.every((entry, i) => entry === after[i]);
        if (isSame) {
          this.#drawHeader();
          await this.#giveWay();
        } else this.#drawSheet();
      }
    } catch (error) {
      this.#say(this.#sentenceOf(error));
    }
  }

  /**
   * Adds a page. What is selected stays so, in the same row of the screen, whatever comes before.
   */
  #addPage(page: ListPage): void {
    const selected = this.#entry;
    const row = Math.floor((this.#selected - this.#first) / this.#across);
    this.#contents.add(page);
    if (selected === undefined) return;
    this.#selected = this.#contents.entries.indexOf(selected);
    this.#first = Math.max(0, Math.floor(this.#selected / this.#across) - row) * this.#across;
  }

  /** Lets what is on the screen come before names that are not. */
  async #giveWay(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>((resolve) => timer = setTimeout(resolve, GIVE_WAY_MS));
    await Promise.race([this.#thumbnails.settled(), limit]);
    clearTimeout(timer);
  }

  async #open(folder: string, select: string | null = null): Promise<void> {
    const { messages } = this.#session;
    this.#say(messages.browserLoading);
    const before = this.#listing;
    const opened = Promise.withResolvers<void>();
    this.#listing = opened.promise;
    const contents = new FolderContents(folder);
    this.#opening = contents;
    try {
      await before;
      if (this.#opening !== contents) return;
      const pages = pagesOf(this.#lists, folder);
      const first = await pages.next();
      if (this.#isOver || this.#opening !== contents) return;
      if (!first.done) contents.add(first.value);
      this.#contents = contents;
      this.#note = null;
      this.#first = 0;
      this.#selected = Math.max(0, contents.entries.findIndex(({ name }) => name === select));
      this.#drawAnew();
      await this.#readOn(pages, contents);
    } catch (error) {
      this.#say(this.#sentenceOf(error));
    } finally {
      opened.resolve();
    }
  }

  /** Whether another folder is to be listed. */
  #isLeaving(contents: FolderContents): boolean {
    return this.#opening !== null && this.#opening !== contents;
  }

  /** Whether a panel stands where the sheet or the image would. */
  get #isCovered(): boolean {
    return this.#panel !== null;
  }

  get #entry(): Entry | undefined {
    return this.#contents.entries[this.#selected];
  }

  /** The entries that have a place on the sheet. */
  get #visible(): readonly Entry[] {
    return this.#contents.entries.slice(this.#first, this.#first + this.#perSheet);
  }

  get #across(): number {
    return this.#isList ? 1 : this.#layout.across;
  }

  get #down(): number {
    return this.#isList ? Math.max(1, this.#rows - 2) : this.#layout.down;
  }

  get #perSheet(): number {
    return this.#across * this.#down;
  }

  /** The first entry of a sheet that shows the selected one. */
  #scrolled(): number {
    const { length: count } = this.#contents.entries;
    const shown = { first: this.#first, selected: this.#selected, count };
    return scrolled(shown, this.#across, this.#down);
  }

  #take(key: Key): void {
    if (this.#isCovered) this.#takeInPanel(keyName(key));
    else if (this.#viewed !== null) this.#takeInView(keyName(key), this.#viewed);
    else if (this.#isFiltering) this.#takeInFilter(key);
    else this.#takeInSheet(key);
  }

  /** Shows the next page of the panel; behind the last one, what stood there before. */
  #takeInPanel(key: string): void {
    const isOver = key === "escape" || key === "q" || this.#page + 1 >= this.#pages;
    if (isOver) {
      this.#panel = null;
      this.#drawAnew();
    } else {
      this.#page++;
      this.#drawPanel();
    }
  }

  #takeInSheet(key: Key): void {
    const across = this.#across, page = this.#perSheet;
    const hadNote = this.#note !== null;
    this.#note = null;
    switch (keyName(key)) {
      case "left":
      case "h":
        return this.#move(-1, hadNote);
      case "right":
      case "l":
        return this.#move(1, hadNote);
      case "up":
      case "k":
        return this.#move(-across, hadNote);
      case "down":
      case "j":
        return this.#move(across, hadNote);
      case "page-up":
        return this.#move(-page, hadNote);
      case "page-down":
      case " ":
        return this.#move(page, hadNote);
      case "home":
      case "g":
        return this.#move(-Infinity, hadNote);
      case "end":
      case "G":
        return this.#move(Infinity, hadNote);
      case "enter":
        if (this.#entry?.image === null) this.#open(this.#entry.name);
        else if (this.#entry !== undefined) this.#view(this.#entry);
        return;
      case "backspace":
      case "u":
        return this.#leaveFolder();
      case "/":
        this.#isFiltering = true;
        return this.#drawHeader();
      case "r":
        this.#contents.sortNext();
        this.#selected = this.#first = 0;
        return this.#drawSheet();
      case "t":
        this.#isList = !this.#isList;
        return this.#drawAnew();
      case "s":
        if (this.#entry?.image) this.#save(this.#entry);
        return;
      case "i":
        if (this.#entry?.image) this.#showFacts(this.#entry);
        return;
      case "P":
        this.#raisePrivilege();
        return;
      case "?":
        return this.#showHelp();
      case "escape":
        if (this.#contents.filter === "") return this.#drawFooter();
        return this.#showAll();
      case "q":
      case "ctrl-d":
        this.#isOver = true;
        return;
    }
    if (hadNote) this.#drawFooter();
  }

  #takeInFilter(key: Key): void {
    const { filter } = this.#contents;
    switch (key.name) {
      case "text":
      case "paste":
        this.#contents.setFilter(filter + strip(key.text));
        break;
      case "backspace":
        if (filter === "") this.#isFiltering = false;
        this.#contents.setFilter(charactersOf(filter).slice(0, -1).join(""));
        break;
      case "ctrl-u":
        this.#contents.setFilter("");
        break;
      case "escape":
        return this.#showAll();
      case "enter":
      case "down":
      case "tab":
        this.#isFiltering = false;
        return this.#drawHeader();
      default:
        return;
    }
    this.#selected = this.#first = 0;
    this.#drawSheet();
  }

  /** Ends the search. What was found stays selected, among all others. */
  #showAll(): void {
    const found = this.#entry;
    this.#isFiltering = false;
    this.#contents.setFilter("");
    this.#selected = found === undefined ? 0 : this.#contents.entries.indexOf(found);
    this.#drawSheet();
  }

  #takeInView(key: string, view: ImageView): void {
    if (this.#note !== null && this.#note !== this.#session.messages.browserLoading) {
      this.#clearNote();
    }
    switch (key) {
      case "+":
      case "=":
        view.zoomBy(1);
        return;
      case "-":
      case "_":
        view.zoomBy(-1);
        return;
      case "0":
        return view.showWhole();
      case "f":
        return view.toggleFull();
      case "n":
      case " ":
      case "page-down":
        return this.#viewNext(1);
      case "p":
      case "page-up":
        return this.#viewNext(-1);
      case "s":
        this.#save(view.entry);
        return;
      case "i":
        this.#showFacts(view.entry);
        return;
      case "P":
        this.#raisePrivilege();
        return;
      case "?":
        return this.#showHelp();
      case "q":
      case "escape":
      case "enter":
      case "backspace":
        this.#closeView();
        this.#note = null;
        return this.#drawAnew();
    }
    const arrow = ARROWS[key];
    if (arrow === undefined) return;
    const [right, down] = arrow;
    if (view.isZoomed) view.move(right, down);
    else this.#viewNext(right + down);
  }

  #move(step: number, hadNote: boolean): void {
    const { length } = this.#contents.entries;
    const before = this.#selected;
    const wanted = Math.max(0, Math.min(length - 1, before + step));
    // Up and down stay in their column.
    const isOut = Math.abs(step) === this.#across && wanted !== before + step &&
      Math.floor(wanted / this.#across) === Math.floor(before / this.#across);
    this.#selected = isOut ? before : wanted;
    const first = this.#scrolled();
    if (first !== this.#first) {
      this.#first = first;
      return this.#drawSheet();
    }
    if (this.#selected !== before) this.#draw(this.#frame(before) + this.#frame(this.#selected));
    if (hadNote) this.#drawFooter();
  }

  #leaveFolder(): void {
    const { folder } = this.#contents;
    if (folder === "") return this.#drawFooter();
    this.#open(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))), folder);
  }

  #viewNext(step: number): void {
    const { entries } = this.#contents;
    for (let at = this.#selected + step; at >= 0 && at < entries.length; at += step) {
      if (entries[at].image === null) continue;
      this.#selected = at;
      this.#first = this.#scrolled();
      this.#view(entries[at]);
      return;
    }
  }

  /** Shows an image on the whole screen. */
  async #view(entry: Entry): Promise<void> {
    const { ImageView } = await this.#viewModule;
    if (this.#isOver) return;
    const isFull = this.#viewed?.isFull ?? false;
    this.#viewed?.close();
    this.#note = this.#session.messages.browserLoading;
    const view: ImageView = new ImageView(entry, isFull, this.#viewParts(() => view));
    this.#viewed = view;
    // Nobody looks at the sheet; what is on its way is soon fetched again.
    this.#thumbnails.want([]);
    // What was on the screen stays for the moment that it takes to paint a thumbnail.
    if (this.#thumbnails.file(entry.name) === null) this.#showView(null, view.box);
    await view.open();
  }

  #closeView(): void {
    this.#viewed?.close();
    this.#viewed = null;
    this.#previews.stop();
  }

  /** @param own the view that they are for */
  #viewParts(own: () => ImageView): ViewParts {
    const { messages } = this.#session;
    const isCurrent = () => this.#viewed === own() && !this.#isOver;
    return {
      previews: (entry, box, isWanted) =>
        this.#previews.of(entry, box, () => this.#settled().then(isWanted)),
      open: (entry, isWanted) => this.#openFile(entry, isWanted),
      isLastRowFree: this.#graphics !== null && this.#graphics.protocol !== "kitty",
      size: () => ({ columns: this.#columns, rows: this.#rows }),
      show: (painted, box) => {
        if (isCurrent()) this.#showView(painted, box);
      },
      loading: (isLoading) => {
        if (!isCurrent()) return;
        if (isLoading) this.#say(messages.browserLoading);
        else if (this.#note === messages.browserLoading) this.#clearNote();
      },
      settled: () => {
        if (isCurrent()) this.#fetchAhead();
      },
      undrawn: () => {
        if (isCurrent()) this.#say(messages.browserUndrawn);
      },
      failed: (error) => {
        if (isCurrent()) this.#say(this.#sentenceOf(error));
      },
    };
  }

  /** Opens the file of an image; null if it is not drawn, or no longer wanted. */
  async #openFile(entry: Entry, isWanted: () => boolean): Promise<OpenPicture | null> {
    const preview = this.#previews.file(entry.name);
    // A small image is its own preview, and a server that does not scale sends the file.
    if (preview !== null && preview.length === entry.image?.bytes) {
      return await this.#painter.open(preview.slice(), isWanted);
    }
    const image = await this.#fetch(entry, isWanted);
    const bytes = image && await this.#session.pictures.read(image.path);
    return bytes && await this.#painter.open(bytes, isWanted);
  }

  /** Fetches what is likely to be looked at next: the images beside the one in view. */
  #fetchAhead(): void {
    const { entries } = this.#contents;
    const beside = [0, 1, -1].map((step) => entries[this.#selected + step]);
    this.#previews.fetchAhead(beside.filter((entry) => entry?.image));
    this.#wantVisible();
  }

  /** Resolves once no key has moved anything for a while: at once after a single key. */
  #settled(): Promise<void> {
    const isMoving = performance.now() - this.#movedAt < SETTLE_MS;
    this.#movedAt = performance.now();
    return new Promise((resolve) => setTimeout(resolve, isMoving ? SETTLE_MS : 0));
  }

  /** Draws a picture in the middle of a box at the upper left of the screen. */
  #showView(painted: Painted | null, box: TerminalSize): void {
    if (this.#isCovered || this.#isOver) return;
    const { rows, columns } = painted ?? { rows: [], columns: 0 };
    const top = Math.max(0, Math.floor((box.rows - rows.length) / 2));
    const left = Math.max(0, Math.floor((box.columns - columns) / 2));
    let text = this.#pixels.hide();
    if (this.#shown !== null && this.#shown !== painted) text += this.#pixels.delete(this.#shown);
    this.#shown = painted;
    for (let i = 0; i < box.rows; i++) {
      const row = rows[i - top];
      text += at(i + 1, 1) + (row === undefined ? "" : " ".repeat(left) + row) + STYLE.reset;
      // Behind the last column, it would erase the last character.
      if (row === undefined || left + columns < this.#columns) text += ERASE_LINE;
    }
    if (painted !== null) text += at(top + 1, left + 1) + this.#pixels.draw(painted);
    this.#draw(text + this.#footer());
  }

  /**
   * Gets an image into the cache, one after the other.
   *
   * @param isWanted whether it is still of use when its turn comes
   * @returns null if it is not
   */
  #fetch(entry: Entry, isWanted: () => boolean): Promise<ImageAtHand | null> {
    const fetched = this.#turn.then(() =>
      isWanted() ? this.#session.fetch(entry.name, true) : null
    );
    // The content of the image is not held until the next one.
    this.#turn = fetched.then(() => null, () => null);
    return fetched;
  }

  /** Copies an image from the cache to where the client runs. */
  async #save(entry: Entry): Promise<void> {
    const { messages, saveDirectory } = this.#session;
    try {
      const image = await this.#fetch(entry, () => true);
      if (image === null) return;
      const [label] = cachePath(basename(entry.label));
      const path = unusedPath(join(saveDirectory, label));
      copyWhole(image.path, path);
      this.#say(messages.imageWritten(strip(basename(path)), byteSize(image.size)));
    } catch (error) {
      this.#say(this.#sentenceOf(error));
    }
  }

  /** Shows what is known about an image: first by the list, then by the file as well. */
  async #showFacts(entry: Entry): Promise<void> {
    const { messages, pictures } = this.#session;
    const listed = this.#listedFacts(entry);
    const panel: Panel = {
      title: entry.name,
      facts: [...listed, ["", messages.browserLoading] as const],
    };
    this.#showPanel(panel);
    const isCurrent = () => this.#panel === panel && !this.#isOver;
    try {
      const image = await this.#fetch(entry, isCurrent);
      if (image === null) return;
      const bytes = await pictures.read(image.path);
      const said = bytes === null ? {} : await readFacts(bytes);
      if (!isCurrent()) return;
      const facts = (Object.entries(said) as [keyof PhotoFacts, string | null][])
        .flatMap(([name, fact]) =>
          fact === null ? [] : [[messages.browserFacts[name], fact] as const]
        );
      this.#panel = {
        title: entry.name,
        facts: [
          ...listed,
          ...facts.length === 0 ? [["", messages.browserNoFacts] as const] : facts,
        ],
      };
    } catch (error) {
      if (!isCurrent()) return;
      const sentence = this.#sentenceOf(error);
      this.#panel = { title: entry.name, facts: [...listed, ["", sentence]] };
    }
    this.#drawPanel();
  }

  #listedFacts({ image }: Entry): (readonly [string, string])[] {
    const { browserFacts } = this.#session.messages;
    if (image === null) return [];
    const { width, height, type, bytes, modified } = image;
    const size = width === null || height === null ? "" : `${width}×${height}`;
    return [
      [browserFacts.size, [size, type, byteSize(bytes)].filter((part) => part).join(" · ")],
      ...modified === null ? [] : [[browserFacts.changed, localTime(modified)] as const],
    ];
  }

  /** Shows all keys. */
  #showHelp(): void {
    const { browserHelpTitle, browserHelp } = this.#session.messages;
    this.#showPanel(helpPanel(browserHelpTitle, browserHelp));
  }

  #showPanel(panel: Panel): void {
    this.#panel = panel;
    this.#page = 0;
    this.#drawPanel();
  }

  #drawPanel(): void {
    if (this.#panel === null) return;
    const { browserBack, browserMore } = this.#session.messages;
    const size = { columns: this.#columns, rows: this.#rows - 1 };
    const { rows, column: left, pages } = panelPage(this.#panel, size, this.#page);
    this.#pages = pages;
    const top = Math.max(1, Math.floor((this.#rows - rows.length) / 2));
    // Under pixels nothing could be read.
    const erase = this.#graphics === null ? "" : this.#erase();
    const keys = this.#page + 1 < pages ? browserMore : browserBack;
    this.#draw(
      erase + rows.map((row, i) => at(top + i, left) + row).join("") +
        this.#line(this.#rows, keys, STYLE.dim),
    );
  }

  #say(sentence: string): void {
    if (this.#isOver) return;
    this.#note = sentence;
    if (!this.#isCovered) this.#drawFooter();
  }

  /** What there is to say about an error, where the keys for it are other ones than at the menu. */
  #sentenceOf(error: unknown): string {
    const { messages } = this.#session;
    const failure = transportFailure(error);
    return failure.token === "NO_KEY" ? messages.browserNoKey : failure.sentence(messages);
  }

  /** Takes back what was said when nothing came. */
  #recover(): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#clearNote();
  }

  /** Raises the privilege, and goes on with what has failed without it. */
  async #raisePrivilege(): Promise<void> {
    const { messages, server } = this.#session;
    try {
      const raised = this.#turn.then(() => server.raisePrivilege());
      this.#turn = raised.catch(() => null);
      const { expiryTime } = await raised;
      if (this.#isOver) return;
      this.#isLost = false;
      if (this.#viewed === null) this.#requestThumbnails();
      else this.#view(this.#viewed.entry);
      this.#say(
        expiryTime === null
          ? messages.privilegeChanged
          : messages.keyExpires(localTime(expiryTime)),
      );
    } catch (error) {
      this.#say(this.#sentenceOf(error));
    }
  }

  /** Shows the keys again, or the rows of the picture that the sentence stood in. */
  #clearNote(): void {
    this.#note = null;
    if (this.#isCovered) return;
    if (this.#viewed?.isFull) this.#showView(this.#shown, this.#viewed.box);
    else this.#drawFooter();
  }

  #measure(): void {
    const { columns, rows } = terminalSize() ?? { columns: 80, rows: 24 };
    this.#columns = columns;
    this.#rows = Math.max(3, rows);
    this.#layout = sheetLayout({ columns, rows: this.#rows }, this.#contents.count);
    const box = { columns: this.#layout.width - 2, rows: this.#layout.height - 2 };
    this.#thumbnails.setBox(box);
  }

  /** Draws all of it, on a screen of any size and content. */
  #drawAnew(): void {
    this.#measure();
    this.#write(this.#pixels.deleteAll() + ENTER_SCREEN);
    if (this.#viewed !== null) {
      if (!this.#isCovered) this.#viewed.redraw();
    } else if (!this.#isCovered || this.#graphics === null) this.#drawSheet();
    if (!this.#isCovered) return;
    // There may be fewer pages than before.
    this.#page = 0;
    this.#drawPanel();
  }

  #drawSheet(): void {
    const { entries } = this.#contents;
    this.#selected = Math.max(0, Math.min(this.#selected, entries.length - 1));
    this.#first = this.#scrolled();
    let text = this.#erase() + this.#header() + this.#footer();
    this.#visible.forEach((_, place) => text += this.#tile(this.#first + place));
    if (entries.length === 0) {
      const { messages } = this.#session;
      const empty = this.#contents.filter === "" ? messages.browserEmpty : messages.browserNoMatch;
      text += this.#line(Math.floor(this.#rows / 2), `  ${empty}`);
    }
    this.#draw(text);
    this.#requestThumbnails();
  }

  /** Requests the thumbnails on the screen once nothing moves any more. */
  #requestThumbnails(): void {
    clearTimeout(this.#settling);
    if (this.#isList) return this.#thumbnails.want([]);
    this.#settling = setTimeout(
      () => this.#wantVisible(),
      performance.now() - this.#movedAt < SETTLE_MS ? SETTLE_MS : 0,
    );
    this.#movedAt = performance.now();
  }

  /** Requests the thumbnails on the screen, the selected one first. */
  #wantVisible(): void {
    const visible = this.#visible.filter(({ image }) => image !== null).map(({ name }) => name);
    const selected = this.#entry?.name;
    this.#thumbnails.want(
      visible.sort((a, b) => Number(b === selected) - Number(a === selected)),
    );
  }

  #drawTileOf(name: string): void {
    if (this.#isOver || this.#viewed !== null || this.#isCovered || this.#isList) return;
    const place = this.#visible.findIndex((entry) => entry.name === name);
    if (place !== -1) this.#draw(this.#tile(this.#first + place));
  }

  /** Takes everything off the screen. */
  #erase(): string {
    return this.#pixels.hide() + ERASE_SCREEN;
  }

  /** The text of an entry that is on the screen, at its place. */
  #tile(index: number): string {
    const { entry, top, left } = this.#placeOf(index);
    if (this.#isList) return this.#listLine(entry, top, index === this.#selected);
    const thumbnail = entry.image === null ? null : this.#thumbnails.get(entry.name);
    const layout = this.#layout;
    const isSelected = index === this.#selected;
    const rows = tileRows({ entry, thumbnail, isSelected, layout, column: left });
    const text = rows.map((row, i) => at(top + i, left) + row).join("");
    if (thumbnail === null || thumbnail === "failed") return text;
    // Where `tileRows` has the picture.
    const down = Math.max(0, Math.floor((layout.height - 2 - thumbnail.rows.length) / 2));
    const right = Math.floor((layout.width - 2 - thumbnail.columns) / 2);
    return text + at(top + 1 + down, left + 1 + right) + this.#pixels.draw(thumbnail);
  }

  /** What changes of an entry when it is selected, or no longer. */
  #frame(index: number): string {
    if (this.#isList) return this.#tile(index);
    const { entry, top, left } = this.#placeOf(index);
    const layout = this.#layout, isSelected = index === this.#selected;
    const rows = tileRows({ entry, thumbnail: null, isSelected, layout, column: left });
    const side = sideOf(isSelected);
    let text = at(top, left) + rows[0];
    for (let i = 1; i < rows.length - 1; i++) {
      text += at(top + i, left) + side + at(top + i, left + layout.width - 1) + side;
    }
    return text + at(top + rows.length - 1, left) + rows[rows.length - 1];
  }

  /** An entry that is on the screen, and the row and column where it begins. */
  #placeOf(index: number): { entry: Entry; top: number; left: number } {
    const entry = this.#contents.entries[index];
    const place = index - this.#first;
    if (this.#isList) return { entry, top: place + 2, left: 1 };
    const { across, height, step, left, top } = this.#layout;
    return {
      entry,
      top: top + Math.floor(place / across) * height + 2,
      left: left + (place % across) * step + 1,
    };
  }

  #listLine(entry: Entry, row: number, isSelected: boolean): string {
    const { image, label } = entry;
    const facts = image === null
      ? (entry.count === null || entry.count === 0 ? "" : `${entry.count}`)
      : `${byteSize(image.bytes)}  ${
        image.modified === null ? "" : localTime(image.modified).slice(0, 16)
      }`;
    const room = Math.max(4, this.#columns - facts.length - 5);
    const name = fitted(image === null ? `${label}/` : label, room);
    const line = `${isSelected ? "▸" : " "} ${name}${
      " ".repeat(Math.max(1, room - stringWidth(name)))
    }${toColumn(room + 4)}${facts}`;
    return at(row, 1) + (isSelected ? STYLE.selected : "") + line + STYLE.reset +
      ERASE_LINE;
  }

  #drawHeader(): void {
    this.#draw(this.#header());
  }

  /** The folder, what is in it, the order and the search. */
  #header(): string {
    const { messages } = this.#session;
    const { folder, count, entries, images, bytes, sort, filter } = this.#contents;
    const isSearched = this.#isFiltering || filter !== "";
    const row = headerRow({
      folder,
      counts: filter === ""
        ? messages.browserCounts(images, byteSize(bytes))
        : messages.browserMatches(entries.length, count),
      order: messages.browserSorted(sort),
      search: isSearched ? `/${filter}${this.#isFiltering ? "▏" : ""}` : messages.browserSearch,
      isSearched,
    }, this.#columns);
    return at(1, 1) + row + ERASE_LINE;
  }

  #drawFooter(): void {
    this.#draw(this.#footer());
  }

  /** The keys, or what there is to say. */
  #footer(): string {
    const { messages } = this.#session;
    const view = this.#viewed;
    if (view?.isFull && this.#note === null) return "";
    const keys = view === null
      ? messages.browserKeys
      : view.isZoomed
      ? messages.browserZoomKeys
      : messages.browserViewKeys;
    if (this.#note !== null) return this.#line(this.#rows, this.#note);
    return this.#line(this.#rows, keysRow(keys, this.#columns - 2), STYLE.dim);
  }

  #line(row: number, text: string, color = ""): string {
    const shown = fittedSentences(` ${text.replaceAll("\n", " ")}`, this.#columns - 1);
    return at(row, 1) + color + shown + STYLE.reset + ERASE_LINE;
  }

  #draw(text: string): void {
    this.#write(FRAME_BEGIN + text + FRAME_END);
  }

  /** Writes in order, without waiting: a slow terminal must not hold up a key. */
  #write(text: string): void {
    const { screen } = this.#session;
    this.#output = this.#output.then(() => screen.put(text)).catch(() => this.#isOver = true);
  }
}

/** The arrows as steps to the right and down. */
const ARROWS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
  h: [-1, 0],
  l: [1, 0],
  k: [0, -1],
  j: [0, 1],
};

const SEGMENTER = new Intl.Segmenter();

/** The characters of a text, as a person counts them. */
function charactersOf(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

/** The name of a key, or the character that was typed. */
function keyName(key: Key): string {
  return key.name === "text" ? key.text : key.name;
}

/** Moves the cursor (CUP). */
function at(row: number, column: number): string {
  return `\x1b[${row};${column}H`;
}
