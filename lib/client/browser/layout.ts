/**
 * Where the tiles of a contact sheet stand: pure arithmetic over the size of the terminal.
 */

/** The size of a terminal, cells. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A sheet: tiles in rows, a line above and a line below. */
export interface SheetLayout {
  readonly across: number;
  readonly down: number;
  /** Size of a tile with its frame, cells. */
  readonly width: number;
  readonly height: number;
  /** Columns from the start of a tile to the next, and of the first one. */
  readonly step: number;
  readonly left: number;
}

/** Lines above and below the tiles. */
const AROUND = 2;

/** The smallest tile with a picture in it. */
const LEAST_WIDTH = 8, LEAST_HEIGHT = 4;

/** Returns the layout, with tiles of about 4:3 that fill the terminal. */
export function sheetLayout({ columns, rows }: TerminalSize): SheetLayout {
  const wanted = columns < 60 ? 16 : columns < 140 ? 19 : 24;
  const across = Math.max(1, Math.floor((columns + 1) / (wanted + 1)));
  const width = Math.max(LEAST_WIDTH, Math.floor((columns + 1) / across) - 1);
  // Cells are about twice as high as wide.
  const proportional = Math.round((width - 2) * 0.75 / 2) + 2;
  const available = Math.max(LEAST_HEIGHT, rows - AROUND);
  const down = Math.max(1, Math.round(available / proportional));
  const height = Math.max(LEAST_HEIGHT, Math.floor(available / down));
  const used = across * (width + 1) - 1;
  return {
    across,
    down: Math.max(1, Math.min(down, Math.floor(available / height))),
    width,
    height,
    step: width + 1,
    left: Math.max(0, Math.floor((columns - used) / 2)),
  };
}

/** Returns the first entry of a sheet that shows `selected`, moved no further than necessary. */
export function scrolled(first: number, selected: number, across: number, down: number): number {
  const row = Math.floor(selected / across);
  let firstRow = Math.floor(first / across);
  if (row < firstRow) firstRow = row;
  if (row >= firstRow + down) firstRow = row - down + 1;
  return firstRow * across;
}
