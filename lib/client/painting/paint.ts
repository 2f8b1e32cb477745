/**
 * Paints pictures into boxes of cells. Runs in a Worker: see `Painter`.
 */
import {
  CloseUp,
  type Colors,
  draw,
  drawPixels,
  fitInto,
  type GraphicsProtocol,
  identify,
  type PixelCanvas,
  type Rectangle,
  type Size,
  type SymbolSet,
} from "../../picture/mod.ts";

/** A box of cells. */
export interface Box {
  readonly columns: number;
  readonly rows: number;
}

/** A part of a picture, and the cells that it fills. */
export interface PictureWindow extends Box {
  /** In pixels of the upright picture. */
  readonly part: Rectangle;
}

/** With what pictures are painted. */
export interface PaintStyle {
  readonly symbols: SymbolSet;
  readonly colors: Colors;
  /** The terminal's own pixels; null for characters. */
  readonly graphics: Graphics | null;
}

/** A protocol, and the size of a cell in pixels. */
export interface Graphics {
  readonly protocol: GraphicsProtocol;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/** A picture as rows of text, all of the same width; blank under pixels. */
export interface Painted {
  readonly rows: readonly string[];
  readonly columns: number;
  /** What draws it over the rows with the terminal's own pixels; without it, the rows show it. */
  readonly pixels?: PaintedPixels;
}

/** A picture in the terminal's own pixels. */
export interface PaintedPixels {
  /** Draws it with its upper left corner where the cursor is. */
  readonly text: string;
  /** What the kitty protocol names it by; null in a protocol that draws into the cells. */
  readonly id: number | null;
}

/**
 * The most pixels of a picture on the whole screen: those of 1920 × 1080. More takes a terminal
 * longer than a key should.
 */
export const VIEW_PIXELS = 1920 * 1080;

/**
 * Paints a picture, no larger than a box.
 *
 * @param id what the kitty protocol is to name it by
 * @throws {PictureError} if it cannot be drawn
 */
export async function paintWhole(
  bytes: Uint8Array,
  box: Box,
  style: PaintStyle,
  id: number,
): Promise<Painted> {
  const { graphics, symbols, colors } = style;
  const size = graphics && identify(bytes);
  if (!size) return paintedText(await draw(bytes, { ...box, symbols, colors }));
  const cellAspect = graphics.cellHeight / graphics.cellWidth;
  const cells = fitInto({ ...box, cellAspect }, size.width, size.height);
  const maxPixels = mostPixels(graphics, size);
  return await paintPixels(
    graphics,
    cells,
    id,
    (canvas) => drawPixels(bytes, { ...canvas, maxPixels }),
  );
}

/** A terminal enlarges pictures better than more pixels of the same do, except for sixels. */
function mostPixels({ protocol }: Graphics, { width, height }: Size): number {
  return protocol === "sixel" ? VIEW_PIXELS : Math.min(VIEW_PIXELS, width * height);
}

/**
 * Paints a part of a picture on all of its cells.
 *
 * @param id what the kitty protocol is to name it by
 * @throws {PictureError} if it cannot be drawn
 */
export async function paintPart(
  closeUp: CloseUp,
  { part, columns, rows }: PictureWindow,
  { graphics, symbols, colors }: PaintStyle,
  id: number,
): Promise<Painted> {
  const box = { columns, rows };
  return graphics === null
    ? paintedText(await closeUp.draw({ ...box, symbols, colors }, part))
    : await paintPixels(graphics, box, id, (canvas) => closeUp.drawPixels(canvas, part));
}

async function paintPixels(
  graphics: Graphics,
  { columns, rows }: Box,
  id: number,
  draw: (canvas: PixelCanvas) => Promise<string>,
): Promise<Painted> {
  const isNamed = graphics.protocol === "kitty";
  const canvas = { ...graphics, columns, rows, maxPixels: VIEW_PIXELS };
  const text = await draw(isNamed ? { ...canvas, imageId: id } : canvas);
  return {
    rows: Array(rows).fill(" ".repeat(columns)),
    columns,
    pixels: { text: text.replace(/\n$/, ""), id: isNamed ? id : null },
  };
}

/** Divides the text of a picture into rows of the same width. */
function paintedText(text: string): Painted {
  const rows = text.replace(/\n$/, "").split("\n");
  // deno-lint-ignore no-control-regex -- SGR sequences take no column
  const widths = rows.map((row) => Array.from(row.replace(/\x1b\[[0-9;:]*m/g, "")).length);
  const columns = Math.max(...widths);
  // Without colours, the spaces at the end of a row are left out.
  return { rows: rows.map((row, i) => row + " ".repeat(columns - widths[i])), columns };
}

/** Pixels of a cell that a picture in characters is painted from. */
const CELL: Size = { width: 8, height: 16 };

/**
 * Returns the pixels that a picture in a box of cells is painted from, so that more would not make
 * it sharper.
 *
 * @param picture its size, upright; null if not known
 */
export function pixelsFor(box: Box, { graphics }: PaintStyle, picture: Size | null): Size {
  const cell = graphics === null
    ? CELL
    : { width: graphics.cellWidth, height: graphics.cellHeight };
  const cellAspect = cell.height / cell.width;
  const { columns, rows } = picture === null
    ? box
    : fitInto({ ...box, cellAspect }, picture.width, picture.height);
  const width = columns * cell.width, height = rows * cell.height;
  const scale = graphics === null ? 1 : Math.min(1, Math.sqrt(VIEW_PIXELS / (width * height)));
  return { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
}
