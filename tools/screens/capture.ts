/**
 * Turns what a program wrote to a terminal into a picture of that terminal, as SVG:
 *
 *     script -qec 'deno task demo' /dev/null | deno run tools/screens/capture.ts > docs/screen.svg
 *
 * Options: `--columns N` (default: the longest row), `--light` for a light terminal, `--title
 * TEXT`.
 */
import { parseArgs } from "@std/cli/parse-args";
import { rectanglesOf } from "./cell_shape.ts";
import { type Cell, type CellColor, paletteColor, screenOf } from "./terminal_screen.ts";

type Color = readonly [number, number, number];

/** How a terminal is set up: its own two colours and the first sixteen of the palette. */
export interface Theme {
  readonly foreground: Color;
  readonly background: Color;
  readonly palette: readonly Color[];
}

const hex = (text: string): Color[] =>
  text.split(" ").map((color) =>
    [0, 2, 4].map((at) => parseInt(color.slice(at, at + 2), 16)) as unknown as Color
  );

/** A dark terminal. */
export const DARK: Theme = {
  foreground: [212, 216, 224],
  background: [16, 18, 24],
  palette: hex(
    "15171c e0566b 7fb86b e0b562 5f9ee8 b98ae0 56b6c2 c8ccd4 5c6370 ff7a8c 9ad686 f2cf86 86bbff d3a8f5 7ad0dc ffffff",
  ),
};

/** A light terminal. */
export const LIGHT: Theme = {
  foreground: [40, 44, 52],
  background: [250, 250, 248],
  palette: hex(
    "1c1e22 b3263a 2f7a2b 8a6400 1f5fb8 7a3fa8 14747f d0d0cc 6a6f78 c8394e 3f8f3a a17600 2f73d0 9050bf 1c8894 ffffff",
  ),
};

/** Pixels of a cell: eighths of both are whole pixels. */
const CELL_WIDTH = 8, CELL_HEIGHT = 16;
/** The space around the screen. */
const MARGIN = 12;
/** The size at which common monospaced fonts are as wide as a cell. */
const FONT_SIZE = 13.3;

/** Draws rows of cells as an SVG document. */
export function svgOf(
  rows: readonly Cell[][],
  columns: number,
  theme: Theme,
  title: string,
): string {
  const width = columns * CELL_WIDTH + 2 * MARGIN, height = rows.length * CELL_HEIGHT + 2 * MARGIN;
  const shapes = new Map<string, string[]>();
  const texts: string[] = [];
  const paint = (color: Color, left: number, top: number, across: number, down: number) => {
    const list = shapes.get(rgb(color));
    const path = `M${left} ${top}h${across}v${down}h${-across}z`;
    if (list === undefined) shapes.set(rgb(color), [path]);
    else list.push(path);
  };
  // Blocks are drawn after all backgrounds: one path for each colour.
  const blocks: (() => void)[] = [];
  rows.forEach((cells, row) => {
    const top = MARGIN + row * CELL_HEIGHT;
    for (const [start, end, cell] of runsOf(cells, (a, b) => same(a.background, b.background))) {
      if (cell.background === null) continue;
      const left = MARGIN + start * CELL_WIDTH;
      paint(
        colorOf(cell.background, theme, false),
        left,
        top,
        (end - start) * CELL_WIDTH,
        CELL_HEIGHT,
      );
    }
    for (const [start, end, cell] of runsOf(cells, sameInk)) {
      const left = MARGIN + start * CELL_WIDTH;
      const color = colorOf(cell.foreground, theme, true);
      for (let column = start; column < end; column++) {
        for (const [x0, y0, x1, y1] of rectanglesOf(cells[column].text) ?? []) {
          blocks.push(() =>
            paint(
              color,
              MARGIN + (column + x0) * CELL_WIDTH,
              round(top + y0 * CELL_HEIGHT),
              (x1 - x0) * CELL_WIDTH,
              round((y1 - y0) * CELL_HEIGHT),
            )
          );
        }
      }
      if (isBlock(cells[start])) continue;
      texts.push(textOf(cells.slice(start, end), left, top, color));
    }
  });
  const backgrounds = pathsOf(shapes);
  shapes.clear();
  for (const block of blocks) block();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${rgb(theme.background)}"/>`,
    `<g shape-rendering="crispEdges">${backgrounds}${pathsOf(shapes)}</g>`,
    `<g font-family="'DejaVu Sans Mono','Noto Sans Mono CJK KR','D2Coding',Menlo,Consolas,monospace" ` +
    `font-size="${FONT_SIZE}" xml:space="preserve">`,
    ...texts,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** Runs of neighbours that belong together: where each starts, where it ends, its first cell. */
function* runsOf(
  cells: readonly Cell[],
  together: (a: Cell, b: Cell) => boolean,
): Generator<[start: number, end: number, first: Cell]> {
  for (let start = 0; start < cells.length;) {
    let end = start + 1;
    while (end < cells.length && together(cells[start], cells[end])) end++;
    yield [start, end, cells[start]];
    start = end;
  }
}

/** Cells that one text element can hold: the same style, and letters not mixed with blocks. */
function sameInk(a: Cell, b: Cell): boolean {
  return same(a.foreground, b.foreground) && a.bold === b.bold && a.faint === b.faint &&
    a.underlined === b.underlined && (isBlock(a) === isBlock(b) || a.text === "" || b.text === "");
}

function isBlock(cell: Cell): boolean {
  return rectanglesOf(cell.text) !== null && cell.text.trim() !== "";
}

function same(a: CellColor, b: CellColor): boolean {
  return String(a) === String(b);
}

/**
 * The words of a run, each character at its own place, so that no font can push a column out of
 * line. A word is an element of its own, because not every viewer heeds the places after the first.
 */
function textOf(cells: readonly Cell[], left: number, top: number, color: Color): string {
  const [{ bold, faint, underlined }] = cells;
  const style = (bold ? ` font-weight="bold"` : "") + (faint ? ` opacity="0.6"` : "") +
    (underlined ? ` text-decoration="underline"` : "");
  const words: string[] = [];
  for (const [start, end, first] of runsOf(cells, (a, b) => isInk(a) && isInk(b))) {
    if (!isInk(first)) continue;
    const places: number[] = [];
    let text = "";
    for (let i = start; i < end; i++) {
      // A wide character is set in the middle of its two cells.
      const shift = cells[i + 1]?.text === "" ? (2 * CELL_WIDTH - FONT_SIZE) / 2 : 0;
      for (const _ of cells[i].text) places.push(round(left + i * CELL_WIDTH + shift));
      text += cells[i].text;
    }
    words.push(
      `<text y="${round(top + CELL_HEIGHT * 0.77)}" x="${places.join(" ")}" ` +
        `fill="${rgb(color)}"${style}>${escaped(text)}</text>`,
    );
  }
  return words.join("\n");
}

/** Whether a cell starts a character that shows; the second half of a wide one does not. */
function isInk(cell: Cell): boolean {
  return cell.text !== "" && cell.text !== " ";
}

function pathsOf(shapes: Map<string, string[]>): string {
  return [...shapes].map(([color, paths]) => `<path fill="${color}" d="${paths.join("")}"/>`).join(
    "\n",
  );
}

function colorOf(color: CellColor, theme: Theme, ink: boolean): Color {
  if (color === null) return ink ? theme.foreground : theme.background;
  return typeof color === "number" ? paletteColor(color, theme.palette) : color;
}

function rgb(color: Color): string {
  return "#" + color.map((value) => value.toString(16).padStart(2, "0")).join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, {
    string: ["columns", "title"],
    boolean: ["light"],
    default: { title: "A terminal" },
  });
  const input = new TextDecoder().decode(await new Response(Deno.stdin.readable).bytes());
  const rows = screenOf(input);
  const columns = Number(options.columns ?? Math.max(...rows.map((row) => row.length)));
  const theme = options.light ? LIGHT : DARK;
  console.log(svgOf(rows, columns, theme, String(options.title)).trimEnd());
}
