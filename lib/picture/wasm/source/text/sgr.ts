/**
 * Cells as text with Select Graphic Rendition sequences (ECMA-48, 8.3.117), in the fewest bytes:
 * colours are set only where they change. A cell can be written in two ways (a glyph, or its
 * inverse with the colours exchanged; a space, or a full block), and which is cheaper depends on
 * the cells around it, so each row is solved as a shortest path through those choices.
 */
import { CELL, FLAT } from "../cells/cells.ts";
import { ANY, openSequences, putReset, putSequence, sequenceBytes } from "./sgr_sequence.ts";
import { characterBytes, endText, moveTo, position, putCharacter, startText } from "./text.ts";

/** The terminal's own colour, after a reset. */
const DEFAULT: i32 = -1;

const SPACE: i32 = 0x20;

/** Paths that are kept behind a cell of one colour: more has never been seen to save a byte. */
const KEPT = 6;

/**
 * Bytes that a cell takes at most, two true colours and four bytes of UTF-8; and the end of a row.
 */
const CELL_BYTES = 40, END_BYTES = 4;

/** The cheapest way found to write a row as far as a certain cell. */
@unmanaged
class Path {
  bytes: i32;
  foreground: i32;
  background: i32;
  /** The last character. */
  character: i32;
  /** The way as far as the cell before; null at the start of the row. */
  previous: Path | null;
}

/** Paths of the row at hand: where they begin, and where the next one goes. */
let paths: usize = 0;
let nextPath: usize = 0;
/**
 * Paths as far as the cell at hand, the shortest first: those before it, and those that go through
 * it.
 */
let before: usize = 0;
let beforeCount: i32 = 0;
let after: usize = 0;
let afterCount: i32 = 0;

/**
 * Writes cells. Each row starts and ends in the terminal's own colours.
 *
 * @param cells three 32-bit integers each, as `fit` gives them
 * @param characters for each glyph its code point and that of its inverse, or 0 if it has none;
 * 32-bit integers
 * @param solid the code point of the character that is all foreground; 0 if the set has none
 * @param colors 16, 256, or more for true colour
 * @returns the address of the text's length, a 32-bit integer, behind which the text stands
 */
export function encode(
  cells: usize,
  columns: i32,
  rows: i32,
  characters: usize,
  solid: i32,
  colors: i32,
): usize {
  startText(rows * (columns * CELL_BYTES + END_BYTES));
  openSequences(colors);
  paths = heap.alloc((1 + columns * 2 * KEPT) * offsetof<Path>());
  before = heap.alloc(2 * KEPT * sizeof<usize>());
  after = heap.alloc(2 * KEPT * sizeof<usize>());
  for (let row = 0; row < rows; row++) {
    startRow();
    for (let column = 0; column < columns; column++, cells += CELL) {
      const glyph = load<i32>(cells), covered = load<i32>(cells, 4), rest = load<i32>(cells, 8);
      afterCount = 0;
      if (glyph === FLAT || covered === rest) throughFlatCell(rest, solid);
      else throughGlyphCell(characters + glyph * 8, covered, rest);
      const spent = before;
      before = after;
      beforeCount = afterCount;
      after = spent;
    }
    writeRow();
  }
  return endText();
}

function startRow(): void {
  nextPath = paths;
  beforeCount = 1;
  store<usize>(before, changetype<usize>(newPath(null, 0, DEFAULT, DEFAULT, 0)));
}

function newPath(
  previous: Path | null,
  bytes: i32,
  foreground: i32,
  background: i32,
  character: i32,
): Path {
  const path = changetype<Path>(nextPath);
  nextPath += offsetof<Path>();
  path.previous = previous;
  path.bytes = bytes;
  path.foreground = foreground;
  path.background = background;
  path.character = character;
  return path;
}

function pathBefore(i: i32): Path {
  return changetype<Path>(load<usize>(before + i * sizeof<usize>()));
}

function pathAfter(i: i32): Path {
  return changetype<Path>(load<usize>(after + i * sizeof<usize>()));
}

/** Bytes of the sequence that a path goes on with. */
function bytesOn(path: Path, foreground: i32, background: i32): i32 {
  return sequenceBytes(foreground, background, path.foreground, path.background);
}

/** Goes on with a cell in two colours. */
export function throughGlyphCell(characters: usize, covered: i32, rest: i32): void {
  goOn(load<i32>(characters), covered, rest);
  const inverse = load<i32>(characters, 4);
  if (inverse !== 0) goOn(inverse, rest, covered);
}

/** Goes on from the best path with a character in two colours: what came before is then past. */
function goOn(character: i32, foreground: i32, background: i32): void {
  let best = pathBefore(0);
  let minimum = best.bytes + bytesOn(best, foreground, background);
  for (let i = 1; i < beforeCount; i++) {
    const path = pathBefore(i);
    const bytes = path.bytes + bytesOn(path, foreground, background);
    if (bytes >= minimum) continue;
    minimum = bytes;
    best = path;
  }
  const bytes = minimum + characterBytes(character);
  const path = newPath(best, bytes, foreground, background, character);
  store<usize>(after + afterCount++ * sizeof<usize>(), changetype<usize>(path));
}

/**
 * Goes on with a cell of one colour. The other colour stays set, and may be of use later, so paths
 * that end in different colours are all kept, the shortest first.
 */
export function throughFlatCell(color: i32, solid: i32): void {
  for (let i = 0; i < beforeCount; i++) {
    const path = pathBefore(i);
    keep(path, path.bytes + bytesOn(path, ANY, color) + 1, path.foreground, color, SPACE);
    if (solid === 0) continue;
    const bytes = path.bytes + bytesOn(path, color, ANY) + characterBytes(solid);
    keep(path, bytes, color, path.background, solid);
  }
  afterCount = min(afterCount, KEPT);
}

/** Puts a path among those that are kept, unless one that ends in the same colours is as short. */
function keep(
  previous: Path,
  bytes: i32,
  foreground: i32,
  background: i32,
  character: i32,
): void {
  let place = afterCount;
  for (let i = 0; i < afterCount; i++) {
    const other = pathAfter(i);
    if (bytes < other.bytes && i < place) place = i;
    if (other.foreground !== foreground || other.background !== background) continue;
    if (bytes >= other.bytes) return;
    remove(i);
    break;
  }
  for (let i = afterCount++; i > place; i--) {
    store<usize>(after + i * sizeof<usize>(), changetype<usize>(pathAfter(i - 1)));
  }
  const path = newPath(previous, bytes, foreground, background, character);
  store<usize>(after + place * sizeof<usize>(), changetype<usize>(path));
}

function remove(place: i32): void {
  afterCount--;
  for (let i = place; i < afterCount; i++) {
    store<usize>(after + i * sizeof<usize>(), changetype<usize>(pathAfter(i + 1)));
  }
}

/** Writes the shortest path, and the reset at the end of the row. */
function writeRow(): void {
  let best = pathBefore(0);
  for (let i = 1; i < beforeCount; i++) {
    if (pathBefore(i).bytes < best.bytes) best = pathBefore(i);
  }
  // From its end to its start: how far on each step stands is known.
  const start = position();
  let path = best;
  for (let previous = path.previous; previous !== null; previous = path.previous) {
    moveTo(start + previous.bytes);
    putSequence(path.foreground, path.background, previous.foreground, previous.background);
    putCharacter(path.character);
    path = previous;
  }
  moveTo(start + best.bytes);
  putReset();
}
