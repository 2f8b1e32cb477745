/**
 * Text from outside, made safe to print: what a terminal obeys, and what hides or reorders
 * characters, is stripped for people to read or escaped for logs and lists.
 */

/**
 * Matches each unsafe character: control characters of both sets (C0 with DEL, C1), which move the
 * cursor, change colours or retitle a window; bidirectional controls, which show text in another
 * order than it has; invisible characters that make different texts look the same; line and
 * paragraph separators; byte order marks; and lone surrogates, which no encoding can carry.
 * Joiners, variation selectors and tags are safe: scripts and emoji are written with them.
 */
export const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Longest text of a server that is shown, code points. */
export const PRINTABLE_LIMIT = 300;

/**
 * Strips unsafe characters from `text` and cuts it after `limit` code points. Text of the server,
 * the disk or a file name passes through here before it is printed.
 *
 * @param text what is to be printed
 * @param limit code points to keep; a longer text ends in `…`
 */
export function strip(text: string, limit: number = PRINTABLE_LIMIT): string {
  // Cutting before searching keeps a text of many megabytes cheap: a code point has at most two units.
  const safe = text.slice(0, limit * 2 + 2).replace(UNSAFE, "");
  const points = Array.from(safe);
  return points.length > limit ? points.slice(0, limit).join("") + "…" : safe;
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/**
 * Escapes unsafe characters and backslashes, so that different texts look different: a line feed
 * becomes `\n`, ESC `\x1b`, U+202E `\u{202e}`.
 */
export function escape(text: string): string {
  return text.replace(UNSAFE_OR_BACKSLASH, (character) => {
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    return ESCAPED.get(character) ??
      (code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`);
  });
}

const UNSAFE_OR_BACKSLASH = new RegExp(`${UNSAFE.source}|\\\\`, "gu");
