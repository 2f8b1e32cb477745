/** A way to divide a cell between two colours, as far as writing it goes. */
export interface Glyph {
  /** The character that shows the covered part in the foreground colour. */
  readonly glyph: string;
  /** The character that shows the rest in the foreground colour, where there is one. */
  readonly inverse: string | null;
}

/** Cells with what to paint in them. A colour is 0xRRGGBB, or a number of the palette in use. */
export interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** Which glyph of the set each cell takes, or `FLAT`. */
  readonly glyph: Int16Array;
  /** The colour of the covered part. */
  readonly covered: Int32Array;
  /** The colour of the rest. */
  readonly rest: Int32Array;
}

/** In place of a glyph: the whole cell has the colour of `rest`. */
export const FLAT = -1;

/** Cells to be filled in, flat and black for now. */
export function blankCells(columns: number, rows: number): Cells {
  const count = columns * rows;
  return {
    columns,
    rows,
    glyph: new Int16Array(count).fill(FLAT),
    covered: new Int32Array(count),
    rest: new Int32Array(count),
  };
}
