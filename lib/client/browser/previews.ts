/**
 * Images as large as the screen, scaled by the server: a photograph of many megabytes is then soon
 * there over any line, and is needed itself only to zoom in.
 */
import type { Failure } from "../failure.ts";
import type { PhotoServer } from "../remote/photo_server.ts";
import { type Box, type Painted, type PaintStyle, pixelsFor } from "../painting/paint.ts";
import type { Size } from "../../picture/mod.ts";
import type { Entry } from "./folder_contents.ts";
import { Thumbnails } from "./thumbnails.ts";

/** The sides of the boxes that a server scales to, pixels. */
const STEPS = [160, 320, 640, 1280, 2560];

/** The largest of them. */
const LARGEST_STEP = 2560;

/** Previews that are kept: the one on the screen, those beside it, and as many from before. */
const KEPT_PREVIEWS = 6;

/** Connections: one that fetches what has just been left does not hold up what is looked at. */
const CONNECTIONS = 2;

/** What there is of an image. */
export interface Preview {
  readonly painted: Painted;
  /** Whether the image itself would look no better in this box. */
  readonly isSharp: boolean;
}

/** What previews are made with. */
export interface PreviewParts {
  readonly openServer: () => PhotoServer;
  readonly style: PaintStyle;
  /** Paints a picture into a box; null if it cannot be drawn. */
  readonly paint: (bytes: Uint8Array, box: Box) => Promise<Painted | null>;
  /** Returns the file of a thumbnail; null if there is none. */
  readonly thumbnail: (name: string) => Uint8Array | null;
  /** Fetches a thumbnail; resolves once it is there, or will not be. */
  readonly fetchThumbnail: (name: string) => Promise<void>;
  /** Called with a painting that is no longer kept. */
  readonly dropped: (painted: Painted) => void;
  /** Called when a preview is there. */
  readonly ready: () => void;
  /** Called when the server cannot be reached, or refuses to send any preview. */
  readonly failed: (failure: Failure) => void;
}

/** Fetches and keeps previews. */
export class Previews {
  readonly #parts: PreviewParts;
  readonly #scaled: Thumbnails;
  /** The images that are wanted, by name. */
  #entries = new Map<string, Entry>();
  /** The step that was requested of each image last. */
  readonly #steps = new Map<string, number>();

  constructor(parts: PreviewParts) {
    this.#parts = parts;
    const { openServer, paint, dropped, ready, failed, style } = parts;
    this.#scaled = new Thumbnails({
      connections: CONNECTIONS,
      kept: KEPT_PREVIEWS,
      openServer,
      paint,
      dropped,
      failed,
      ready,
      pixels: (name, box) => {
        const side = stepFor(pixelsFor(box, style, sizeOf(this.#entries.get(name))));
        this.#steps.set(name, side);
        return { width: side, height: side };
      },
    });
  }

  /**
   * Shows an image in a box: first its thumbnail, if there is one, then as the server scales it.
   * What was requested before is given up.
   *
   * @param wait resolves once keys no longer come so fast that nobody looks at it: whether it is
   * still wanted then
   */
  async *of(entry: Entry, box: Box, wait: () => Promise<boolean>): AsyncGenerator<Preview> {
    const { name } = entry;
    this.#scaled.setBox(box);
    let scaled = this.#scaled.get(name);
    if (scaled === null) {
      const rough = await this.#paintAtHand(entry, box);
      if (rough !== null) yield rough;
      if (rough?.isSharp) return;
      if (!await wait()) return;
      this.#want([entry]);
      const done = this.#scaled.settled();
      if (rough === null) {
        await Promise.race([this.#parts.fetchThumbnail(name), done]);
        const later = this.#scaled.get(name) === null && await this.#paintAtHand(entry, box);
        if (later) yield later;
      }
      await done;
      scaled = this.#scaled.get(name);
    }
    if (scaled === null || scaled === "failed") return;
    yield { painted: scaled, isSharp: this.#isSharp(entry, box) };
  }

  /** Returns the file of a preview; null if it is not kept. */
  file(name: string): Uint8Array | null {
    return this.#scaled.file(name);
  }

  /** Fetches images ahead that may be looked at next. */
  fetchAhead(entries: readonly Entry[]): void {
    this.#want(entries);
  }

  /** Resolves once all that was fetched ahead is there, or has failed. */
  settled(): Promise<void> {
    return this.#scaled.settled();
  }

  /** Gives up all that is on its way. */
  stop(): void {
    this.#want([]);
  }

  /** Closes the connections. */
  close(): void {
    this.#scaled.close();
  }

  #want(entries: readonly Entry[]): void {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    this.#scaled.want(entries.map(({ name }) => name));
  }

  /** Paints the largest file that there is; it may have been scaled for another box. */
  async #paintAtHand(entry: Entry, box: Box): Promise<Preview | null> {
    const { name } = entry;
    const own = this.#scaled.file(name);
    const file = own ?? this.#parts.thumbnail(name);
    const painted = file && await this.#parts.paint(file, box);
    if (painted === null) return null;
    const step = stepFor(pixelsFor(box, this.#parts.style, sizeOf(entry)));
    const isLarge = own !== null && (this.#steps.get(name) ?? 0) >= step;
    return { painted, isSharp: isLarge && this.#isSharp(entry, box) };
  }

  #isSharp(entry: Entry, box: Box): boolean {
    const size = sizeOf(entry);
    const { width, height } = pixelsFor(box, this.#parts.style, size);
    const needed = Math.max(width, height);
    const most = size === null ? Infinity : Math.max(size.width, size.height);
    return Math.min(needed, most) <= LARGEST_STEP;
  }
}

/** The side of the box that a server scales to. */
function stepFor({ width, height }: Size): number {
  return STEPS.find((step) => step >= Math.max(width, height)) ?? LARGEST_STEP;
}

function sizeOf(entry: Entry | undefined): Size | null {
  const { width = null, height = null } = entry?.image ?? {};
  return width === null || height === null ? null : { width, height };
}
