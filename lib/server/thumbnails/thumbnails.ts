/** Images scaled down on request: from memory, from disk, or made by the pool. */
import { ifNoneMatch } from "@std/http/etag";
import type { Requester } from "../../accounts/mod.ts";
import { CachedBody } from "../../http/mod.ts";
import { Semaphore } from "../../semaphore.ts";
import { planScaling, type ScaledPicture } from "../../picture/mod.ts";
import type { Image } from "../images/image_store.ts";
import { SecondChanceCache } from "../images/second_chance_cache.ts";
import { ScalingPool, type ScalingResult } from "./scaling_pool.ts";
import { ScalingBusy, ScalingQueue, type ScalingQueueOptions } from "./scaling_queue.ts";
import { type ThumbnailCache, thumbnailKey } from "./thumbnail_cache.ts";

/** Bytes of scaled images kept in memory, in all. */
const MEMORY_BYTES = 32 * 1024 * 1024;

/** What an entry in memory is counted with beside its content, bytes. */
const ENTRY_BYTES = 2048;

/** Bytes of the names of images that are sent as they are, so that 16,000 are remembered. */
const UNSCALED_BYTES = 16_000;

/** A larger file is not scaled, bytes. */
const LARGEST_SCALED_FILE = 200 * 1024 * 1024;

/** What changed so recently may change again unseen, milliseconds; no result of it is kept. */
const UNSETTLED_MS = 2000;

/** Options of `Thumbnails`, each with its default. */
export interface ThumbnailsOptions {
  /** Where results are kept on disk (nowhere). */
  readonly cache?: ThumbnailCache | null;
  /** What scales (a pool of its own). */
  readonly pool?: Pick<ScalingPool, "scale" | "warm" | "size" | "close">;
  /** Limits of the queue in front of the pool. */
  readonly queue?: ScalingQueueOptions;
  /** Receives a sentence for the operator (dropped). */
  readonly log?: (sentence: string) => void;
  /** Receives errors that are not caused by an image (dropped). */
  readonly report?: (error: unknown) => void;
  /** The clock, milliseconds since 1970 (`Date.now`). */
  readonly now?: () => number;
}

/** Who asks for a scaled image. */
export interface ThumbnailRequest {
  /** The name of the image, for the log. */
  readonly name: string;
  /** The side of the box, pixels. */
  readonly box: number;
  /** The value of `If-None-Match`, or null. */
  readonly noneMatch: string | null;
  /** Returns whom the work is for; called only if there is work. */
  readonly requester: () => Requester;
}

/** A scaled image, or that the image is to be sent as it is. */
type Outcome = ScaledPicture | "as it is";

/** Scales images, and keeps the results. */
export class Thumbnails {
  readonly #cache: ThumbnailCache | null;
  readonly #pool: Pick<ScalingPool, "scale" | "warm" | "size" | "close">;
  readonly #queue: ScalingQueue<Outcome>;
  readonly #log: (sentence: string) => void;
  readonly #report: (error: unknown) => void;
  readonly #now: () => number;
  readonly #memory = new SecondChanceCache<Image>(MEMORY_BYTES);
  /** The keys of images that are sent as they are. */
  readonly #unscaled = new SecondChanceCache<"as it is">(UNSCALED_BYTES);
  /** Reads from disk in progress, shared by the requests for the same image. */
  readonly #reads = new Map<string, Promise<ScaledPicture | null>>();
  readonly #writes = new Set<Promise<void>>();
  /** Lets one suspect at a time be scaled; see `ThumbnailCache.isSuspect`. */
  readonly #suspects = new Semaphore(1);

  constructor(options: ThumbnailsOptions = {}) {
    this.#cache = options.cache ?? null;
    this.#pool = options.pool ?? new ScalingPool();
    this.#queue = new ScalingQueue({ concurrency: this.#pool.size, ...options.queue });
    this.#log = options.log ?? (() => {});
    this.#report = options.report ?? (() => {});
    this.#now = options.now ?? Date.now;
  }

  /**
   * Returns an image scaled down to fit, without a promise if the result is in memory; the image
   * itself if it fits already or cannot be scaled. Another that is only to be compared with the
   * entity tag in `noneMatch`, and found to be the same, is not made.
   *
   * @param image the image, which passed every check
   * @throws {ScalingBusy} if there is too much to do
   * @throws {RequesterGone} if the client is gone before the result is there
   * @throws {ImageUnavailable} if the file changes while it is read
   */
  find(image: Image, request: ThumbnailRequest): Image | Promise<Image> {
    const hash = image.etag.slice(1, -1);
    const key = thumbnailKey(hash, request.box);
    const kept = this.#memory.get(key);
    if (kept !== undefined) {
      // Two images may have the same content.
      const { lastModified } = image;
      return kept.lastModified === lastModified ? kept : { ...kept, lastModified };
    }
    if (this.#unscaled.get(key)) return image;
    const { noneMatch } = request;
    if (noneMatch !== null && noneMatch.trim() !== "*" && !ifNoneMatch(noneMatch, `"${key}"`)) {
      return scaledImage(key, image, { mediaType: "image/jpeg", bytes: new Uint8Array(0) });
    }
    if (this.#cache?.hasCrashed(hash)) return image;
    if (image.content !== null) {
      // Checking a header in memory does not need a turn.
      const plan = planScaling(image.content.bytes, request.box);
      if (plan === null || plan === "fits") {
        this.#unscaled.set(key, "as it is", 1);
        return image;
      }
    }
    return this.#find(key, image, request);
  }

  /** Starts a Worker, unless there is one, for the images that are about to be asked for. */
  warm(): void {
    this.#pool.warm();
  }

  /** Ends the Workers, and waits for what is being written. */
  async close(): Promise<void> {
    this.#pool.close();
    await Promise.all(this.#writes);
    await this.#cache?.close();
  }

  async #find(key: string, image: Image, request: ThumbnailRequest): Promise<Image> {
    const requester = request.requester();
    const isSettled = this.#now() - image.changed > UNSETTLED_MS;
    const kept = this.#cache && await this.#read(this.#cache, key);
    const outcome = kept ?? await this.#queue.run(
      key,
      requester,
      () => this.#make(key, image, request, isSettled),
    );
    if (outcome === "as it is") return image;
    const scaled = this.#memory.get(key) ?? scaledImage(key, image, outcome);
    if (isSettled) this.#memory.set(key, scaled, ENTRY_BYTES + scaled.size);
    return scaled;
  }

  #read(cache: ThumbnailCache, key: string): Promise<ScaledPicture | null> {
    let reading = this.#reads.get(key);
    if (reading === undefined) {
      reading = cache.read(key).finally(() => this.#reads.delete(key));
      this.#reads.set(key, reading);
    }
    return reading;
  }

  async #make(
    key: string,
    image: Image,
    { name, box }: ThumbnailRequest,
    isSettled: boolean,
  ): Promise<Outcome> {
    if (image.size > LARGEST_SCALED_FILE) return "as it is";
    const bytes = await contentOf(image);
    let result;
    try {
      const scale = () => this.#scale(key, name, bytes, box);
      const isSuspect = this.#cache?.isSuspect(image.etag.slice(1, -1));
      result = await (isSuspect ? this.#suspects.run(scale) : scale());
    } catch (error) {
      if (error instanceof ScalingBusy) throw error;
      this.#report(error);
      return "as it is";
    }
    if (result.kind === "scaled") {
      if (isSettled) this.#keep(key, result.picture);
      return result.picture;
    }
    if (result.kind === "given-up") {
      this.#log(`scaling "${name}" took too long and was given up; it is sent as it is`);
    }
    if (isSettled) this.#unscaled.set(key, "as it is", 1);
    return "as it is";
  }

  /** Scales an image, with a note on disk meanwhile. */
  async #scale(
    key: string,
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
    box: number,
  ): Promise<ScalingResult> {
    await this.#cache?.begin(key, name);
    try {
      return await this.#pool.scale(bytes, box);
    } finally {
      await this.#cache?.end(key);
    }
  }

  #keep(key: string, picture: ScaledPicture): void {
    if (this.#cache === null) return;
    const write = this.#cache.write(key, picture).finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }
}

/**
 * Reads the whole content of an image.
 *
 * @throws {ImageUnavailable} if its file changes during the read
 */
async function contentOf(image: Image): Promise<Uint8Array<ArrayBuffer>> {
  if (image.content !== null) return image.content.bytes.slice();
  const source = await image.open(0, image.size);
  try {
    const bytes = new Uint8Array(image.size);
    for (let length = 0;;) {
      const count = await source.read(bytes.subarray(length));
      if (count === null) return bytes;
      length += count;
    }
  } finally {
    source.close();
  }
}

function scaledImage(key: string, original: Image, { mediaType, bytes }: ScaledPicture): Image {
  const content = new CachedBody(bytes.length);
  content.bytes.set(bytes);
  return {
    mediaType,
    size: bytes.length,
    etag: `"${key}"`,
    lastModified: original.lastModified,
    changed: original.changed,
    content,
    open: () => Promise.reject(new Error("A scaled image is in memory")),
  };
}
