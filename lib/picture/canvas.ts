/**
 * Where and how a picture is drawn, and how many cells it takes.
 *
 * @module
 */
import type { Colors } from "./cells/palette.ts";
import type { Rgb } from "./pixels/raster.ts";
import type { SymbolSet } from "./cells/symbols.ts";

/**
 * What there is to say about a picture that is drawn all the same: "damaged" if a part of it is
 * missing, "first-of-sequence" if it is the first of a HEIF or AVIF sequence, which is not played.
 */
export type PictureRemark = "damaged" | "first-of-sequence";

/** Where and how a picture is drawn. */
export interface Canvas {
  /** Cells across that may be used. */
  readonly columns: number;
  /** Cells down that may be used. */
  readonly rows: number;
  /** The characters to draw with. */
  readonly symbols: SymbolSet;
  /** The colours that the terminal shows. */
  readonly colors: Colors;
  /** The colour behind transparent pixels; black by default. */
  readonly background?: Rgb;
  /** Height of a cell divided by its width; 2 by default. */
  readonly cellAspect?: number;
  /** Called with what there is to say about the picture. */
  readonly onRemark?: (remark: PictureRemark) => void;
}

/** The background where a canvas names none. */
export const DARK: Rgb = [0, 0, 0];

/**
 * The cells a picture takes: as many as fit with its proportions kept, at least one. A small
 * picture is enlarged only until each of its pixels is one cell wide; more would show squares, not
 * the picture.
 *
 * @param width pixels across
 * @param height pixels down
 */
export function fitInto(
  canvas: Pick<Canvas, "columns" | "rows" | "cellAspect">,
  width: number,
  height: number,
): { columns: number; rows: number } {
  const aspect = canvas.cellAspect ?? 2;
  const scale = Math.min(canvas.columns / width, canvas.rows * aspect / height, 1);
  const within = (cells: number, most: number) => Math.max(1, Math.min(Math.round(cells), most));
  return {
    columns: within(width * scale, canvas.columns),
    rows: within(height * scale / aspect, canvas.rows),
  };
}
