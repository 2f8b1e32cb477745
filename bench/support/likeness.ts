/** How alike two grids of pixels look. */
import { averaged, type Grid } from "./grid.ts";

/**
 * Peak signal-to-noise ratio of two pictures of one size, in decibels, over all three components.
 */
export function psnr(a: Grid, b: Grid): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2;
  return 10 * Math.log10(255 * 255 * a.data.length / sum);
}

/**
 * Structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004) of the luma of two pictures: the
 * mean over windows of 11 × 11 pixels with Gaussian weights of 1.5 pixels.
 */
export function ssim(a: Grid, b: Grid): number {
  const { width, height } = a;
  const x = luma(a), y = luma(b);
  const product = (p: Float64Array, q: Float64Array) => p.map((value, i) => value * q[i]);
  const blurred = (values: Float64Array) => blur(values, width, height);
  const mx = blurred(x), my = blurred(y);
  const xx = blurred(product(x, x)), yy = blurred(product(y, y)), xy = blurred(product(x, y));
  let sum = 0;
  for (let i = 0; i < mx.length; i++) sum += similarity(mx[i], my[i], xx[i], yy[i], xy[i]);
  return sum / mx.length;
}

/**
 * Structural similarity of the luma within each cell, the mean of all cells: windows of `across` ×
 * `down` pixels, side by side, each pixel of the same weight. Where `ssim` judges the picture, this
 * judges what each character shows.
 */
export function ssimInCells(a: Grid, b: Grid, across: number, down: number): number {
  const x = luma(a), y = luma(b);
  const pixels = across * down;
  let sum = 0, cells = 0;
  for (let top = 0; top + down <= a.height; top += down) {
    for (let left = 0; left + across <= a.width; left += across) {
      let sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
      for (let i = 0; i < pixels; i++) {
        const at = (top + Math.floor(i / across)) * a.width + left + i % across;
        sx += x[at];
        sy += y[at];
        sxx += x[at] ** 2;
        syy += y[at] ** 2;
        sxy += x[at] * y[at];
      }
      const mx = sx / pixels, my = sy / pixels;
      sum += similarity(mx, my, sxx / pixels, syy / pixels, sxy / pixels);
      cells++;
    }
  }
  return sum / cells;
}

/** The formula of SSIM, of a window's means: of both pictures, their squares and their product. */
function similarity(mx: number, my: number, xx: number, yy: number, xy: number): number {
  const c1 = (0.01 * 255) ** 2, c2 = (0.03 * 255) ** 2;
  const covariance = xy - mx * my;
  const variances = xx - mx ** 2 + yy - my ** 2;
  return (2 * mx * my + c1) * (2 * covariance + c2) / ((mx ** 2 + my ** 2 + c1) * (variances + c2));
}

function luma({ data }: Grid): Float64Array {
  return Float64Array.from(
    { length: data.length / 3 },
    (_, i) => 0.299 * data[i * 3] + 0.587 * data[i * 3 + 1] + 0.114 * data[i * 3 + 2],
  );
}

/** Gaussian of 1.5 pixels, cut off at 5; only places where the whole window lies inside remain. */
function blur(values: Float64Array, width: number, height: number): Float64Array {
  const weights = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
  const total = weights.reduce((a, b) => a + b);
  const across = new Float64Array((width - 10) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width - 10; x++) {
      let sum = 0;
      for (let i = 0; i < 11; i++) sum += weights[i] * values[y * width + x + i];
      across[y * (width - 10) + x] = sum / total;
    }
  }
  const both = new Float64Array((width - 10) * (height - 10));
  for (let y = 0; y < height - 10; y++) {
    for (let x = 0; x < width - 10; x++) {
      let sum = 0;
      for (let i = 0; i < 11; i++) sum += weights[i] * across[(y + i) * (width - 10) + x];
      both[y * (width - 10) + x] = sum / total;
    }
  }
  return both;
}

/** The same picture at another size, for measures that want square pixels. */
export function resized(picture: Grid, width: number, height: number): Grid {
  const data = Uint8Array.from(picture.data, Math.round);
  return averaged({ width: picture.width, height: picture.height, data }, width, height);
}
