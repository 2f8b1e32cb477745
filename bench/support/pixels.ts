/** Pixels for the benchmarks of pictures. */
import type { Grid } from "./grid.ts";
import { rectanglesOf } from "../../tools/screens/cell_shape.ts";
import { type CellColor, paletteColor, screenOf } from "../../tools/screens/terminal_screen.ts";

/**
 * Pixels of a cell: eighths across, and down a number that halves, thirds and eighths all divide.
 */
export const ACROSS = 8, DOWN = 24;

/** The first sixteen colours that pictures are judged with. */
const FIRST: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [128, 0, 0],
  [0, 128, 0],
  [128, 128, 0],
  [0, 0, 128],
  [128, 0, 128],
  [0, 128, 128],
  [192, 192, 192],
  [128, 128, 128],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [0, 0, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

const masks = new Map<string, Uint8Array>();

/** Which of a cell's pixels a character covers. */
export function maskOf(character: string): Uint8Array {
  let mask = masks.get(character);
  if (mask === undefined) masks.set(character, mask = paintMask(character));
  return mask;
}

function paintMask(character: string): Uint8Array {
  const mask = new Uint8Array(ACROSS * DOWN);
  const diagonal = "╱╲╳".indexOf(character);
  const rectangles = rectanglesOf(character);
  if (rectangles === null && diagonal < 0) throw new Error(`No shape is known for ${character}`);
  for (let i = 0; i < mask.length; i++) {
    const x = (i % ACROSS + 0.5) / ACROSS, y = (Math.floor(i / ACROSS) + 0.5) / DOWN;
    const covered = rectangles === null
      ? (diagonal !== 1 && Math.abs(1 - y - x) < 0.1) || (diagonal !== 0 && Math.abs(y - x) < 0.1)
      : rectangles.some(([left, top, right, bottom]) =>
        x > left && x < right && y > top && y < bottom
      );
    if (covered) mask[i] = 1;
  }
  return mask;
}

/** What a terminal shows of a text: pixels, white on black where nothing else is said. */
export function pixelsOf(text: string): Grid {
  const rows = screenOf(text);
  const columns = Math.max(...rows.map((row) => row.length));
  const width = columns * ACROSS, height = rows.length * DOWN;
  const data = new Float32Array(width * height * 3);
  rows.forEach((cells, row) => {
    for (let column = 0; column < columns; column++) {
      const cell = cells[column];
      const colors = [
        rgb(cell?.background ?? null, [0, 0, 0]),
        rgb(cell?.foreground ?? null, [255, 255, 255]),
      ];
      const mask = maskOf(cell?.text ?? " ");
      for (let i = 0; i < mask.length; i++) {
        const x = column * ACROSS + i % ACROSS, y = row * DOWN + Math.floor(i / ACROSS);
        data.set(colors[mask[i]], (y * width + x) * 3);
      }
    }
  });
  return { width, height, data };
}

function rgb(color: CellColor, own: readonly number[]): readonly number[] {
  if (color === null) return own;
  return typeof color === "number" ? paletteColor(color, FIRST) : color;
}
