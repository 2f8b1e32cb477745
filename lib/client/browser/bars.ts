/**
 * The line above the sheet and the line below it, in any width.
 */
import stringWidth from "string-width";
import { strip } from "../../text/printable.ts";
import { fitted, STYLE } from "./tile.ts";

/** What stands between two keys of the line below. */
const KEY_GAP = "   ";

/** What the line above the sheet says. */
export interface Header {
  /** The name of the folder; it may hold anything. */
  readonly folder: string;
  readonly counts: string;
  readonly order: string;
  /** What is searched, or how; it may hold anything. */
  readonly search: string;
  /** Whether the search is more than a hint, so that it stays in a narrow terminal. */
  readonly isSearched: boolean;
}

/**
 * Returns the line above the sheet, as wide as the terminal at most. In a narrow one the hint for
 * the search, the order and the counts are left out, in this order.
 */
export function headerRow(header: Header, columns: number): string {
  const { bold, dim, reset } = STYLE;
  const folder = header.folder === "" ? "/" : header.folder;
  const search = fittedStart(header.search, Math.floor(columns / 2) - KEY_GAP.length + 1);
  const hint = header.isSearched ? [] : [search], searched = header.isSearched ? [search] : [];
  const least = Math.min(12, stringWidth(folder));
  const width = (parts: readonly string[]) =>
    parts.reduce((sum, part) => sum + KEY_GAP.length + stringWidth(part), 0);
  const levels = [
    { left: [header.counts], right: [header.order, ...searched, ...hint] },
    { left: [header.counts], right: [header.order, ...searched] },
    { left: [header.counts], right: searched },
    { left: [], right: searched },
  ];
  const { left, right } =
    levels.find(({ left, right }) => 2 + least + width([...left, ...right]) <= columns) ??
      levels[levels.length - 1];
  const name = fitted(folder, Math.max(1, columns - 2 - width([...left, ...right])));
  const counts = left.map((part) => KEY_GAP + part).join("");
  const gap = columns - 2 - stringWidth(name) - stringWidth(counts) - width(right);
  const rest = right.map((part) => KEY_GAP + part).join("");
  return ` ${bold}${name}${reset}${dim}${counts}${" ".repeat(Math.max(0, gap))}${rest}${reset}`;
}

/**
 * Returns as many keys as fit into a line. The last two stay to the end: how to learn about all
 * keys, and how to leave.
 */
export function keysRow(keys: string, columns: number): string {
  const shown = keys.split(KEY_GAP);
  while (shown.length > 2 && stringWidth(shown.join(KEY_GAP)) > columns) {
    shown.splice(shown.length - 3, 1);
  }
  return shown.join(KEY_GAP);
}

const SEGMENTER = new Intl.Segmenter();

/** Cuts a text at its start, where it is less telling than at its end. */
function fittedStart(text: string, columns: number): string {
  const shown = strip(text);
  let rest = stringWidth(shown);
  if (rest <= columns) return shown;
  for (const { index, segment } of SEGMENTER.segment(shown)) {
    if (rest < columns) return `…${shown.slice(index)}`;
    rest -= stringWidth(segment);
  }
  return "…";
}

/** Cuts sentences at the end of one that fits, else within the first one. */
export function fittedSentences(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let ends = text.length;
  while ((ends = text.lastIndexOf(". ", ends - 1)) > 0) {
    const sentences = text.slice(0, ends + 1);
    if (stringWidth(sentences) <= columns) return sentences;
  }
  let shown = "", width = 1;
  for (const { segment } of SEGMENTER.segment(strip(text, 1000))) {
    width += stringWidth(segment);
    if (width > columns) break;
    shown += segment;
  }
  return `${shown}…`;
}
