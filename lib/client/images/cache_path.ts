/**
 * From an image's url to its place in `web_cash/`.
 */
import { createHash } from "node:crypto";
import { WINDOWS_DEVICE, WINDOWS_RESERVED } from "../../text/windows_names.ts";

/** The longest name of a file that every file system takes, bytes. */
const NAME_LIMIT = 200;

/** Matches control characters, and what some file system does not keep as it is. */
const UNSAFE = new RegExp(`[\\p{Cc}\\p{Cs}%]|${WINDOWS_RESERVED.source}|^\\.|[. ]$`, "gu");

/**
 * The path below `web_cash/` of the image `url`: the url itself where it is an ordinary relative
 * path. What could leave the directory or mean something else to a file system is percent-encoded:
 * `..` becomes `%2E%2E`, so different urls have different places and no url has one outside.
 * @returns the components, each safe as the name of one file
 */
export function cacheName(url: string): string[] {
  return url.split("/").map(component);
}

function component(text: string): string {
  // `%` alone cannot come from encoding, so an empty component (`/a`, `a//b`) has its own name.
  if (text === "") return "%";
  let name = text.replace(UNSAFE, encode);
  if (/^\.*$/.test(text)) name = text.replaceAll(".", "%2E");
  if (WINDOWS_DEVICE.test(name)) name = encode(name[0]) + name.slice(1);
  const bytes = new TextEncoder().encode(name);
  return bytes.length <= NAME_LIMIT ? name : shorten(name, text);
}

function encode(character: string): string {
  if (/\p{Cs}/u.test(character)) return `%u${character.charCodeAt(0).toString(16)}`;
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => "%" + byte.toString(16).toUpperCase().padStart(2, "0"),
  ).join("");
}

/** A long name keeps its start and its extension, with the start of a hash of the whole between. */
function shorten(name: string, text: string): string {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 32);
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? "";
  const start = Array.from(name).slice(0, 40).join("");
  return `${start}%~${hash}${extension}`;
}
