import type { Raster } from "./raster.ts";

/** Averages over the areas of a regular grid, RGB, each component 0–255 and not rounded. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` components. */
  readonly data: Float32Array;
}

/**
 * Averages a raster over a grid of `width` × `height` equal areas. A pixel that two areas share counts
 * in both by the part that lies in each, so the result is the exact area average for any two sizes,
 * larger or smaller. The average is of the stored (gamma-encoded) values, because that is what a
 * terminal's colours and the usual measures of likeness are made of.
 */
export function average(raster: Raster, width: number, height: number): Grid {
  const { channels } = raster;
  const stride = raster.width * channels;
  const sums = new Float32Array(stride);
  const data = new Float32Array(width * height * 3);
  const across = spans(raster.width, width);
  const down = spans(raster.height, height);
  const scale = (width / raster.width) * (height / raster.height);
  for (let y = 0; y < height; y++) {
    const firstRow = down.first[y], lastRow = down.last[y];
    addRow(raster.data, firstRow * stride, sums, down.firstPart[y], true);
    for (let row = firstRow + 1; row <= lastRow; row++) {
      addRow(raster.data, row * stride, sums, row === lastRow ? down.lastPart[y] : 1, false);
    }
    const to = y * width * 3;
    if (channels === 3) sumColumns3(sums, across, scale, data, to);
    else sumColumns1(sums, across, scale, data, to);
  }
  return { width, height, data };
}

/** Which pixels each area covers along one axis: the first and last, and how much of those two. */
interface Spans {
  first: Int32Array;
  last: Int32Array;
  firstPart: Float32Array;
  lastPart: Float32Array;
}

function spans(pixels: number, areas: number): Spans {
  const first = new Int32Array(areas), last = new Int32Array(areas);
  const firstPart = new Float32Array(areas), lastPart = new Float32Array(areas);
  for (let i = 0; i < areas; i++) {
    // In units of 1/areas of a pixel, so that every bound is an exact integer.
    const start = i * pixels, end = start + pixels;
    first[i] = Math.floor(start / areas);
    last[i] = Math.ceil(end / areas) - 1;
    firstPart[i] = (Math.min(end, (first[i] + 1) * areas) - start) / areas;
    lastPart[i] = (end - last[i] * areas) / areas;
  }
  return { first, last, firstPart, lastPart };
}

function addRow(
  from: Uint8Array,
  offset: number,
  sums: Float32Array,
  part: number,
  fresh: boolean,
): void {
  const length = sums.length;
  if (fresh) { for (let i = 0; i < length; i++) sums[i] = part * from[offset + i]; }
  else for (let i = 0; i < length; i++) sums[i] += part * from[offset + i];
}

function sumColumns3(
  sums: Float32Array,
  { first, last, firstPart, lastPart }: Spans,
  scale: number,
  data: Float32Array,
  to: number,
): void {
  for (let x = 0; x < first.length; x++) {
    const end = last[x] * 3;
    let i = first[x] * 3;
    let part = firstPart[x];
    let red = part * sums[i], green = part * sums[i + 1], blue = part * sums[i + 2];
    if (i < end) {
      for (i += 3; i < end; i += 3) {
        red += sums[i];
        green += sums[i + 1];
        blue += sums[i + 2];
      }
      part = lastPart[x];
      red += part * sums[i];
      green += part * sums[i + 1];
      blue += part * sums[i + 2];
    }
    data[to++] = red * scale;
    data[to++] = green * scale;
    data[to++] = blue * scale;
  }
}

function sumColumns1(
  sums: Float32Array,
  { first, last, firstPart, lastPart }: Spans,
  scale: number,
  data: Float32Array,
  to: number,
): void {
  for (let x = 0; x < first.length; x++) {
    const end = last[x];
    let i = first[x];
    let grey = firstPart[x] * sums[i];
    if (i < end) {
      for (i++; i < end; i++) grey += sums[i];
      grey += lastPart[x] * sums[i];
    }
    grey *= scale;
    data[to++] = grey;
    data[to++] = grey;
    data[to++] = grey;
  }
}
