/**
 * A panel over the screen: a frame with a title, and facts in two columns.
 */
import stringWidth from "string-width";
import type { TerminalSize } from "./layout.ts";
import { fitted, mostColumns, STYLE, toColumn } from "./tile.ts";

/** A panel; its text may hold anything. */
export interface Panel {
  readonly title: string;
  /** What each fact is called, and the fact. */
  readonly facts: readonly (readonly [label: string, fact: string])[];
}

/** Returns a panel of keys: a line for each, and what it does behind two blanks or more. */
export function helpPanel(title: string, keys: string): Panel {
  const facts = keys.split("\n").map((line) => {
    const [key, action] = line.split(/ {2,}/);
    return [key, action] as const;
  });
  return { title, facts };
}

/** Cells between the frame and the text, and between the two columns. */
const PADDING = 1, GAP = 3;

/** A part of a panel that fits the terminal. */
export interface PanelPage {
  readonly rows: string[];
  /** The column where they begin, from 1. */
  readonly column: number;
  /** How many parts there are. */
  readonly pages: number;
}

/**
 * Returns a page of a panel in the middle of the terminal, no larger than that. Facts that are too
 * long are cut, and unsafe characters are escaped. Terminals do not agree on the width of every
 * text: what stands behind one is moved to its column.
 *
 * @param page from 0
 */
export function panelPage(
  { title, facts }: Panel,
  { columns, rows }: TerminalSize,
  page = 0,
): PanelPage {
  const most = Math.max(4, columns - 4 - 2 * PADDING);
  const labels = Math.min(
    Math.max(0, ...facts.map(([label]) => stringWidth(label))),
    Math.floor(most / 2),
  );
  const room = Math.max(1, most - labels - GAP);
  const shown = facts.map(([label, fact]) => [fitted(label, labels), fitted(fact, room)] as const);
  const name = fitted(title, most - 2);
  const width = Math.max(
    stringWidth(name) + 2,
    ...shown.map(([, fact]) => labels + GAP + mostColumns(fact)),
  ) + 2 * PADDING;
  const column = Math.max(1, Math.floor((columns - width - 2) / 2) + 1);
  const { frame, dim, bold, reset } = STYLE;
  const side = `${frame}│${reset}`, padding = " ".repeat(PADDING);
  const line = (length: number) => "─".repeat(Math.max(0, length));
  const perPage = Math.max(1, rows - 2), pages = Math.max(1, Math.ceil(shown.length / perPage));
  const onPage = shown.slice(page * perPage, (page + 1) * perPage);
  // All pages are equally high, so that each covers the one before.
  while (pages > 1 && onPage.length < perPage) onPage.push(["", ""]);
  const lines = onPage.map(([label, fact]) => {
    const gap = " ".repeat(labels - stringWidth(label) + GAP);
    const rest = " ".repeat(width - 2 * PADDING - labels - GAP - stringWidth(fact));
    const end = toColumn(column + 1 + width);
    return `${side}${padding}${dim}${label}${reset}${gap}${fact}${rest}${padding}${end}${side}`;
  });
  const behind = toColumn(column + 3 + stringWidth(name));
  const top = `${frame}┌─${reset} ${bold}${name}${reset}${behind} ` +
    `${frame}${line(width - stringWidth(name) - 3)}┐${reset}`;
  const number = pages === 1 || width < NUMBER_COLUMNS ? "" : ` ${page + 1}/${pages} `;
  const bottom = `${frame}└${line(width - number.length - 1)}${number}${line(1)}┘${reset}`;
  return { rows: [top, ...lines, bottom], column, pages };
}

/** Columns of a frame that has room for the number of a page. */
const NUMBER_COLUMNS = 12;
