/** Reads the names in each folder of the images directory, sorts them and keeps them in memory. */
import { join, relative, SEPARATOR } from "@std/path";
import { isPast } from "../images/clock_tick.ts";
import { imageMediaType, isSafePath } from "../images/image_name.ts";
import { type CurrentFolder, isWithin } from "./current_folder.ts";
import { compareNames, type KeyedName, naturalKey } from "./natural_order.ts";

/** The names of the folders and images in a folder, each in natural order. */
export interface FolderNames {
  readonly folders: readonly string[];
  readonly images: readonly string[];
}

/** Total names kept in memory, about 40 bytes each if they are short. */
const MAX_NAMES = 2_000_000;

/** What a folder costs in addition to its names. */
const FOLDER_COST = 8;

/** A state of a directory. Adding, removing or renaming an entry changes its times. */
interface DirectoryState {
  readonly dev: number;
  readonly ino: number | null;
  readonly mtime: number;
  readonly ctime: number;
}

interface KeptFolder extends FolderNames {
  readonly state: DirectoryState;
  /** When the reading began, milliseconds since 1970. */
  readonly begun: number;
  /** Whether an unchanged state proves unchanged names. */
  readonly isSettled: boolean;
}

/** Options of `FolderIndex`, each with its default. */
export interface FolderIndexOptions {
  /** Names kept in memory (2,000,000). */
  readonly maxNames?: number;
  /** Receives the path of each folder, within the images directory, before it is touched. */
  readonly current?: Pick<CurrentFolder, "path">;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
}

/**
 * Reads folders and keeps their sorted names. Blocks its thread for the disk and, in a large
 * folder, for sorting: the server runs it in a Worker.
 *
 * Checks the directory's times before each use instead of watching for events of the file system.
 * One `stat` detects every change of names. Events may be lost when many come at once, do not exist
 * on network file systems, and need a watch for each folder, of which the system has few.
 */
export class FolderIndex {
  readonly #root: string;
  readonly #maxNames: number;
  readonly #now: () => number;
  readonly #current: Pick<CurrentFolder, "path">;
  #avoided: readonly string[] = [];
  /** By real path, least recently used first. */
  readonly #kept = new Map<string, KeptFolder>();
  #cost = 0;
  /** The images directory without links, as the last call of `names` found it. */
  #realRoot = "";

  /** @param root the images directory; may be created later */
  constructor(root: string, options: FolderIndexOptions = {}) {
    this.#root = root;
    this.#maxNames = options.maxNames ?? MAX_NAMES;
    this.#now = options.now ?? Date.now;
    this.#current = options.current ?? { path: "" };
  }

  /** Sets the folders, and links to folders, that must not be touched, because others hang there. */
  avoid(folders: readonly string[]): void {
    this.#avoided = folders;
  }

  /** Notes that files in a folder are touched next. */
  touch(folder: string): void {
    this.#current.path = folder;
  }

  /** Whether a folder, or a link to one, must not be touched. */
  isAvoided(folder: string): boolean {
    return this.#avoided.some((avoided) => isWithin(folder, avoided));
  }

  /**
   * Returns the names in a folder, or null if `/images` could serve nothing from it: it is not
   * there, not a directory, its name is not allowed, or a link in it leads out of the images
   * directory.
   *
   * @param folder path within the images directory with `/` between segments; empty for the
   * directory itself
   * @param asked when they were asked for, milliseconds since 1970 (now): names read after that are
   * new enough, so that many who wait for a folder that changes all the time share a reading
   */
  names(folder: string, asked: number = Infinity): FolderNames | null {
    const found = this.#find(folder);
    if (found === null) return null;
    const { path, state } = found;
    const kept = this.#kept.get(path);
    const isNew = kept !== undefined &&
      (asked < kept.begun || (kept.isSettled && isSame(kept.state, state)));
    if (isNew) {
      this.#kept.delete(path);
      this.#kept.set(path, kept);
      return kept;
    }
    return this.#read(folder, path, state);
  }

  /**
   * Returns how many images are directly in a folder if that is known and still true, else null.
   * Reads no directory.
   *
   * @param folder path of a folder within one whose names were just asked for
   */
  keptCount(folder: string): number | null {
    const path = pathIn(this.#realRoot, folder);
    const kept = this.#kept.get(path);
    if (kept === undefined || !kept.isSettled) return null;
    this.#current.path = folder;
    try {
      return isSame(kept.state, directoryState(path)) ? kept.images.length : null;
    } catch {
      return null;
    }
  }

  /** The path without links and the state of a folder, if it lies within the images directory. */
  #find(folder: string): { path: string; state: DirectoryState } | null {
    if (!isFolderName(folder)) return null;
    try {
      this.#current.path = "";
      this.#realRoot = Deno.realPathSync(this.#root);
      let path = this.#realRoot, way = "";
      // One after the other, so that it is known which one hangs.
      for (const segment of folder.split("/")) {
        way = joined(way, segment);
        this.#current.path = way;
        path = Deno.realPathSync(join(this.#realRoot, way));
      }
      const mayBe = isFolderName(pathWithin(this.#realRoot, path));
      return mayBe ? { path, state: directoryState(path) } : null;
    } catch {
      return null;
    }
  }

  #read(folder: string, path: string, state: DirectoryState): FolderNames | null {
    const folders: KeyedName[] = [];
    const images: KeyedName[] = [];
    const within = pathWithin(this.#realRoot, path);
    const begun = this.#now();
    let hasAvoided = false;
    try {
      for (const { name, isFile, isDirectory, isSymlink } of Deno.readDirSync(path)) {
        if (isSymlink) {
          const link = joined(folder, name);
          if (this.isAvoided(link)) {
            hasAvoided = true;
            continue;
          }
          this.#current.path = link;
        }
        const kind = isSymlink
          ? linkKind(this.#realRoot, join(path, name))
          : isDirectory
          ? "folder"
          : isFile
          ? "image"
          : undefined;
        if (kind === "folder" && isSafePath(joined(within, name))) {
          folders.push({ name, key: naturalKey(name) });
        } else if (kind === "image" && imageMediaType(joined(within, name)) !== null) {
          images.push({ name, key: naturalKey(name) });
        }
      }
    } catch {
      // The folder is gone or not readable.
      return null;
    }
    const read: KeptFolder = {
      folders: folders.sort(compareNames).map(({ name }) => name),
      images: images.sort(compareNames).map(({ name }) => name),
      state,
      begun,
      isSettled: !hasAvoided && isPast(state.mtime, this.#now()) &&
        isPast(state.ctime, this.#now()),
    };
    this.#current.path = folder;
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

/**
 * Returns the path in the file system of an allowed name within a directory. Such a name needs no
 * normalization, which takes longer than a `stat`.
 */
export function pathIn(directory: string, name: string): string {
  return `${directory}${SEPARATOR}${name.replaceAll("/", SEPARATOR)}`;
}

/** The path of a file or folder within a directory, with `/` between segments. */
function pathWithin(directory: string, path: string): string {
  return relative(directory, path).replaceAll(SEPARATOR, "/");
}

/** What a symbolic link leads to, if that may be served. */
function linkKind(root: string, link: string): "folder" | "image" | undefined {
  try {
    const path = Deno.realPathSync(link);
    const within = pathWithin(root, path);
    const { isFile, isDirectory } = Deno.lstatSync(path);
    if (isDirectory && isFolderName(within)) return "folder";
    if (isFile && imageMediaType(within) !== null) return "image";
  } catch {
    // It leads nowhere, or where this user may not look.
  }
  return undefined;
}

/** The state of a directory. @throws {Deno.errors.NotFound} or another error without one there */
function directoryState(path: string): DirectoryState {
  const { isDirectory, dev, ino, mtime, ctime } = Deno.statSync(path);
  if (!isDirectory) throw new Deno.errors.NotADirectory(path);
  return { dev, ino, mtime: mtime?.getTime() ?? 0, ctime: ctime?.getTime() ?? 0 };
}

function isSame(a: DirectoryState, b: DirectoryState): boolean {
  return a.mtime === b.mtime && a.ctime === b.ctime && a.ino === b.ino && a.dev === b.dev;
}
