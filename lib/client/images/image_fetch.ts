/**
 * Gets an image from the cache if it is current, else from the server, streamed into the cache.
 */
import type { IncomingResponse } from "../../http/mod.ts";
import { byteSize } from "../../text/byte_size.ts";
import { Failure } from "../failure.ts";
import type { ImageCache } from "./image_cache.ts";
import { type PartialDownload, readTagged } from "./partial_download.ts";
import type { PhotoServer } from "../remote/photo_server.ts";
import { strip } from "../../text/printable.ts";
import { transportFailure } from "../remote/transport_failure.ts";

/** Largest image that is received, bytes. */
const IMAGE_LIMIT = 1 << 30;

/** Buffer of a download, bytes: the memory that an image of any size takes. */
const CHUNK = 256 * 1024;

/** An image in the cache. */
export interface FetchedImage {
  readonly path: string;
  readonly source: "cache" | "server";
  /** Size in bytes. */
  readonly size: number;
  /** The content, if it was read on the way. */
  readonly content: Uint8Array<ArrayBuffer> | null;
}

/** How to fetch an image. */
export interface FetchOptions {
  /** The origin of the server: a download from another server is not resumed. */
  readonly origin: string;
  /** Whether the server is asked if a cached image is current. */
  readonly revalidate: boolean;
  /** Receives the progress: bytes so far, bytes in all or null, bytes received earlier. */
  readonly progress?: (received: number, total: number | null, resumed: number) => void;
  /** See `IMAGE_LIMIT`. */
  readonly limit?: number;
}

/**
 * Gets the image `url`. If the connection breaks, it is replaced and the download resumed, up to
 * `ATTEMPTS` in all.
 *
 * @throws {Failure} and leaves the cache as it was
 */
export async function fetchImage(
  server: PhotoServer,
  cache: ImageCache,
  url: string,
  options: FetchOptions,
): Promise<FetchedImage> {
  const cached = cache.find(url);
  if (cached !== null && !options.revalidate) return found(cached, "cache");
  const kept = cached === null ? null : await inFiles(cached, () => readTagged(cached));

  const image = await cache.incoming(options.origin, url);
  image.resume();
  for (let attempt = 1;; attempt++) {
    let response: IncomingResponse | null = null;
    try {
      response = await server.image(url, conditions(kept?.tag ?? null, image));
      if (response.status === 304 && cached !== null) {
        image.discard();
        return { ...found(cached, "cache"), content: kept?.content ?? null };
      }
      const path = await receive(response, image, cache.pathOf(url), options);
      if (path !== null) return found(path, "server");
      // The beginning does not belong to the image that the server has now.
      server.disconnect();
      image.discard();
      if (attempt >= ATTEMPTS) throw new Failure("INCOMPLETE", (m) => m.downloadIncomplete);
    } catch (error) {
      // The rest of the content is still to come.
      if (response !== null) server.disconnect();
      const failure = error instanceof Failure ? error : transportFailure(error);
      const broken = failure.token === "CONNECTION_LOST";
      if (broken && attempt < ATTEMPTS) continue;
      const received = image.length;
      const resumable = image.tag !== null && received > 0;
      if (failure.token === "ANSWER_TOO_LARGE" || failure.token === "CACHE_UNUSABLE") {
        image.discard();
      } else image.suspend();
      if (!broken || !resumable) throw failure;
      throw new Failure("CONNECTION_LOST", (m) => m.downloadStopped(byteSize(received)));
    }
  }
}

/** Attempts to download an image. */
const ATTEMPTS = 2;

/**
 * Returns the condition that avoids sending what the cache has (RFC 9110 §13.1.2), and the range
 * that avoids sending what an earlier attempt received (§14.2) of the same image (§13.1.5).
 */
function conditions(cachedTag: string | null, image: PartialDownload): [string, string][] {
  const fields: [string, string][] = [];
  if (cachedTag !== null) fields.push(["If-None-Match", cachedTag]);
  if (image.tag !== null && image.length > 0) {
    fields.push(["Range", `bytes=${image.length}-`], ["If-Range", image.tag]);
  }
  return fields;
}

/**
 * Streams the content into the file.
 *
 * @param where the path that a failure names
 * @returns the path of the whole image, or null if the parts do not fit together
 */
async function receive(
  response: IncomingResponse,
  image: PartialDownload,
  where: string,
  { progress, limit = IMAGE_LIMIT }: FetchOptions,
): Promise<string | null> {
  const tag = response.fields.get("etag");
  const whole = response.status === 206 ? lengthToReach(response, image) : null;
  if (response.status === 200) await inFiles(where, () => image.restart(tag));
  else if (whole === null) return null;

  const resumed = image.length;
  const total = response.length === null ? null : resumed + response.length;
  const tooLarge = () =>
    new Failure("ANSWER_TOO_LARGE", (m) => m.responseTooLarge(byteSize(limit)));
  if (total !== null && total > limit) throw tooLarge();
  const chunk = new Uint8Array(CHUNK);
  for (let count: number | null; (count = await response.read(chunk)) !== null;) {
    const bytes = chunk.subarray(0, count);
    if (image.length + bytes.length > limit) throw tooLarge();
    await inFiles(where, () => image.write(bytes));
    progress?.(image.length, total, resumed);
  }
  if (whole !== null && image.length !== whole) return null;
  // The hash proves that two parts make the image, if the tag is a hash.
  const provable = response.status === 206 && /^"[0-9a-f]{64}"$/.test(image.tag ?? "");
  if (provable && await inFiles(where, () => image.contentTag()) !== image.tag) return null;
  return await inFiles(where, () => image.complete());
}

/**
 * Returns the length of the image if a 206 continues it exactly where the file ends, up to its end
 * (RFC 9110 §14.4). Returns null for any other 206, which would leave a hole or half an image; one
 * of unknown length (`*`) cannot be known to be whole.
 */
function lengthToReach({ fields }: IncomingResponse, image: PartialDownload): number | null {
  const range = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15})$/i
    .exec(fields.get("content-range") ?? "");
  // Without a tag, no range was requested.
  if (range === null || image.tag === null) return null;
  const [start, last, length] = range.slice(1).map(Number);
  const tag = fields.get("etag");
  const same = tag === null || tag === image.tag;
  return same && start === image.length && last + 1 === length ? length : null;
}

/** Works with files. @throws {Failure} for what the file system throws */
async function inFiles<T>(path: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Failure) throw error;
    const shown = strip(path);
    throw new Failure("CACHE_UNUSABLE", (m) => m.cacheUnusable(shown, m.fileError(error)));
  }
}

function found(path: string, source: FetchedImage["source"]): FetchedImage {
  return { path, source, size: Deno.statSync(path).size, content: null };
}
