/**
 * A panel over the screen: a frame with a title, and facts in two columns.
 */
import stringWidth from "string-width";
import type { TerminalSize } from "./layout.ts";
import { fitted, STYLE, toColumn } from "./tile.ts";

/** A panel; its text may hold anything. */
export interface Panel {
  readonly title: string;
  /** What each fact is called, and the fact. */
  readonly facts: readonly (readonly [label: string, fact: string])[];
}

/** Cells between the frame and the text, and between the two columns. */
const PADDING = 1, GAP = 3;

/**
 * Returns the rows of a panel in the middle of the terminal, no larger than that, and the column
 * where they begin, from 1. Text that is too long is cut, and unsafe characters are escaped.
 * Terminals do not agree on the width of every text: what stands behind one is moved to its column.
 */
export function panelRows(
  { title, facts }: Panel,
  { columns, rows }: TerminalSize,
): { rows: string[]; column: number } {
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
    ...shown.map(([, fact]) => labels + GAP + stringWidth(fact)),
  ) + 2 * PADDING;
  const column = Math.max(1, Math.floor((columns - width - 2) / 2) + 1);
  const { frame, dim, bold, reset } = STYLE;
  const side = `${frame}│${reset}`, padding = " ".repeat(PADDING);
  const line = (length: number) => "─".repeat(Math.max(0, length));
  const lines = shown.slice(0, Math.max(0, rows - 2)).map(([label, fact]) => {
    const gap = " ".repeat(labels - stringWidth(label) + GAP);
    const rest = " ".repeat(width - 2 * PADDING - labels - GAP - stringWidth(fact));
    const end = toColumn(column + 1 + width);
    return `${side}${padding}${dim}${label}${reset}${gap}${fact}${rest}${padding}${end}${side}`;
  });
  const behind = toColumn(column + 3 + stringWidth(name));
  const top = `${frame}┌─${reset} ${bold}${name}${reset}${behind} ` +
    `${frame}${line(width - stringWidth(name) - 3)}┐${reset}`;
  return { rows: [top, ...lines, `${frame}└${line(width)}┘${reset}`], column };
}
