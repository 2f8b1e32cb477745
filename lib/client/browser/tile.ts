/**
 * The text of one tile: a frame with a name in it, around a thumbnail.
 */
import stringWidth from "string-width";
import { escape } from "../../text/printable.ts";
import type { Entry } from "./folder_contents.ts";
import type { SheetLayout } from "./layout.ts";
import type { Thumbnail } from "./thumbnails.ts";

/** The colours of a screen: the terminal's own sixteen, so that it fits any theme. */
export const STYLE = {
  frame: "\x1b[90m",
  selected: "\x1b[1;36m",
  dim: "\x1b[2m",
  folder: "\x1b[33m",
  bold: "\x1b[1m",
  reset: "\x1b[0m",
} as const;

/** A folder, drawn in the middle of its tile. */
const FOLDER = ["▗▄▄▄▖     ", "▐████▙▄▄▄▖", "▐████████▌", "▐████████▌", "▝▀▀▀▀▀▀▀▀▘"];

/**
 * Returns the rows of a tile, each as wide as the layout says. Terminals do not agree on the width
 * of every name: what stands behind one is moved to its column.
 */
export function tileRows(
  { entry, thumbnail, isSelected, layout, column }: {
    readonly entry: Entry;
    readonly thumbnail: Thumbnail;
    readonly isSelected: boolean;
    readonly layout: SheetLayout;
    /** The column of the terminal where the tile begins, from 1. */
    readonly column: number;
  },
): string[] {
  const inner = layout.width - 2, rows = layout.height - 2;
  const line = isSelected ? STYLE.selected : STYLE.frame;
  const side = sideOf(isSelected);
  const content = contentRows(entry, thumbnail, inner, rows);
  const [open, close] = isSelected ? ["[", "]"] : ["─", "─"];
  const label = fitted(entry.image === null ? `${entry.label}/` : entry.label, inner - 2);
  const rest = inner - 2 - stringWidth(label);
  const before = "─".repeat(Math.floor(rest / 2)), after = "─".repeat(Math.ceil(rest / 2));
  const end = column + 1 + before.length + stringWidth(label) + 2;
  const name = isSelected ? label : `${STYLE.reset}${label}${line}`;
  return [
    `${line}┌${"─".repeat(inner)}┐${STYLE.reset}`,
    ...content.map((row) => side + row + side),
    `${line}└${before}${open}${name}${close}${toColumn(end)}${after}┘${STYLE.reset}`,
  ];
}

/** Moves the cursor within its row (CHA). */
export function toColumn(column: number): string {
  return `\x1b[${column}G`;
}

/** A piece of the frame at either side of a tile. */
export function sideOf(isSelected: boolean): string {
  return `${isSelected ? STYLE.selected : STYLE.frame}│${STYLE.reset}`;
}

/** The inside of a tile: each row `columns` wide. */
function contentRows(
  entry: Entry,
  thumbnail: Thumbnail,
  columns: number,
  rows: number,
): string[] {
  if (entry.image === null) {
    const count = entry.count === null || entry.count === 0 ? [] : [`${entry.count}`];
    const lines = [...FOLDER.slice(0, Math.max(1, rows - count.length)), ...count];
    return centred(lines, columns, rows, STYLE.folder);
  }
  if (thumbnail === null) {
    const { width, height } = entry.image;
    const size = width === null || height === null ? "…" : `${width}×${height}`;
    return centred([fitted(size, columns)], columns, rows, STYLE.dim);
  }
  if (thumbnail === "failed") {
    const type = entry.image.type.replace(/^image\//, "");
    return centred(["✕", fitted(escape(type), columns)], columns, rows, STYLE.dim);
  }
  const left = Math.floor((columns - thumbnail.columns) / 2);
  const right = columns - thumbnail.columns - left;
  return padded(
    thumbnail.rows.map((row) => " ".repeat(left) + row + " ".repeat(right)),
    columns,
    rows,
  );
}

function centred(
  lines: readonly string[],
  columns: number,
  rows: number,
  color: string,
): string[] {
  const set = lines.map((line) => {
    const rest = Math.max(0, columns - stringWidth(line));
    const left = Math.floor(rest / 2);
    return " ".repeat(left) + color + line + STYLE.reset + " ".repeat(rest - left);
  });
  return padded(set, columns, rows);
}

function padded(lines: readonly string[], columns: number, rows: number): string[] {
  const empty = " ".repeat(columns);
  const top = Math.max(0, Math.floor((rows - lines.length) / 2));
  const all = [...Array(top).fill(empty), ...lines];
  while (all.length < rows) all.push(empty);
  return all.slice(0, rows);
}

const SEGMENTER = new Intl.Segmenter();

/** Returns a name as it can be printed, cut to `columns`; the end, which tells most, stays. */
export function fitted(name: string, columns: number): string {
  const shown = escape(name);
  if (stringWidth(shown) <= columns) return shown;
  const characters = Array.from(SEGMENTER.segment(shown.slice(0, 1000)), (s) => s.segment);
  let start = "", end = "", width = 1;
  const endings = /\.[A-Za-z0-9]{1,5}$/.exec(shown)?.[0] ?? "";
  if (endings.length < columns / 2) {
    end = endings;
    width += endings.length;
  }
  for (const character of characters) {
    // Most characters are ASCII, whose width takes no table.
    width += /^[ -~]$/.test(character) ? 1 : stringWidth(character);
    if (width > columns) break;
    start += character;
  }
  return `${start}…${end}`;
}
