/**
 * The page's own addresses: `#/trip/` is a folder, `#/trip/sea.jpg` a picture. Each segment of a name is
 * percent-encoded.
 */

/** What an address means. */
export interface Place {
  /** The folder as `/list` names it, without a slash at its end; empty for the top. */
  readonly folder: string;
  /** The whole name of a picture in it, or null. */
  readonly picture: string | null;
}

/** Reads `location.hash`. What cannot be decoded means the top folder. */
export function readPlace(hash: string): Place {
  let segments: string[];
  try {
    segments = hash.replace(/^#?\/?/, "").split("/").map(decodeURIComponent);
  } catch {
    return { folder: "", picture: null };
  }
  const last = segments.pop()!;
  const folder = segments.join("/");
  return { folder, picture: last === "" ? null : folder === "" ? last : `${folder}/${last}` };
}

const encode = (name: string) => name.split("/").map(encodeURIComponent).join("/");

/** The address of a folder. */
export function folderHash(folder: string): string {
  return folder === "" ? "#/" : `#/${encode(folder)}/`;
}

/** The address of a picture. */
export function pictureHash(url: string): string {
  return `#/${encode(url)}`;
}

/** The last segment of a name. */
export function baseName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
