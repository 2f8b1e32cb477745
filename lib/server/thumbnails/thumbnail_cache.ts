/**
 * Scaled images on disk: in `.thumbnails` of the data directory, one file for each, within a bound.
 * The names hold the hash of the image and the version of the scaler, so an entry is never out of
 * date.
 *
 * Notes about what is being scaled are kept there too: an image that ends the whole process, which
 * a Worker can do by overflowing its heap, has a note at the next start. So have those that were
 * scaled beside it. Each of them is suspected and tried once more, one at a time; what ends the
 * server again is not tried a third time.
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { type ScaledPicture, SCALER_VERSION } from "../../picture/mod.ts";

/** Default for the total bytes of thumbnails kept on disk. */
export const THUMBNAIL_CACHE_BYTES = 512 * 1024 * 1024;

/** What an entry is counted with at least, bytes: it takes a block of the file system. */
const LEAST_ENTRY_BYTES = 4096;

/** The largest entry that is read, bytes; the largest that is written is far smaller. */
export const LARGEST_ENTRY_BYTES = 64 * 1024 * 1024;

/** How long an image that ended the server is suspected or not scaled, milliseconds: a day. */
const NOTE_LIFETIME_MS = 24 * 3600 * 1000;

/** How old the time of the last use of an entry may be on disk, milliseconds. */
const TOUCH_INTERVAL_MS = 3600 * 1000;

/** Entries that are looked at together when the directory is measured. */
const MEASURED_AT_ONCE = 32;

/** The form of entries, which their digest covers: a new form needs a new name. */
const FORMAT = "SPTHUMB2";
const MEDIA_TYPES = ["image/jpeg", "image/png"] as const;

/** An entry is the number of its media type, the content and a digest. */
const TYPE_BYTES = 1, DIGEST_BYTES = 32;

const FOLDER = ".thumbnails", LOCK = "lock", TEMPORARY = "tmp-", NOTE = "note-";

/** What a note holds: which attempt it is of, and the name of the image. */
const NOTE_TEXT = /^([12]) (.*)$/s;

/** The names of entries: whatever their version, and of this one. */
const ENTRY = /^[0-9a-f]{64}-\d+-v\d+$/;
const CURRENT_ENTRY = new RegExp(`^[0-9a-f]{64}-\\d+-v${SCALER_VERSION}$`);

/** Codes of errors that say that the disk is full, or the user's share of it. */
const DISK_FULL: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/**
 * Returns the name under which a scaled image is kept.
 *
 * @param hash the SHA-256 of the image in hexadecimal
 * @param box the side of the box, pixels
 */
export function thumbnailKey(hash: string, box: number): string {
  return `${hash}-${box}-v${SCALER_VERSION}`;
}

/** The file operations that a test may replace. */
export interface CacheFileSystem {
  /** Writes a new file, mode 0600. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}

const REAL_FILES: CacheFileSystem = {
  write: (path, bytes) => Deno.writeFile(path, bytes, { mode: 0o600 }),
};

/** Options of `ThumbnailCache.open`, each with its default. */
export interface ThumbnailCacheOptions {
  /** The most bytes that are kept (512 MB). */
  readonly maxBytes?: number;
  /** Receives a sentence for the operator (dropped). */
  readonly log?: (sentence: string) => void;
  readonly files?: CacheFileSystem;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
}

/** An entry, as far as its eviction needs. */
interface Entry {
  readonly bytes: number;
  /** When its time of use was last written, milliseconds since 1970. */
  touched: number;
}

/** Scaled images on disk. */
export class ThumbnailCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #log: (sentence: string) => void;
  readonly #files: CacheFileSystem;
  readonly #now: () => number;
  readonly #lock: Deno.FsFile;
  /** The entries, the least recently used first. */
  #entries = new Map<string, Entry>();
  #bytes = 0;
  readonly #notes = new Set<string>();
  /** The hashes of images that ended a server when they were scaled again. */
  readonly #crashed = new Set<string>();
  /** The hashes of images that were being scaled when a server ended, with their notes. */
  readonly #suspects = new Map<string, string[]>();
  #isFailing = false;
  #measured: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(folder: string, lock: Deno.FsFile, options: ThumbnailCacheOptions) {
    this.#folder = folder;
    this.#lock = lock;
    this.#maxBytes = options.maxBytes ?? THUMBNAIL_CACHE_BYTES;
    this.#log = options.log ?? (() => {});
    this.#files = options.files ?? REAL_FILES;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Opens the cache of a data directory: removes what an earlier server left half done, and reads
   * its notes. Entries are usable at once; how much there is of them is measured in the background.
   *
   * @returns null, after a word to the log, if it cannot be used or another server uses it
   */
  static async open(
    dataDirectory: string,
    options: ThumbnailCacheOptions = {},
  ): Promise<ThumbnailCache | null> {
    const folder = join(dataDirectory, FOLDER);
    const log = options.log ?? (() => {});
    let lock: Deno.FsFile | undefined;
    try {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      if (!(await Deno.lstat(folder)).isDirectory) throw new Error("it is not a directory");
      if (Deno.build.os !== "windows") await Deno.chmod(folder, 0o700);
      const path = join(folder, LOCK);
      lock = await Deno.open(path, { write: true, create: true, mode: 0o600 });
      if (!await tryLock(lock)) throw new Error("another server uses it");
      const cache = new ThumbnailCache(folder, lock, options);
      await cache.#start();
      return cache;
    } catch (error) {
      lock?.close();
      log(`scaled images are not kept in ${folder}: ${reasonOf(error)}`);
      return null;
    }
  }

  /** Bytes of the entries, as far as they were measured. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Resolves once the entries that were there at the start are measured, and the oldest are gone.
   */
  get measured(): Promise<void> {
    return this.#measured;
  }

  /** Whether an image ended earlier servers twice, so that it should not be tried again. */
  hasCrashed(hash: string): boolean {
    return this.#crashed.has(hash);
  }

  /**
   * Whether an image was being scaled when an earlier server ended, so that it should not be scaled
   * at the same time as another suspect: if the server ends again, it is known which one did it.
   */
  isSuspect(hash: string): boolean {
    return this.#suspects.has(hash);
  }

  /** Returns the entry of that name if it is there and whole; a damaged one is removed. */
  async read(key: string): Promise<ScaledPicture | null> {
    const bytes = await readEntry(this.#path(key));
    if (bytes === null) return null;
    const picture = decodeEntry(key, bytes);
    if (picture === null) await this.#remove(key);
    else this.#use(key, bytes.length);
    return picture;
  }

  /** Keeps an entry, whole or not at all, and removes the least recently used beyond the bound. */
  async write(key: string, picture: ScaledPicture): Promise<void> {
    const bytes = encodeEntry(key, picture);
    if (countedBytes(bytes.length) > this.#maxBytes || this.#isClosed) return;
    try {
      await this.#writeFile(key, bytes).catch(async (error) => {
        if (!DISK_FULL.includes(error.code)) throw error;
        await this.#evictBytes(bytes.length);
        await this.#writeFile(key, bytes);
      });
      this.#use(key, bytes.length);
      this.#isFailing = false;
    } catch (error) {
      this.#reportFailure(error);
    }
    await this.#evict();
  }

  async #writeFile(key: string, bytes: Uint8Array): Promise<void> {
    const temporary = this.#path(TEMPORARY + crypto.randomUUID());
    try {
      await this.#files.write(temporary, bytes);
      await Deno.rename(temporary, this.#path(key));
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  }

  /**
   * Notes that an image is about to be scaled.
   *
   * @param name the name of the image, for the log
   */
  async begin(key: string, name: string): Promise<void> {
    this.#notes.add(key);
    const attempt = this.isSuspect(hashOf(key)) ? 2 : 1;
    try {
      await Deno.writeTextFile(this.#path(NOTE + key), `${attempt} ${name}`, { mode: 0o600 });
    } catch (error) {
      this.#reportFailure(error);
    }
  }

  /** Removes the note about an image that was scaled, which is no longer suspected. */
  async end(key: string): Promise<void> {
    if (!this.#notes.delete(key)) return;
    const earlier = this.#suspects.get(hashOf(key)) ?? [];
    this.#suspects.delete(hashOf(key));
    for (const note of new Set([NOTE + key, ...earlier])) {
      await Deno.remove(this.#path(note)).catch(() => {});
    }
  }

  /** Removes the notes, since the server ends by itself, and gives the directory free. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#measured;
    await Promise.all([...this.#notes].map((key) => this.end(key)));
    this.#lock.close();
  }

  async #start(): Promise<void> {
    const entries: string[] = [];
    for await (const { name } of Deno.readDir(this.#folder)) {
      if (name.startsWith(NOTE)) await this.#readNote(name);
      else if (name.startsWith(TEMPORARY)) await this.#remove(name);
      else if (CURRENT_ENTRY.test(name)) entries.push(name);
      else if (ENTRY.test(name)) await this.#remove(name);
    }
    this.#measured = this.#measure(entries);
  }

  async #readNote(note: string): Promise<void> {
    const key = note.slice(NOTE.length);
    const path = this.#path(note);
    const written = (await Deno.stat(path)).mtime?.getTime() ?? 0;
    const isOld = Math.abs(this.#now() - written) > NOTE_LIFETIME_MS;
    if (isOld || !CURRENT_ENTRY.test(key)) return await this.#remove(note);
    const [, attempt, name] = NOTE_TEXT.exec(await Deno.readTextFile(path)) ?? [];
    const hash = hashOf(key);
    if (attempt === undefined) return await this.#remove(note);
    if (attempt === "1") {
      this.#suspects.set(hash, [...this.#suspects.get(hash) ?? [], note]);
      this.#log(`the server ended while it scaled "${name}", which is tried once more`);
    } else {
      this.#crashed.add(hash);
      this.#log(
        `the server ended again while it scaled "${name}", which is sent as it is for a day`,
      );
    }
  }

  /** Learns the sizes and times of the entries that were there at the start. */
  async #measure(keys: readonly string[]): Promise<void> {
    const found: [string, Entry][] = [];
    const left = keys.values();
    await Promise.all(Array.from({ length: MEASURED_AT_ONCE }, async () => {
      for (const key of left) {
        if (this.#isClosed) return;
        const info = await Deno.lstat(this.#path(key)).catch(() => null);
        if (info === null) continue;
        const touched = info.mtime?.getTime() ?? 0;
        found.push([key, { bytes: countedBytes(info.size), touched }]);
      }
    }));
    // Entries used in the meantime are newer than all of these.
    const newer = this.#entries;
    const older = found.filter(([key]) => !newer.has(key))
      .sort(([, a], [, b]) => a.touched - b.touched);
    this.#entries = new Map([...older, ...newer]);
    this.#bytes += older.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    await this.#evict();
  }

  /** Notes that an entry was used just now. */
  #use(key: string, length: number): void {
    const old = this.#entries.get(key);
    const now = this.#now();
    const entry: Entry = { bytes: countedBytes(length), touched: old?.touched ?? now };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes - (old?.bytes ?? 0);
    if (Math.abs(now - entry.touched) < TOUCH_INTERVAL_MS) return;
    entry.touched = now;
    Deno.utime(this.#path(key), new Date(now), new Date(now)).catch(() => {});
  }

  async #evict(): Promise<void> {
    for (const key of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      await this.#remove(key);
    }
  }

  /** Removes the least recently used, at least so many bytes if there are as many. */
  async #evictBytes(bytes: number): Promise<void> {
    await this.#measured;
    const aim = this.#bytes - bytes;
    for (const key of this.#entries.keys()) {
      await this.#remove(key);
      if (this.#bytes <= aim) return;
    }
  }

  async #remove(name: string): Promise<void> {
    this.#bytes -= this.#entries.get(name)?.bytes ?? 0;
    this.#entries.delete(name);
    await Deno.remove(this.#path(name)).catch(() => {});
  }

  #reportFailure(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#log(`scaled images cannot be kept in ${this.#folder}: ${reasonOf(error)}`);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

/** The hash of the image that a key is of. */
function hashOf(key: string): string {
  return key.slice(0, key.indexOf("-"));
}

/**
 * Tries to take the lock of a file. Without `tryLock` (before Deno 2.9) the file counts as free.
 */
async function tryLock(file: Deno.FsFile): Promise<boolean> {
  return typeof file.tryLock !== "function" || await file.tryLock(true);
}

/**
 * Reads the file of an entry. Null if it is not there, cannot be read now, is far too large, or is
 * no file: whoever opens a FIFO waits for a writer.
 */
async function readEntry(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const { isFile, size } = await Deno.lstat(path);
    return isFile && size <= LARGEST_ENTRY_BYTES ? await Deno.readFile(path) : null;
  } catch {
    return null;
  }
}

function countedBytes(length: number): number {
  return Math.max(LEAST_ENTRY_BYTES, length);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function digestOf(key: string, bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(FORMAT).update(key).update(bytes).digest();
}

function encodeEntry(key: string, { mediaType, bytes }: ScaledPicture): Uint8Array<ArrayBuffer> {
  const end = TYPE_BYTES + bytes.length;
  const entry = new Uint8Array(end + DIGEST_BYTES);
  entry[0] = MEDIA_TYPES.indexOf(mediaType);
  entry.set(bytes, TYPE_BYTES);
  entry.set(digestOf(key, entry.subarray(0, end)), end);
  return entry;
}

/** Returns null if the entry is not whole, or not what was kept under this name. */
function decodeEntry(key: string, entry: Uint8Array<ArrayBuffer>): ScaledPicture | null {
  const end = Math.max(0, entry.length - DIGEST_BYTES);
  const digest = digestOf(key, entry.subarray(0, end));
  if (!digest.every((byte, i) => byte === entry[end + i])) return null;
  return { mediaType: MEDIA_TYPES[entry[0]], bytes: entry.subarray(TYPE_BYTES, end) };
}
