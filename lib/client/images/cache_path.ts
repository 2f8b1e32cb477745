/**
 * The place of an image in `web_cash/`.
 */
import { WINDOWS_DEVICE, WINDOWS_RESERVED } from "../../text/windows_names.ts";
import { textHashSync } from "./sha256.ts";

/** Longest file name, bytes; every file system takes it. */
const NAME_LIMIT = 200;

/** Matches what some file system does not keep as it is. */
const UNSAFE = new RegExp(`[\\p{Cc}\\p{Cs}%]|${WINDOWS_RESERVED.source}|^\\.|[. ]$`, "gu");

/**
 * Returns the path of an image below `web_cash/`: its name, if that is an ordinary relative path.
 * What could leave the directory or mean something else to a file system is percent-encoded (`..`
 * becomes `%2E%2E`), so different names have different places, and none is outside.
 *
 * @returns the components, each safe as a file name
 */
export function cachePath(url: string): string[] {
  return url.split("/").map(component);
}

function component(text: string): string {
  // Encoding never makes a lone `%`, so an empty component (`/a`, `a//b`) has its own name.
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

/** Shortens a long name to its start, a part of the hash of the whole, and its extension. */
function shorten(name: string, text: string): string {
  const hash = textHashSync(text).slice(0, 32);
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? "";
  const start = Array.from(name).slice(0, 40).join("");
  return `${start}%~${hash}${extension}`;
}
