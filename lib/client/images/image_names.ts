/**
 * From what people type to the names of images: forms of a name, patterns, near misses.
 */
import { globToRegExp } from "@std/path";
import { nearMiss } from "../../text/near_miss.ts";
import { Failure } from "../failure.ts";
import type { PhotoServer } from "../remote/photo_server.ts";

/** Names of a folder that are searched for a near miss. */
export const NEAR_MISS_NAMES = 5000;

/**
 * Returns the names that `typed` may stand for, the likeliest first: itself; without quotes; the
 * name in a URL of this server; without `/`, `./` or `images/` in front.
 *
 * @param origin the origin of the server
 */
export function candidateNames(typed: string, origin: string): string[] {
  const names = new Set([typed]);
  const unquoted = /^(["'])(.*)\1$/.exec(typed)?.[2] ?? typed;
  names.add(unquoted);
  const inUrl = nameInUrl(unquoted, origin);
  if (inUrl !== null) return [inUrl];
  let name = unquoted;
  for (;;) {
    const shorter = name.replace(/^(?:\.?\/+|images\/)/, "");
    if (shorter === name || shorter === "") break;
    names.add(name = shorter);
  }
  return [...names];
}

/** Returns the image that a URL of this server names, or null if `text` is no such URL. */
function nameInUrl(text: string, origin: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    const url = new URL(text);
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    if (`${url.protocol}//${url.hostname}:${port}` !== origin) return null;
    return url.searchParams.get("url") ??
      decodeURIComponent(url.pathname).replace(/^\/(?:images\/)?/, "");
  } catch {
    return null;
  }
}

/** Whether a name is a pattern for several images. */
export function isPattern(name: string): boolean {
  return /[*?[{]/.test(name) && !/^https?:\/\//i.test(name);
}

/**
 * Returns the images that a pattern matches, in the order of the list. `*` and `?` stay within a
 * folder, `**` crosses folders. A pattern that is the name of an image stands for this image alone.
 *
 * @throws {Failure} of the list
 */
export async function imagesMatching(server: PhotoServer, pattern: string): Promise<string[]> {
  const expression = globToRegExp(pattern, { os: "linux" });
  const segments = pattern.split("/");
  const wild = segments.findIndex(isPattern);
  const depth = pattern.includes("**") ? Infinity : segments.length;
  const found: string[] = [];
  let isName = false;
  const walk = async (folder: string, level: number) => {
    for await (const page of pagesOf(server, folder)) {
      for (const { url } of page.images) {
        if (url === pattern) isName = true;
        else if (expression.test(url)) found.push(url);
      }
      if (level >= depth) continue;
      for (const { name } of page.folders) await walk(joinName(folder, name), level + 1);
    }
  };
  await walk(segments.slice(0, wild).join("/"), wild + 1);
  return isName ? [pattern] : found;
}

/** Gives the pages of a folder one after the other. @throws {Failure} */
export async function* pagesOf(server: PhotoServer, folder: string) {
  for (let after: string | null = null;;) {
    const page = await server.list(folder, after);
    yield page;
    // A list that does not go on ends here, whatever it says.
    if (page.next === null || page.next === after) return;
    after = page.next;
  }
}

/** The name of an entry of a folder, as the root sees it. */
export function joinName(folder: string, name: string): string {
  return folder === "" || name.startsWith(`${folder}/`) ? name : `${folder}/${name}`;
}

/**
 * Returns the image that `name` most likely stands for, or null. The folder may be mistyped, too:
 * then the nearest one is searched.
 */
export async function nearestImage(server: PhotoServer, name: string): Promise<string | null> {
  const at = name.lastIndexOf("/");
  try {
    const folder = at < 0 ? "" : await nearestFolder(server, name.slice(0, at));
    if (folder === null) return null;
    const meant = joinName(folder, name.slice(at + 1));
    return nearest(meant, (await entriesOf(server, folder)).images);
  } catch (error) {
    // A server without a list.
    if (!(error instanceof Failure)) throw error;
    return null;
  }
}

/** Returns the folder that is named so, else the nearest one, or null. */
async function nearestFolder(server: PhotoServer, name: string): Promise<string | null> {
  let found = "";
  for (const part of name.split("/")) {
    const meant = joinName(found, part);
    const { folders } = await entriesOf(server, found);
    const next = folders.includes(meant) ? meant : nearest(meant, folders);
    if (next === null) return null;
    found = next;
  }
  return found;
}

function nearest(name: string, names: readonly string[]): string | null {
  return names.find((other) => other.toLowerCase() === name.toLowerCase()) ?? nearMiss(name, names);
}

/** The whole names in a folder, no more than are searched. */
async function entriesOf(server: PhotoServer, folder: string) {
  const folders: string[] = [], images: string[] = [];
  for await (const page of pagesOf(server, folder)) {
    folders.push(...page.folders.map(({ name }) => joinName(folder, name)));
    images.push(...page.images.map(({ url }) => url));
    if (folders.length + images.length >= NEAR_MISS_NAMES) break;
  }
  return { folders, images };
}
