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
 */
export function encode(
  cells: Cells,
  glyphs: readonly Glyph[],
  colors: Exclude<Colors, "none">,
): string {
  const write = colorWriter(colors);
  let output = "";
  for (let row = 0, cell = 0; row < cells.rows; row++) {
    // The best path that ends with the glyph as it is, and the best that ends with its inverse.
    let plain: Path = START, turned: Path | null = null;
    for (let column = 0; column < cells.columns; column++, cell++) {
      const number = cells.glyph[cell];
      const covered = cells.covered[cell], rest = cells.rest[cell];
      const flat = number === FLAT || covered === rest;
      const glyph = flat ? " " : glyphs[number].glyph;
      const inverse = flat ? "█" : glyphs[number].inverse;
      const next: Path = cheapest(plain, turned, glyph, flat ? ANY : covered, rest, write);
      turned = inverse === null
        ? null
        : cheapest(plain, turned, inverse, rest, flat ? ANY : covered, write);
      plain = next;
    }
    output += textOf(turned !== null && turned.bytes < plain.bytes ? turned : plain) + "\x1b[m\n";
  }
  return output;
}

/** Goes on from the better of two paths with a character in two colours. */
function cheapest(
  one: Path,
  other: Path | null,
  character: string,
  foreground: number,
  background: number,
  write: ColorWriter,
): Path {
  let previous = one;
  let sgr = write(one, foreground, background);
  if (other !== null) {
    const alternative = write(other, foreground, background);
    if (other.bytes + alternative.length < one.bytes + sgr.length) {
      previous = other;
      sgr = alternative;
    }
  }
  return {
    bytes: previous.bytes + sgr.length + bytesOf(character),
    foreground: foreground === ANY ? previous.foreground : foreground,
    background: background === ANY ? previous.background : background,
    text: sgr + character,
    previous,
  };
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
