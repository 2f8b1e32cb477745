/**
 * Finds names in another normalization: macOS writes `é` as two characters (NFD), people type one
 * (NFC).
 */
import { type FolderIndex, joined } from "./folder_index.ts";
import { naturalKey } from "./natural_order.ts";

/** Any character that normalization may change. */
const BEYOND_ASCII = /[^\0-\x7f]/;

/** Whether a path may have another normalization. */
export function mayHaveEquivalent(path: string): boolean {
  return BEYOND_ASCII.test(path);
}

/**
 * Returns the name of an image whose NFC form is that of `name`, segment by segment, or null if
 * there is none. Of several in one folder it is the exact one, or else the first in the natural
 * order.
 *
 * @param name path within the images directory, of which no image has exactly this name
 */
export function equivalentName(index: FolderIndex, name: string): string | null {
  const segments = name.split("/");
  const image = segments.pop()!;
  const folder = followFolders(index, segments);
  if (folder === null) return null;
  const found = find(index.names(folder)?.images ?? [], image);
  return found === null ? null : joined(folder, found);
}

/**
 * Returns the name of a folder whose NFC form is that of `folder`, or null if there is none; by the
 * same rules as `equivalentName`.
 *
 * @param folder path within the images directory, of which no folder has exactly this name
 */
export function equivalentFolder(index: FolderIndex, folder: string): string | null {
  return mayHaveEquivalent(folder) ? followFolders(index, folder.split("/")) : null;
}

/** Goes down from the images directory, by the NFC form of each segment. */
function followFolders(index: FolderIndex, segments: readonly string[]): string | null {
  let folder = "";
  for (const segment of segments) {
    const found = find(index.names(folder)?.folders ?? [], segment);
    if (found === null) return null;
    folder = joined(folder, found);
  }
  return folder;
}

/** Finds a name among sorted ones by its NFC form. */
function find(names: readonly string[], name: string): string | null {
  const key = naturalKey(name);
  let low = 0, high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (naturalKey(names[middle]) < key) low = middle + 1;
    else high = middle;
  }
  let first: string | null = null;
  // Names with this key differ in normalization, or in zeros in front of numbers.
  for (let i = low; i < names.length && naturalKey(names[i]) === key; i++) {
    if (names[i] === name) return name;
    if (names[i].normalize("NFC") === name.normalize("NFC")) first ??= names[i];
  }
  return first;
}
