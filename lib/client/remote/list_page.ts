/**
 * The content of `GET /list`: one page of a folder.
 */

/** A folder in a list. */
export interface ListedFolder {
  readonly name: string;
  /** Images directly in it; null if not known yet. */
  readonly images: number | null;
}

/** An image in a list. */
export interface ListedImage {
  /** The name to fetch it by, with its folders. */
  readonly url: string;
  /** The media type. */
  readonly type: string;
  readonly bytes: number;
  /** The last change, Unix seconds; null if the server does not say. */
  readonly modified: number | null;
  /** Upright size in pixels; null if not known yet. */
  readonly width: number | null;
  readonly height: number | null;
}

/** One page: folders first. */
export interface ListPage {
  readonly folder: string;
  readonly folders: readonly ListedFolder[];
  readonly images: readonly ListedImage[];
  /** What the request for the next page passes as `after`; null for the last page. */
  readonly next: string | null;
}

/** Reads a page; returns null if it is malformed. */
export function readListPage(text: string): ListPage | null {
  const json = parseJson(text);
  if (json === null || !Array.isArray(json.folders) || !Array.isArray(json.images)) return null;
  const folders: ListedFolder[] = [];
  for (const folder of json.folders) {
    if (!isObject(folder) || typeof folder.name !== "string") return null;
    folders.push({ name: folder.name, images: numberOf(folder.images) });
  }
  const images: ListedImage[] = [];
  for (const image of json.images) {
    if (!isObject(image) || typeof image.url !== "string") return null;
    images.push({
      url: image.url,
      type: typeof image.type === "string" ? image.type : "",
      bytes: numberOf(image.bytes) ?? 0,
      modified: secondsOf(image.modified),
      width: numberOf(image.width),
      height: numberOf(image.height),
    });
  }
  return {
    folder: typeof json.folder === "string" ? json.folder : "",
    folders,
    images,
    next: typeof json.next === "string" ? json.next : null,
  };
}

/** Parses a JSON object; returns null for anything else. */
export function parseJson(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/** An instant as Unix seconds, which may also be written as a date (RFC 3339). */
function secondsOf(value: unknown): number | null {
  const seconds = typeof value === "string" ? Date.parse(value) / 1000 : numberOf(value);
  return seconds === null || Number.isNaN(seconds) || seconds > 8.64e12 ? null : seconds;
}
