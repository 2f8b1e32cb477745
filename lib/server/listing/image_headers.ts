/** Reads type and dimensions of images from the headers of their files and keeps them in memory. */
import { identify, type PictureInfo } from "../../picture/mod.ts";
import {
  type FileState,
  fileState,
  openImage,
  openImageSync,
  sameState,
} from "../images/image_file.ts";
import { imageMediaType } from "../images/image_name.ts";
import { pathIn } from "./folder_index.ts";

/** The description of an image in a list, without its name. */
export interface ImageFacts {
  readonly type: string;
  readonly bytes: number;
  /** Last change, whole seconds since 1970. */
  readonly modified: number;
  /** Pixels of the upright picture, or null if the header does not say. */
  readonly width: number | null;
  readonly height: number | null;
}

/** Most images that are kept, about 300 bytes each. */
const MAX_KEPT = 100_000;

/**
 * Bytes of a file read, step by step: usually the first suffices; the last passes most thumbnails.
 */
const READ_BYTES = [4 * 1024, 64 * 1024, 512 * 1024] as const;

/** Reads the headers of image files and keeps what they say. */
export class ImageHeaders {
  readonly #root: string;
  readonly #maxKept: number;
  readonly #kept = new Map<string, { readonly state: FileState; readonly facts: ImageFacts }>();

  /** @param root the images directory */
  constructor(root: string, maxKept: number = MAX_KEPT) {
    this.#root = root;
    this.#maxKept = maxKept;
  }

  /**
   * Returns the facts of an image if its file is unchanged since they were read. Costs one `stat`.
   *
   * @param url the image's name within the images directory
   */
  kept(url: string): ImageFacts | undefined {
    const kept = this.#kept.get(url);
    if (kept === undefined) return undefined;
    try {
      const state = fileState(Deno.statSync(pathIn(this.#root, url)));
      if (sameState(state, kept.state)) return kept.facts;
    } catch {
      // The file is gone or inaccessible.
    }
    this.#kept.delete(url);
    return undefined;
  }

  /**
   * Reads the facts of an image; undefined if `/images` cannot serve it now. Blocks the thread.
   */
  readSync(url: string): ImageFacts | undefined {
    try {
      const opened = openImageSync(this.#root, url);
      if (opened === null) return undefined;
      using file = opened.file;
      const reading = readHeader(opened.state.size);
      let step = reading.next(null);
      while (!step.done) step = reading.next(file.readSync(step.value));
      return this.#keep(url, opened.state, step.value);
    } catch {
      return undefined;
    }
  }

  /** Reads the facts of an image while the thread does other work; see `readSync`. */
  async read(url: string): Promise<ImageFacts | undefined> {
    try {
      const opened = await openImage(this.#root, url);
      if (opened === null) return undefined;
      using file = opened.file;
      const reading = readHeader(opened.state.size);
      let step = reading.next(null);
      while (!step.done) step = reading.next(await file.read(step.value));
      return this.#keep(url, opened.state, step.value);
    } catch {
      return undefined;
    }
  }

  #keep(url: string, state: FileState, info: PictureInfo | null): ImageFacts {
    const facts: ImageFacts = {
      type: info === null ? imageMediaType(url)! : `image/${info.type}`,
      bytes: state.size,
      modified: Math.floor(state.mtime / 1000),
      width: info?.width ?? null,
      height: info?.height ?? null,
    };
    this.#kept.delete(url);
    this.#kept.set(url, { state, facts });
    if (this.#kept.size > this.#maxKept) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest);
    }
    return facts;
  }
}

/**
 * Reads as much of a file as its header takes. Yields where the next bytes go and is told how many
 * there were, so that the same steps serve both ways of reading.
 *
 * @param size bytes of the file
 */
function* readHeader(
  size: number,
): Generator<Uint8Array<ArrayBuffer>, PictureInfo | null, number | null> {
  let bytes = new Uint8Array(0);
  for (const most of READ_BYTES) {
    const wanted = Math.min(most, size);
    const grown = new Uint8Array(wanted);
    grown.set(bytes);
    let length = bytes.length;
    while (length < wanted) {
      const read = yield grown.subarray(length);
      if (read === null) break;
      length += read;
    }
    bytes = grown.subarray(0, length);
    const info = identify(bytes);
    if (info !== null) return info;
  }
  return null;
}
