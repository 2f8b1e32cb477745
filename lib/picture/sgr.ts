import type { Colors } from "./palette.ts";
import type { BlockSet } from "./symbols.ts";
import { FLAT } from "./fit.ts";

/** Cells with their final colours: 0xRRGGBB for true colour, else the number in the palette. */
export interface PaintedCells {
  readonly columns: number;
  readonly rows: number;
  /** Which split of the set each cell takes, or `FLAT`. */
  readonly split: Int16Array;
  /** The colour of the covered part. */
  readonly covered: Int32Array;
  /** The colour of the rest. */
  readonly rest: Int32Array;
}

/** The terminal's own colour, after a reset. */
const DEFAULT = -1;
/** No matter which colour: none of it is seen. */
const ANY = -2;

/** A way to write a cell. */
interface Option {
  text: string;
  foreground: number;
  background: number;
}

/** The cheapest way found to write a row as far as a certain cell. */
interface Path {
  bytes: number;
  foreground: number;
  background: number;
  text: string;
  previous: Path | null;
}

/**
 * Writes cells as text with Select Graphic Rendition sequences (ECMA-48, 8.3.117), in the fewest bytes:
 * colours are set only where they change. A cell can be written in two ways (a glyph, or its inverse
 * with the colours exchanged; a space, or a full block), and which is cheaper depends on the
 * cells around it, so each row is solved as a shortest path through those choices.
 * Each row starts and ends in the terminal's own colours.
 */
export function encode(
  cells: PaintedCells,
  set: BlockSet,
  colors: Exclude<Colors, "none">,
): string {
  const setForeground = sequences(colors, 30), setBackground = sequences(colors, 40);
  const change = (path: Path, option: Option): string => {
    const fg = option.foreground !== ANY && option.foreground !== path.foreground
      ? setForeground(option.foreground)
      : "";
    const bg = option.background !== ANY && option.background !== path.background
      ? setBackground(option.background)
      : "";
    if (fg === "" && bg === "") return "";
    return `\x1b[${fg}${fg !== "" && bg !== "" ? ";" : ""}${bg}m`;
  };
  let output = "";
  for (let row = 0, cell = 0; row < cells.rows; row++) {
    let paths: Path[] = [
      { bytes: 0, foreground: DEFAULT, background: DEFAULT, text: "", previous: null },
    ];
    for (let column = 0; column < cells.columns; column++, cell++) {
      paths = optionsOf(cells, cell, set).map((option) => {
        let best: Path | null = null;
        for (const path of paths) {
          const sgr = change(path, option);
          const bytes = path.bytes + sgr.length + (option.text === " " ? 1 : 3);
          if (best !== null && best.bytes <= bytes) continue;
          best = {
            bytes,
            foreground: option.foreground === ANY ? path.foreground : option.foreground,
            background: option.background === ANY ? path.background : option.background,
            text: sgr + option.text,
            previous: path,
          };
        }
        return best!;
      });
    }
    output += textOf(paths.reduce((a, b) => b.bytes < a.bytes ? b : a)) + "\x1b[m\n";
  }
  return output;
}

function optionsOf(cells: PaintedCells, cell: number, set: BlockSet): Option[] {
  const split = cells.split[cell], covered = cells.covered[cell], rest = cells.rest[cell];
  if (split === FLAT || covered === rest) {
    return [
      { text: " ", foreground: ANY, background: rest },
      { text: "█", foreground: rest, background: ANY },
    ];
  }
  const { glyph, inverse } = set.splits[split];
  const plain = { text: glyph, foreground: covered, background: rest };
  if (inverse === null) return [plain];
  return [plain, { text: inverse, foreground: rest, background: covered }];
}

function textOf(end: Path): string {
  const parts: string[] = [];
  for (let path: Path | null = end; path !== null; path = path.previous) parts.push(path.text);
  return parts.reverse().join("");
}

/** The parameters that set a colour; `base` is 30 for the foreground and 40 for the background. */
function sequences(colors: Exclude<Colors, "none">, base: 30 | 40): (color: number) => string {
  switch (colors) {
    case "truecolor":
      return (color) => `${base + 8};2;${color >> 16};${color >> 8 & 255};${color & 255}`;
    case "256":
      return (color) => `${base + 8};5;${color}`;
    case "16": // the bright half has its own range, 90–97 and 100–107
      return (color) => `${color < 8 ? base + color : base + 60 + color - 8}`;
  }
}
