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
  /** Columns from the start of a tile to the next. */
  readonly step: number;
  /** Empty columns and rows before the first one; the line above is not counted. */
  readonly left: number;
  readonly top: number;
}

/** Lines above and below the tiles. */
const AROUND = 2;

/** Cells that the frame of a tile takes, in both directions. */
const FRAME = 2;

/** The smallest tile with a picture in it. */
const LEAST_WIDTH = 8, LEAST_HEIGHT = 4;

/** Rows of a picture of 4:3 for each of its columns: cells are about twice as high as wide. */
const ROWS_OF_COLUMN = 0.75 / 2;

/** The width that a picture should have, in a terminal of so many columns. */
function wantedWidth(columns: number): number {
  return columns < 60 ? 14 : columns < 140 ? 17 : 22;
}

/**
 * What counts against a layout, beside empty rows and columns: each halving and each doubling of
 * the wanted width, and what a picture of 4:3 leaves empty in its tile.
 */
const TOO_SMALL = 0.5, TOO_LARGE = 0.6, BARE = 0.8, EMPTY = 1.5;

/** What counts against a layout with places that stay empty. */
const UNFILLED = 0.6;

/**
 * Returns the layout with tiles of about 4:3 that fills the terminal best.
 *
 * @param count entries there are: a few have larger tiles
 */
export function sheetLayout({ columns, rows }: TerminalSize, count = Infinity): SheetLayout {
  const available = Math.max(LEAST_HEIGHT, rows - AROUND);
  const mostDown = Math.floor(available / LEAST_HEIGHT);
  const mostAcross = Math.max(1, Math.floor((columns + 1) / (LEAST_WIDTH + 1)));
  let best = { across: 1, down: 1 }, least = Infinity;
  for (let down = 1; down <= mostDown; down++) {
    for (let across = 1; across <= mostAcross; across++) {
      const waste = wasteOf({ across, down, count }, { columns, rows: available });
      if (waste < least) [best, least] = [{ across, down }, waste];
    }
  }
  const width = Math.max(LEAST_WIDTH, widthOf(best.across, columns));
  const left = Math.max(0, Math.floor((columns + 1 - best.across * (width + 1)) / 2));
  const height = Math.floor(available / best.down);
  const top = Math.floor((available - best.down * height) / 2);
  return { ...best, width, height, step: width + 1, left, top };
}

/** The width of tiles that stand beside each other with a column between them. */
function widthOf(across: number, columns: number): number {
  return Math.floor((columns + 1) / across) - 1;
}

function wasteOf(
  { across, down, count }: { across: number; down: number; count: number },
  { columns, rows }: TerminalSize,
): number {
  const width = widthOf(across, columns) - FRAME, height = Math.floor(rows / down) - FRAME;
  const shown = Math.min(width, height / ROWS_OF_COLUMN);
  // One empty row looks well above the line at the bottom.
  const empty = Math.max(0, rows - down * (height + FRAME) - 1) / rows +
    (columns + 1 - across * (width + FRAME + 1)) / columns;
  const bare = 1 - shown * shown * ROWS_OF_COLUMN / (width * height);
  const steps = Math.log2(width / wantedWidth(columns));
  const unfilled = 1 - Math.max(1, count) / (across * down);
  // What shows everything cannot be too large.
  const size = steps < 0 ? -TOO_SMALL * steps : unfilled < 0 ? TOO_LARGE * steps : 0;
  return EMPTY * empty + BARE * bare + UNFILLED * Math.max(0, unfilled) + size;
}

/**
 * Returns the first entry of a sheet that shows `selected`, moved no further than necessary. No
 * rows stay empty while entries before them could stand there.
 *
 * @param count of entries
 */
export function scrolled(
  { first, selected, count }: { first: number; selected: number; count: number },
  across: number,
  down: number,
): number {
  const row = Math.floor(selected / across);
  const last = Math.max(0, Math.ceil(count / across) - down);
  let firstRow = Math.min(last, Math.floor(first / across));
  if (row < firstRow) firstRow = row;
  if (row >= firstRow + down) firstRow = row - down + 1;
  return firstRow * across;
}
