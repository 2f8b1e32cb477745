/**
 * The exact shapes of the characters that consist of rectangles: block elements (U+2580–259F),
 * sextants (U+1FB00–1FB3B) and, in the usual proportions, lines (U+2500–257F).
 */

/** Part of a cell, from 0 at the left or top to 1 at the right or bottom. */
export type Rectangle = readonly [left: number, top: number, right: number, bottom: number];

/** The rectangles that a character covers; null where it has another shape. */
export function rectanglesOf(character: string): Rectangle[] | null {
  const code = character.codePointAt(0) ?? 0x20;
  if (code === 0x20 || code === 0xa0) return [];
  if (code >= 0x2580 && code <= 0x259f) return blockElement(code);
  if (code >= 0x1fb00 && code <= 0x1fb3b) return sextant(code);
  const dashes = DASHES.indexOf(character);
  if (dashes >= 0) return dashed(dashes);
  const line = LINES.get(character);
  return line === undefined ? null : lineDrawing(line);
}

function blockElement(code: number): Rectangle[] | null {
  if (code === 0x2580) return [[0, 0, 1, 0.5]];
  if (code <= 0x2588) return [[0, 1 - (code - 0x2580) / 8, 1, 1]];
  if (code <= 0x258f) return [[0, 0, (0x2590 - code) / 8, 1]];
  if (code === 0x2590) return [[0.5, 0, 1, 1]];
  if (code <= 0x2593) return null; // shades
  if (code === 0x2594) return [[0, 0, 1, 1 / 8]];
  if (code === 0x2595) return [[7 / 8, 0, 1, 1]];
  // In the order of the chart; bits: upper left, upper right, lower left, lower right.
  const quadrants = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14][code - 0x2596];
  return grid(quadrants, 2);
}

function sextant(code: number): Rectangle[] {
  let pattern = code - 0x1fb00 + 1;
  if (pattern >= 0b010101) pattern++;
  if (pattern >= 0b101010) pattern++;
  return grid(pattern, 3);
}

/** Two columns and some rows; one bit each, row by row from the top left. */
function grid(bits: number, rows: number): Rectangle[] {
  return Array.from({ length: rows * 2 }, (_, i) => i).filter((i) => bits >> i & 1).map((i) => {
    const x = i % 2, y = Math.floor(i / 2);
    return [x / 2, y / rows, (x + 1) / 2, (y + 1) / rows];
  });
}

/**
 * Dashed lines: across light, across heavy, down light, down heavy; of three, four and two dashes.
 */
const DASHES = "┄┅┆┇┈┉┊┋╌╍╎╏";

function dashed(index: number): Rectangle[] {
  const count = [3, 4, 2][Math.floor(index / 4)];
  const half = index % 2 === 0 ? 1 / 16 : 1 / 8;
  const down = index % 4 >= 2;
  return Array.from({ length: count }, (_, i) => {
    const from = (i + 0.2) / count, to = (i + 0.8) / count;
    return down ? [0.5 - half, from, 0.5 + half, to] : [from, 0.5 - half, to, 0.5 + half];
  });
}

/** Weight of the strokes from the middle: left, up, right, down; 1 light, 2 heavy. */
type Strokes = readonly [number, number, number, number];

const LINES = new Map<string, Strokes>(
  ([
    ["─━", [[1, 0, 1, 0], [2, 0, 2, 0]]],
    ["│┃", [[0, 1, 0, 1], [0, 2, 0, 2]]],
    ["┌┍┎┏", [[0, 0, 1, 1], [0, 0, 2, 1], [0, 0, 1, 2], [0, 0, 2, 2]]],
    ["┐┑┒┓", [[1, 0, 0, 1], [2, 0, 0, 1], [1, 0, 0, 2], [2, 0, 0, 2]]],
    ["└┕┖┗", [[0, 1, 1, 0], [0, 1, 2, 0], [0, 2, 1, 0], [0, 2, 2, 0]]],
    ["┘┙┚┛", [[1, 1, 0, 0], [2, 1, 0, 0], [1, 2, 0, 0], [2, 2, 0, 0]]],
    ["├┝┞┟┠┡┢┣", [
      [0, 1, 1, 1],
      [0, 1, 2, 1],
      [0, 2, 1, 1],
      [0, 1, 1, 2],
      [0, 2, 1, 2],
      [0, 2, 2, 1],
      [0, 1, 2, 2],
      [0, 2, 2, 2],
    ]],
    ["┤┥┦┧┨┩┪┫", [
      [1, 1, 0, 1],
      [2, 1, 0, 1],
      [1, 2, 0, 1],
      [1, 1, 0, 2],
      [1, 2, 0, 2],
      [2, 2, 0, 1],
      [2, 1, 0, 2],
      [2, 2, 0, 2],
    ]],
    ["┬┭┮┯┰┱┲┳", [
      [1, 0, 1, 1],
      [2, 0, 1, 1],
      [1, 0, 2, 1],
      [2, 0, 2, 1],
      [1, 0, 1, 2],
      [2, 0, 1, 2],
      [1, 0, 2, 2],
      [2, 0, 2, 2],
    ]],
    ["┴┵┶┷┸┹┺┻", [
      [1, 1, 1, 0],
      [2, 1, 1, 0],
      [1, 1, 2, 0],
      [2, 1, 2, 0],
      [1, 2, 1, 0],
      [2, 2, 1, 0],
      [1, 2, 2, 0],
      [2, 2, 2, 0],
    ]],
    ["┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋", [
      [1, 1, 1, 1],
      [2, 1, 1, 1],
      [1, 1, 2, 1],
      [2, 1, 2, 1],
      [1, 2, 1, 1],
      [1, 1, 1, 2],
      [1, 2, 1, 2],
      [2, 2, 1, 1],
      [1, 2, 2, 1],
      [2, 1, 1, 2],
      [1, 1, 2, 2],
      [2, 2, 2, 1],
      [2, 1, 2, 2],
      [2, 2, 1, 2],
      [1, 2, 2, 2],
      [2, 2, 2, 2],
    ]],
    ["╴╵╶╷╸╹╺╻╼╽╾╿", [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [2, 0, 0, 0],
      [0, 2, 0, 0],
      [0, 0, 2, 0],
      [0, 0, 0, 2],
      [1, 0, 2, 0],
      [0, 1, 0, 2],
      [2, 0, 1, 0],
      [0, 2, 0, 1],
    ]],
  ] as [string, Strokes[]][]).flatMap(([characters, strokes]) =>
    [...characters].map((character, i): [string, Strokes] => [character, strokes[i]])
  ),
);

/**
 * Light strokes are an eighth of a cell wide, heavy ones a quarter; dashes are drawn as whole
 * lines.
 */
function lineDrawing([left, up, right, down]: Strokes): Rectangle[] {
  const half = (weight: number) => weight / 16;
  const rectangles: Rectangle[] = [];
  if (left > 0) {
    rectangles.push([0, 0.5 - half(left), 0.5 + half(Math.max(up, down)), 0.5 + half(left)]);
  }
  if (right > 0) {
    rectangles.push([0.5 - half(Math.max(up, down)), 0.5 - half(right), 1, 0.5 + half(right)]);
  }
  if (up > 0) {
    rectangles.push([0.5 - half(up), 0, 0.5 + half(up), 0.5 + half(Math.max(left, right))]);
  }
  if (down > 0) {
    rectangles.push([0.5 - half(down), 0.5 - half(Math.max(left, right)), 0.5 + half(down), 1]);
  }
  return rectangles;
}
