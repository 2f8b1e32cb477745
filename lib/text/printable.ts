/**
 * Makes text from outside safe to print: strips or escapes the characters that control a terminal,
 * hide text or reorder it.
 */

/**
 * Matches one unsafe character: a control character (C0, DEL, C1), which can move the cursor,
 * change colours or retitle a window; a bidirectional control, which reorders text; an invisible
 * character, which makes different texts look the same; a line or paragraph separator; a byte order
 * mark; or a lone surrogate, which cannot be encoded. Joiners, variation selectors and tags are
 * safe: scripts and emoji need them.
 */
export const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Default limit of `strip`, code points. */
export const PRINTABLE_LIMIT = 300;

/**
 * Strips unsafe characters and truncates the text, for people to read. Use it for every text from a
 * server, a file or a file name.
 *
 * @param limit maximum length, code points; a longer text ends in `…`
 */
export function strip(text: string, limit: number = PRINTABLE_LIMIT): string {
  // Truncated first, so that a text of many megabytes is cheap. A code point has at most two units.
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
 * Escapes unsafe characters and backslashes, for logs and lists. Different texts look different: a
 * line feed becomes `\n`, ESC `\x1b`, U+202E `\u{202e}`.
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
