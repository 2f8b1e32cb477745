/**
 * Where each tile of a folder stands: folders in columns of equal width, then pictures in justified rows,
 * each row as wide as the page and its pictures of one height. Pure arithmetic, so that 10,000 tiles are
 * laid out without touching the page.
 */

/** A tile's place within its row, pixels. */
export interface PlacedTile {
  readonly left: number;
  readonly width: number;
}

/** A row of tiles; `first` is the index of its first tile among all. */
export interface Row {
  readonly top: number;
  readonly height: number;
  readonly first: number;
  readonly tiles: readonly PlacedTile[];
}

/** What a layout is made for. */
export interface LayoutOptions {
  /** Width of the page, pixels. */
  readonly width: number;
  /** Space between tiles, pixels. */
  readonly gap: number;
  /** The height that rows of pictures come close to, pixels. */
  readonly rowHeight: number;
  /** Least width and the height of a folder's tile, pixels. */
  readonly folderWidth: number;
  readonly folderHeight: number;
}

/** Widest and narrowest shape that a tile takes; a panorama is cropped to it. */
const WIDEST = 4, NARROWEST = 0.4;

/**
 * Lays out folders and pictures.
 *
 * @param folders how many folders come first
 * @param shapes width divided by height of each picture
 */
export function layOut(
  folders: number,
  shapes: readonly number[],
  options: LayoutOptions,
): { readonly rows: readonly Row[]; readonly height: number } {
  const rows: Row[] = [];
  const top = layOutFolders(rows, folders, options);
  const height = layOutPictures(rows, top, folders, shapes, options);
  return { rows, height: Math.max(0, height - options.gap) };
}

function layOutFolders(
  rows: Row[],
  count: number,
  { width, gap, folderWidth, folderHeight }: LayoutOptions,
): number {
  const columns = Math.max(1, Math.floor((width + gap) / (folderWidth + gap)));
  const column = (width - gap * (columns - 1)) / columns;
  let top = 0;
  for (let first = 0; first < count; first += columns) {
    const tiles = Array.from(
      { length: Math.min(columns, count - first) },
      (_, index) => ({ left: index * (column + gap), width: column }),
    );
    rows.push({ top, height: folderHeight, first, tiles });
    top += folderHeight + gap;
  }
  return top;
}

function layOutPictures(
  rows: Row[],
  top: number,
  offset: number,
  shapes: readonly number[],
  { width, gap, rowHeight }: LayoutOptions,
): number {
  const shape = (index: number) => Math.min(WIDEST, Math.max(NARROWEST, shapes[index]));
  for (let first = 0; first < shapes.length;) {
    let end = first;
    let sum = 0;
    // Adds pictures until the row, at its wished height, is as wide as the page.
    while (end < shapes.length && sum * rowHeight + gap * (end - first - 1) < width) {
      sum += shape(end++);
    }
    const justified = (width - gap * (end - first - 1)) / sum;
    // The last row is not stretched.
    const height = Math.min(justified, end === shapes.length ? rowHeight : justified);
    const tiles: PlacedTile[] = [];
    let left = 0;
    for (let index = first; index < end; index++) {
      const tileWidth = shape(index) * height;
      tiles.push({ left, width: tileWidth });
      left += tileWidth + gap;
    }
    rows.push({ top, height, first: offset + first, tiles });
    top += height + gap;
    first = end;
  }
  return top;
}

/** The index of the first row that ends below `y`; the number of rows if none does. */
export function rowAt(rows: readonly Row[], y: number): number {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].top + rows[middle].height > y) high = middle;
    else low = middle + 1;
  }
  return low;
}
