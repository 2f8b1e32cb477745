/**
 * The rows of a PNG: inflated and unfiltered.
 *
 * @module
 */
import { inflate } from "../inflate.ts";
import { pauses } from "../yielding.ts";

/** Compressed rows of a PNG. */
export interface PngData {
  /** Bits a pixel. */
  readonly bits: number;
  /** The contents of the chunks. */
  readonly data: readonly Uint8Array[];
  /** Compressed bytes to inflate at a time. */
  readonly piece: number;
}

/**
 * Inflates a PNG's data (PNG, third edition, clause 10), undoes the filters (clause 9) and hands
 * over row after row, pass after pass. The row is only lent.
 *
 * @param passes the size of each pass
 * @throws {Error} if the data end early or are damaged
 */
export async function pngRows(
  image: PngData,
  passes: readonly { readonly width: number; readonly height: number }[],
  take: (row: Uint8Array, pass: number, y: number) => void,
): Promise<void> {
  const reader = inflate(image.data, image.piece).getReader();
  const pause = pauses();
  let chunk: Uint8Array = new Uint8Array(0);
  let used = 0;
  // Filters look back by whole pixels, or by one byte where those are smaller.
  const back = Math.max(1, image.bits >> 3);
  for (let pass = 0; pass < passes.length; pass++) {
    const { width, height } = passes[pass];
    if (width === 0) continue;
    const length = Math.ceil(width * image.bits / 8);
    // In front of each row there are pixels of zeros: the left neighbours of its first pixel.
    let row = new Uint8Array(back + length), above = new Uint8Array(back + length);
    for (let y = 0; y < height; y++) {
      let filter = -1;
      for (let filled = 0; filled < length;) {
        while (used === chunk.length) {
          const { value, done } = await reader.read();
          if (done) throw new Error("The picture's data end early");
          chunk = value;
          used = 0;
        }
        if (filter < 0) filter = chunk[used++];
        const piece = chunk.subarray(used, used + length - filled);
        row.set(piece, back + filled);
        filled += piece.length;
        used += piece.length;
      }
      unfilter(filter, row, above, back);
      take(row.subarray(back), pass, y);
      await pause();
      [row, above] = [above, row];
    }
  }
  // Anything beyond the last row is not looked at.
  await reader.cancel();
}

/** Undoes a filter in place (PNG 9.2); `row` and `above` begin with `back` zeros. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, back: number): void {
  const end = row.length;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = back; i < end; i++) row[i] += row[i - back];
      return;
    case 2:
      for (let i = back; i < end; i++) row[i] += above[i];
      return;
    case 3:
      for (let i = back; i < end; i++) row[i] += (row[i - back] + above[i]) >> 1;
      return;
    case 4:
      for (let i = back; i < end; i++) {
        row[i] += paeth(row[i - back], above[i], above[i - back]);
      }
      return;
    default:
      throw new Error("A row has an unknown filter");
  }
}

/** Of left, above and above left (`corner`) the one nearest to left + above - corner: PNG 9.4. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner), toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
