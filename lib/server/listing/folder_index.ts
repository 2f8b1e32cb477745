/** Reads the names in each folder of the images directory, sorts them and keeps them in memory. */
import { join, relative, SEPARATOR } from "@std/path";
import { Semaphore } from "../../semaphore.ts";
import { imageMediaType, isSafePath } from "../images/image_name.ts";
import { compareNames, type KeyedName, naturalKey } from "./natural_order.ts";
import { Slices, sortInSlices } from "./slices.ts";

/** The names of the folders and images in a folder, each in natural order. */
export interface FolderNames {
  readonly folders: readonly string[];
  readonly images: readonly string[];
}

/** Total names kept in memory, about 100 bytes each. */
const MAX_NAMES = 400_000;

/** What a folder costs in addition to its names. */
const FOLDER_COST = 8;

/** Folders read concurrently; others wait. */
const CONCURRENT_READS = 2;

/**
 * A directory that changed this recently may change again without a new time stamp, milliseconds:
 * file system clocks tick at least every 10 ms, or every 2 s if the file system stores whole
 * seconds.
 */
const CLOCK_TICK = 20, COARSE_CLOCK_TICK = 2000;

/** A state of a directory. Adding, removing or renaming an entry changes its times. */
interface DirectoryState {
  readonly dev: number;
  readonly ino: number | null;
  readonly mtime: number;
  readonly ctime: number;
}

interface KeptFolder extends FolderNames {
  readonly state: DirectoryState;
  /** Whether an unchanged state proves unchanged names. */
  readonly isSettled: boolean;
}

/** Options of `FolderIndex`, each with its default. */
export interface FolderIndexOptions {
  /** Names kept in memory (400,000). */
  readonly maxNames?: number;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
}

/**
 * Reads folders and keeps their sorted names. Checks the directory's times before each use: this
 * costs one `stat` and detects every change of names, also on network file systems, which send no
 * events.
 */
export class FolderIndex {
  readonly #root: string;
  readonly #maxNames: number;
  readonly #now: () => number;
  /** By real path, least recently used first. */
  readonly #kept = new Map<string, KeptFolder>();
  #cost = 0;
  readonly #reading = new Map<string, Promise<KeptFolder | null>>();
  readonly #semaphore = new Semaphore(CONCURRENT_READS);

  /** @param root the images directory; may be created later */
  constructor(root: string, options: FolderIndexOptions = {}) {
    this.#root = root;
    this.#maxNames = options.maxNames ?? MAX_NAMES;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Returns the names in a folder, or null if `/images` could serve nothing from it: it is not
   * there, not a directory, its name is not allowed, or a link in it leads out of the images
   * directory.
   *
   * @param folder path within the images directory with `/` between segments; empty for the
   * directory itself
   */
  async names(folder: string): Promise<FolderNames | null> {
    const path = await this.#realPath(folder);
    if (path === null) return null;
    const state = await directoryState(path);
    if (state === null) return null;
    const kept = this.#kept.get(path);
    if (kept !== undefined && kept.isSettled && isSame(kept.state, state)) {
      this.#kept.delete(path);
      this.#kept.set(path, kept);
      return kept;
    }
    let reading = this.#reading.get(path);
    if (reading === undefined) {
      reading = this.#semaphore.run(() => this.#read(path))
        .finally(() => this.#reading.delete(path));
      this.#reading.set(path, reading);
    }
    return await reading;
  }

  /**
   * Returns how many images are directly in a folder if that is known and still true, else null.
   * Reads no directory.
   */
  keptCount(folder: string): number | null {
    const path = join(this.#root, folder);
    const kept = this.#kept.get(path);
    if (kept === undefined || !kept.isSettled) return null;
    try {
      return isSame(kept.state, stateOf(Deno.statSync(path))) ? kept.images.length : null;
    } catch {
      return null;
    }
  }

  /** The folder without links, if it lies within the images directory and is allowed. */
  async #realPath(folder: string): Promise<string | null> {
    if (!isFolderName(folder)) return null;
    try {
      const root = await Deno.realPath(this.#root);
      const path = await Deno.realPath(join(root, folder));
      const within = relative(root, path).replaceAll(SEPARATOR, "/");
      return isFolderName(within) ? path : null;
    } catch {
      return null;
    }
  }

  async #read(path: string): Promise<KeptFolder | null> {
    const before = await directoryState(path);
    if (before === null) return null;
    const root = await Deno.realPath(this.#root);
    const slices = new Slices();
    const folders: KeyedName[] = [];
    const images: KeyedName[] = [];
    const within = relative(root, path).replaceAll(SEPARATOR, "/");
    try {
      for await (const entry of Deno.readDir(path)) {
        const { name } = entry;
        const kind = entry.isSymlink
          ? await linkKind(root, join(path, name))
          : entry.isDirectory
          ? "folder"
          : entry.isFile
          ? "image"
          : null;
        if (kind === "folder" && isSafePath(joined(within, name))) {
          folders.push({ name, key: naturalKey(name) });
        } else if (kind === "image" && imageMediaType(joined(within, name)) !== null) {
          images.push({ name, key: naturalKey(name) });
        }
        if (slices.step()) await slices.rest();
      }
    } catch {
      // The folder is gone or not readable.
      return null;
    }
    const read: KeptFolder = {
      folders: (await sortInSlices(folders, compareNames)).map(({ name }) => name),
      images: (await sortInSlices(images, compareNames)).map(({ name }) => name),
      state: before,
      isSettled: isPast(before.mtime, this.#now()) && isPast(before.ctime, this.#now()),
    };
    this.#keep(path, read);
    return read;
  }

  #keep(path: string, folder: KeptFolder): void {
    this.#forget(path);
    const cost = costOf(folder);
    // A folder that is larger than all that may be kept is read for each request.
    if (cost > this.#maxNames) return;
    this.#kept.set(path, folder);
    this.#cost += cost;
    for (const oldest of this.#kept.keys()) {
      if (this.#cost <= this.#maxNames) break;
      this.#forget(oldest);
    }
  }

  #forget(path: string): void {
    const kept = this.#kept.get(path);
    if (kept === undefined) return;
    this.#kept.delete(path);
    this.#cost -= costOf(kept);
  }
}

function costOf({ folders, images }: FolderNames): number {
  return folders.length + images.length + FOLDER_COST;
}

/** Whether a folder within the images directory may have this path. */
export function isFolderName(folder: string): boolean {
  return folder === "" || isSafePath(folder);
}

/** The path of an entry of a folder. */
export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** What a symbolic link leads to, if that may be served. */
async function linkKind(root: string, link: string): Promise<"folder" | "image" | null> {
  try {
    const path = await Deno.realPath(link);
    const within = relative(root, path).replaceAll(SEPARATOR, "/");
    const { isFile, isDirectory } = await Deno.lstat(path);
    if (isDirectory && isFolderName(within)) return "folder";
    return isFile && imageMediaType(within) !== null ? "image" : null;
  } catch {
    return null;
  }
}

async function directoryState(path: string): Promise<DirectoryState | null> {
  try {
    const info = await Deno.stat(path);
    return info.isDirectory ? stateOf(info) : null;
  } catch {
    return null;
  }
}

function stateOf({ dev, ino, mtime, ctime }: Deno.FileInfo): DirectoryState {
  return { dev, ino, mtime: mtime?.getTime() ?? 0, ctime: ctime?.getTime() ?? 0 };
}

function isSame(a: DirectoryState, b: DirectoryState): boolean {
  return a.mtime === b.mtime && a.ctime === b.ctime && a.ino === b.ino && a.dev === b.dev;
}

/**
 * Whether a change made `now` would show another time than this one. Both milliseconds since 1970.
 */
function isPast(time: number, now: number): boolean {
  return Math.abs(now - time) > (time % 1000 === 0 ? COARSE_CLOCK_TICK : CLOCK_TICK);
}
