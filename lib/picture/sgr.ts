import { type Cells, FLAT, type Glyph } from "./cells.ts";
import type { Colors } from "./palette.ts";

/** The terminal's own colour, after a reset. */
const DEFAULT = -1;
/** No matter which colour: none of it is seen. */
const ANY = -2;

/** The cheapest way found to write a row as far as a certain cell. */
interface Path {
  readonly bytes: number;
  readonly foreground: number;
  readonly background: number;
  readonly text: string;
  readonly previous: Path | null;
}

const START: Path = {
  bytes: 0,
  foreground: DEFAULT,
  background: DEFAULT,
  text: "",
  previous: null,
};

/**
 * Writes cells as text with Select Graphic Rendition sequences (ECMA-48, 8.3.117), in the fewest bytes:
 * colours are set only where they change. A cell can be written in two ways (a glyph, or its inverse
 * with the colours exchanged; a space, or a full block), and which is cheaper depends on the
 * cells around it, so each row is solved as a shortest path through those choices.
 * Each row starts and ends in the terminal's own colours.
 *
 * @param solid the character that is all foreground; null where the set has none
 */
export function encode(
  cells: Cells,
  glyphs: readonly Glyph[],
  colors: Exclude<Colors, "none">,
  solid: string | null = "█",
): string {
  const write = colorWriter(colors);
  let output = "";
  for (let row = 0, cell = 0; row < cells.rows; row++) {
    let paths = [START];
    for (let column = 0; column < cells.columns; column++, cell++) {
      const number = cells.glyph[cell];
      const covered = cells.covered[cell], rest = cells.rest[cell];
      if (number === FLAT || covered === rest) {
        paths = throughFlatCell(paths, rest, solid, write);
      } else {
        const { glyph, inverse } = glyphs[number];
        const plain = cheapest(paths, glyph, covered, rest, write);
        const turned = inverse === null ? [] : [cheapest(paths, inverse, rest, covered, write)];
        paths = [plain, ...turned];
      }
    }
    output += textOf(paths.reduce((a, b) => b.bytes < a.bytes ? b : a)) + "\x1b[m\n";
  }
  return output;
}

/** Goes on from the best of some paths with a character in two colours: what came before is then past. */
function cheapest(
  paths: readonly Path[],
  character: string,
  foreground: number,
  background: number,
  write: ColorWriter,
): Path {
  let previous = paths[0];
  let sgr = write(previous, foreground, background);
  for (let i = 1; i < paths.length; i++) {
    const alternative = write(paths[i], foreground, background);
    if (paths[i].bytes + alternative.length >= previous.bytes + sgr.length) continue;
    previous = paths[i];
    sgr = alternative;
  }
  const bytes = previous.bytes + sgr.length + bytesOf(character);
  return { bytes, foreground, background, text: sgr + character, previous };
}

/** Paths that are kept behind a cell of one colour: more has never been seen to save a byte. */
const KEPT = 6;

/**
 * Goes on with a cell of one colour. The other colour stays set, and may be of use later, so paths that end
 * in different colours are all kept, the shortest first.
 */
function throughFlatCell(
  paths: readonly Path[],
  color: number,
  solid: string | null,
  write: ColorWriter,
): Path[] {
  const next: Path[] = [];
  for (const previous of paths) {
    const { bytes, foreground, background } = previous;
    const paper = write(previous, ANY, color);
    next.push({
      bytes: bytes + paper.length + 1,
      foreground,
      background: color,
      text: paper + " ",
      previous,
    });
    if (solid === null) continue;
    const ink = write(previous, color, ANY);
    next.push({
      bytes: bytes + ink.length + bytesOf(solid),
      foreground: color,
      background,
      text: ink + solid,
      previous,
    });
  }
  next.sort((a, b) => a.bytes - b.bytes);
  const distinct = next.filter((path, i) =>
    next.findIndex((other) => {
      return other.foreground === path.foreground && other.background === path.background;
    }) === i
  );
  return distinct.slice(0, KEPT);
}

/** Bytes of a character in UTF-8: ASCII, the block elements, or the sextants beyond U+FFFF. */
function bytesOf(character: string): number {
  if (character.length === 2) return 4;
  return character.charCodeAt(0) < 0x80 ? 1 : 3;
}

function textOf(end: Path): string {
  const parts: string[] = [];
  for (let path: Path | null = end; path !== null; path = path.previous) parts.push(path.text);
  return parts.reverse().join("");
}

/** The sequence that sets what is not set yet; "" for nothing. */
type ColorWriter = (path: Path, foreground: number, background: number) => string;

function colorWriter(colors: Exclude<Colors, "none">): ColorWriter {
  const parameters = PARAMETERS[colors];
  return (path, foreground, background) => {
    const setsForeground = foreground !== ANY && foreground !== path.foreground;
    const setsBackground = background !== ANY && background !== path.background;
    if (setsForeground && setsBackground) {
      return `\x1b[${parameters(foreground, 30)};${parameters(background, 40)}m`;
    }
    if (setsForeground) return `\x1b[${parameters(foreground, 30)}m`;
    if (setsBackground) return `\x1b[${parameters(background, 40)}m`;
    return "";
  };
}

/** The parameters that set a colour; `base` is 30 for the foreground and 40 for the background. */
const PARAMETERS: Record<Exclude<Colors, "none">, (color: number, base: number) => string> = {
  "truecolor": (color, base) => `${base + 8};2;${color >> 16};${color >> 8 & 255};${color & 255}`,
  "256": (color, base) => `${base + 8};5;${color}`,
  // The bright half has its own range: 90–97 and 100–107.
  "16": (color, base) => `${color < 8 ? base + color : base + 60 + color - 8}`,
};
