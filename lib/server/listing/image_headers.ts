/** The type and the size of images, read from the beginning of their files and kept while they last. */
import { join } from "@std/path";
import { identify } from "../../picture/mod.ts";
import { type FileState, fileState, openImage, sameState } from "../images/image_file.ts";
import { imageMediaType } from "../images/image_name.ts";

/** What a list says of an image beside its name. */
export interface ImageFacts {
  readonly type: string;
  readonly bytes: number;
  /** Last change, whole seconds since 1970. */
  readonly modified: number;
  /** Pixels of the upright picture; null if its header does not say. */
  readonly width: number | null;
  readonly height: number | null;
}

/** How many images are kept, some 300 bytes each. */
const MOST_KEPT = 100_000;

/** How much of a file is read: nearly always the first is enough, the last is past most embedded thumbnails. */
const READ_BYTES = [4 * 1024, 64 * 1024, 512 * 1024] as const;

/** Reads and keeps what the headers of image files say. */
export class ImageHeaders {
  readonly #root: string;
  readonly #mostKept: number;
  readonly #kept = new Map<string, { readonly state: FileState; readonly facts: ImageFacts }>();

  /** @param root the images directory */
  constructor(root: string, mostKept: number = MOST_KEPT) {
    this.#root = root;
    this.#mostKept = mostKept;
  }

  /**
   * Returns the facts of an image if its file is still as it was read, else null. Costs one `stat`.
   *
   * @param url the image's name within the images directory
   */
  kept(url: string): ImageFacts | null {
    const kept = this.#kept.get(url);
    if (kept === undefined) return null;
    try {
      if (sameState(fileState(Deno.statSync(join(this.#root, url))), kept.state)) return kept.facts;
    } catch {
      // Gone, or no longer to be looked at.
    }
    this.#kept.delete(url);
    return null;
  }

  /** Reads the facts of an image; null if `/images` could not serve it now. */
  async read(url: string): Promise<ImageFacts | null> {
    let opened: Awaited<ReturnType<typeof openImage>>;
    try {
      opened = await openImage(this.#root, url);
    } catch {
      return null;
    }
    if (opened === null) return null;
    const { file, state } = opened;
    try {
      const info = await identified(file, state.size);
      const facts: ImageFacts = {
        type: info === null ? imageMediaType(url)! : `image/${info.type}`,
        bytes: state.size,
        modified: Math.floor(state.mtime / 1000),
        width: info?.width ?? null,
        height: info?.height ?? null,
      };
      this.#keep(url, state, facts);
      return facts;
    } catch {
      return null;
    } finally {
      file.close();
    }
  }

  #keep(url: string, state: FileState, facts: ImageFacts): void {
    this.#kept.delete(url);
    this.#kept.set(url, { state, facts });
    if (this.#kept.size <= this.#mostKept) return;
    const [oldest] = this.#kept.keys();
    this.#kept.delete(oldest);
  }
}

async function identified(file: Deno.FsFile, size: number): Promise<ReturnType<typeof identify>> {
  let bytes = new Uint8Array(0);
  for (const most of READ_BYTES) {
    const wanted = Math.min(most, size);
    const grown = new Uint8Array(wanted);
    grown.set(bytes);
    let length = bytes.length;
    while (length < wanted) {
      const read = await file.read(grown.subarray(length));
      if (read === null) break;
      length += read;
    }
    bytes = grown.subarray(0, length);
    const info = identify(bytes);
    if (info !== null || length >= size) return info;
  }
  return null;
}
