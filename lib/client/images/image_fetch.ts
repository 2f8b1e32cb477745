/**
 * Getting an image: from the cache where that is current, else from the server, streamed into the
 * cache.
 */
import type { IncomingResponse } from "../../http/client.ts";
import { byteSize } from "../../text/byte_size.ts";
import { Failure } from "../failure.ts";
import { contentTag, type ImageCache, type IncomingImage } from "./image_cache.ts";
import type { PhotoServer } from "../remote/photo_server.ts";
import { strip } from "../../text/printable.ts";
import { transportFailure } from "../remote/transport_failure.ts";

/** The largest image that is received, bytes. */
const IMAGE_LIMIT = 1 << 30;

/** Buffer of a download, bytes: what an image of any size costs in memory. */
const CHUNK = 256 * 1024;

/** An image at hand. */
export interface FetchedImage {
  readonly path: string;
  readonly source: "cache" | "server";
  /** Size in bytes. */
  readonly size: number;
}

/** How a fetch is to be done. */
export interface FetchOptions {
  /** The server's origin: what was begun from another server is not resumed. */
  readonly origin: string;
  /** Whether a cached image is checked against the server's entity tag. */
  readonly revalidate: boolean;
  /** Told how far it is: bytes so far, bytes in all or null, bytes that were there before. */
  readonly progress?: (received: number, total: number | null, resumed: number) => void;
  /** See `IMAGE_LIMIT`. */
  readonly limit?: number;
}

/**
 * Gets the image `url`. A connection that breaks on the way is replaced, and the download goes on
 * where it stopped; `ATTEMPTS` in all.
 * @throws Failure; the cache then has the image it had or none, never a part
 */
export async function fetchImage(
  server: PhotoServer,
  cache: ImageCache,
  url: string,
  options: FetchOptions,
): Promise<FetchedImage> {
  const cached = cache.find(url);
  if (cached !== null && !options.revalidate) return found(cached, "cache");
  const cachedTag = cached === null ? null : await inFiles(cached, () => contentTag(cached));

  const image = cache.incoming(options.origin, url);
  image.resume();
  for (let attempt = 1;; attempt++) {
    try {
      const response = await server.image(url, conditions(cachedTag, image));
      if (response.status === 304 && cached !== null) {
        image.discard();
        return found(cached, "cache");
      }
      const path = await receive(response, image, cache.pathOf(url), options);
      if (path !== null) return found(path, "server");
      // What was begun does not fit what the server has now.
      server.disconnect();
      image.discard();
      if (attempt >= ATTEMPTS) throw new Failure("INCOMPLETE", (m) => m.downloadIncomplete);
    } catch (error) {
      server.disconnect();
      const failure = error instanceof Failure ? error : transportFailure(error);
      const broken = failure.token === "CONNECTION_LOST";
      if (broken && image.length > 0 && attempt < ATTEMPTS) continue;
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

/** How often a download is tried before the user is asked to. */
const ATTEMPTS = 2;

/**
 * The condition that spares sending what the cache has (RFC 9110 §13.1.2), and the range that
 * spares sending what an earlier attempt received (§14.2), for the very same image only (§13.1.5).
 */
function conditions(cachedTag: string | null, image: IncomingImage): [string, string][] {
  const fields: [string, string][] = [];
  if (cachedTag !== null) fields.push(["If-None-Match", cachedTag]);
  if (image.tag !== null && image.length > 0) {
    fields.push(["Range", `bytes=${image.length}-`], ["If-Range", image.tag]);
  }
  return fields;
}

/**
 * Streams the content into the file.
 * @param where the path to name in a sentence
 * @returns the path of the whole image, or null where the parts do not fit together
 */
async function receive(
  response: IncomingResponse,
  image: IncomingImage,
  where: string,
  { progress, limit = IMAGE_LIMIT }: FetchOptions,
): Promise<string | null> {
  const tag = response.fields.get("etag");
  const whole = response.status === 206 ? lengthToReach(response, image) : null;
  if (response.status === 200) await inFiles(where, () => image.restart(tag));
  else if (whole === null) return null;

  const resumed = image.length;
  const total = response.length === null ? null : resumed + response.length;
  const tooLarge = () => new Failure("ANSWER_TOO_LARGE", (m) => m.answerTooLarge(byteSize(limit)));
  if (total !== null && total > limit) throw tooLarge();
  const chunk = new Uint8Array(CHUNK);
  for (let count: number | null; (count = await response.read(chunk)) !== null;) {
    const bytes = chunk.subarray(0, count);
    if (image.length + bytes.length > limit) throw tooLarge();
    await inFiles(where, () => image.write(bytes));
    progress?.(image.length, total, resumed);
  }
  if (whole !== null && image.length !== whole) return null;
  // Two parts are one image if their hash is the tag. A tag that is no hash proves nothing.
  const provable = response.status === 206 && /^"[0-9a-f]{64}"$/.test(image.tag ?? "");
  if (provable && await inFiles(where, () => image.contentTag()) !== image.tag) return null;
  return await inFiles(where, () => image.complete());
}

/**
 * How long the image is, by a 206 that goes on exactly where the file ends (RFC 9110 §14.4), with the
 * same image, and to its end. Null for every other 206: what it carries would leave a hole, or half
 * an image. One of unknown length (`*`) could not be told whole.
 */
function lengthToReach({ fields }: IncomingResponse, image: IncomingImage): number | null {
  const range = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15})$/i
    .exec(fields.get("content-range") ?? "");
  // Without a tag no range was asked for.
  if (range === null || image.tag === null) return null;
  const [start, last, length] = range.slice(1).map(Number);
  const tag = fields.get("etag");
  const same = tag === null || tag === image.tag;
  return same && start === image.length && last + 1 === length ? length : null;
}

/** Does something with files; what they throw becomes a sentence. */
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
  return { path, source, size: Deno.statSync(path).size };
}
