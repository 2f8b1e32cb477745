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
  onFolder: "\x1b[30;43m",
  reset: "\x1b[0m",
} as const;

/**
 * A folder, drawn in the middle of its tile: its upper edge, a row of its inside, its lower edge.
 */
const FOLDER_TOP = ["▗▄▄▄▖     ", "▐████▙▄▄▄▖"], FOLDER_INSIDE = 8, FOLDER_BOTTOM = "▝▀▀▀▀▀▀▀▀▘";

/** How the frame of a tile is drawn; what is selected is seen without colours, too. */
const FRAME = { corners: "┌┐└┘", line: "─", side: "│", open: " ", close: " " };
const SELECTED_FRAME = { corners: "┏┓┗┛", line: "━", side: "┃", open: "[", close: "]" };

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
  const color = isSelected ? STYLE.selected : STYLE.frame;
  const { corners, line, open, close } = isSelected ? SELECTED_FRAME : FRAME;
  const side = sideOf(isSelected);
  const content = contentRows(entry, thumbnail, inner, rows);
  const label = fitted(entry.image === null ? `${entry.label}/` : entry.label, inner - 2);
  const rest = inner - 2 - mostColumns(label);
  const before = line.repeat(Math.floor(rest / 2)), after = line.repeat(Math.ceil(rest / 2));
  const behind = column + 1 + before.length + 1 + mostColumns(label);
  const isJoined = mostColumns(label) !== stringWidth(label);
  const end = isJoined ? toColumn(behind) + close : close + toColumn(behind + 1);
  const name = isSelected ? label : `${STYLE.reset}${label}${color}`;
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  return [
    `${color}${topLeft}${line.repeat(inner)}${topRight}${STYLE.reset}`,
    ...content.map((row) => side + row + side),
    `${color}${bottomLeft}${before}${open}${name}${end}${after}` +
    `${bottomRight}${STYLE.reset}`,
  ];
}

/** Moves the cursor within its row (CHA). */
export function toColumn(column: number): string {
  return `\x1b[${column}G`;
}

/** A piece of the frame at either side of a tile. */
export function sideOf(isSelected: boolean): string {
  const { side } = isSelected ? SELECTED_FRAME : FRAME;
  return `${isSelected ? STYLE.selected : STYLE.frame}${side}${STYLE.reset}`;
}

/** The inside of a tile: each row `columns` wide. */
function contentRows(
  entry: Entry,
  thumbnail: Thumbnail,
  columns: number,
  rows: number,
): string[] {
  if (entry.image === null) {
    return centred(folderRows(entry.count, rows), columns, rows, STYLE.folder);
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

/** A folder of at most `rows` rows, with the number of images on it. */
function folderRows(count: number | null, rows: number): string[] {
  const number = count === null || count === 0 ? "" : `${count}`;
  const shown = number.length > FOLDER_INSIDE ? "" : number;
  const before = " ".repeat(Math.ceil((FOLDER_INSIDE - shown.length) / 2));
  const text = (before + shown).padEnd(FOLDER_INSIDE);
  const label = `▐${STYLE.onFolder}${text}${STYLE.reset}${STYLE.folder}▌`;
  const inside = [label, `▐${"█".repeat(FOLDER_INSIDE)}▌`].slice(0, Math.max(0, rows - 3));
  return [...FOLDER_TOP.slice(0, rows - 1), ...inside, FOLDER_BOTTOM];
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

/**
 * Returns a name as it can be printed, cut to `columns`; the end, which tells most, stays. It is
 * composed: terminals do not agree on how wide the parts of a syllable are, as macOS names them.
 */
export function fitted(name: string, columns: number): string {
  const shown = escape(name.normalize("NFC"));
  if (mostColumns(shown) <= columns) return shown;
  const characters = Array.from(SEGMENTER.segment(shown.slice(0, 1000)), (s) => s.segment);
  let start = "", end = "", width = 1;
  const endings = /\.[A-Za-z0-9]{1,5}$/.exec(shown)?.[0] ?? "";
  if (endings.length < columns / 2) {
    end = endings;
    width += endings.length;
  }
  for (const character of characters) {
    width += mostColumns(character);
    if (width > columns) break;
    start += character;
  }
  return `${start}…${end}`;
}

/**
 * Returns the columns that a text takes at most: some terminals join what a zero-width joiner
 * stands between, others show each part.
 */
export function mostColumns(text: string): number {
  // Most text is ASCII, whose width takes no table.
  if (/^[ -~]*$/.test(text)) return text.length;
  if (!text.includes("\u200d")) return stringWidth(text);
  const parts = text.split("\u200d").reduce((sum, part) => sum + stringWidth(part), 0);
  return Math.max(parts, stringWidth(text));
}
