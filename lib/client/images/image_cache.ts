/**
 * `web_cash/`: images exactly as received, one whole file each, under its own name.
 */
import { join } from "@std/path";
import { cachePath } from "./cache_path.ts";
import { SymbolicLink } from "../language/file_error.ts";
import { PartialDownload } from "./partial_download.ts";
import { textHash } from "./sha256.ts";

/** The cache in one directory. */
export class ImageCache {
  /** @param folder the directory; created when the first image is kept */
  constructor(readonly folder: string) {}

  /**
   * Returns the path of the image `url` if it is kept, or null. Symbolic links are not followed.
   */
  find(url: string): string | null {
    const names = cachePath(url);
    try {
      this.#refuseLinks(names.slice(0, -1));
      const path = join(this.folder, ...names);
      return Deno.lstatSync(path).isFile ? path : null;
    } catch {
      return null;
    }
  }

  /** Returns the path of the image `url`, kept or not. */
  pathOf(url: string): string {
    return join(this.folder, ...cachePath(url));
  }

  /**
   * Returns a file for receiving the image `url` of the server `origin`. Nothing is created yet.
   */
  async incoming(origin: string, url: string): Promise<PartialDownload> {
    const id = (await textHash(`${origin}\n${url}`)).slice(0, 32);
    const check = () => this.#refuseLinks([PARTIAL_FOLDER]);
    return new PartialDownload(
      join(this.folder, PARTIAL_FOLDER),
      id,
      check,
      (from) => this.#keep(from, url),
    );
  }

  /** Moves a whole file to its place. */
  #keep(from: string, url: string): string {
    const names = cachePath(url);
    const parents = names.slice(0, -1);
    this.#refuseLinks(parents);
    Deno.mkdirSync(join(this.folder, ...parents), { recursive: true });
    const path = join(this.folder, ...names);
    Deno.renameSync(from, path);
    return path;
  }

  /**
   * Makes sure that nothing is written through a symbolic link below `web_cash/`.
   *
   * @throws {SymbolicLink}
   */
  #refuseLinks(parents: readonly string[]): void {
    let path = this.folder;
    for (const name of parents) {
      path = join(path, name);
      try {
        if (Deno.lstatSync(path).isSymlink) throw new SymbolicLink(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        return;
      }
    }
  }
}

/** No image has this place: `cachePath` encodes a leading dot. */
const PARTIAL_FOLDER = ".partial";
