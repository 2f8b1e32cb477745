/**
 * Text from outside, made safe for a terminal.
 */

/**
 * Control characters of both sets (C0 with DEL, C1), which move the cursor, change colours or
 * retitle a window; the bidirectional controls, which show text in another order than it has; line
 * and paragraph separators; byte order marks; and lone surrogates, which no encoding can carry.
 */
export const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** The longest text of a server that is shown, in code points. */
export const PRINTABLE_LIMIT = 300;

/**
 * Strips `text` of everything that a terminal would obey rather than show, and cuts it at `limit`
 * code points. Whatever comes from the server, the disk or a file name passes here before it is
 * printed.
 */
export function printable(text: string, limit: number = PRINTABLE_LIMIT): string {
  // A text of many megabytes is cut before it is searched; two units are the most a point takes.
  const safe = text.slice(0, limit * 2 + 2).replace(UNSAFE, "");
  const points = Array.from(safe);
  return points.length > limit ? points.slice(0, limit).join("") + "…" : safe;
}
