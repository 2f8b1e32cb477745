/**
 * Matrices between colour spaces, row by row.
 *
 * @module
 */
import type { Primaries } from "./description.ts";

/** A matrix of three rows. */
export type Matrix = readonly [
  readonly [number, number, number],
  readonly [number, number, number],
  readonly [number, number, number],
];

/** The primaries of ITU-R BT.709 and sRGB. */
export const BT709: Primaries = [[0.64, 0.33], [0.3, 0.6], [0.15, 0.06], [0.3127, 0.329]];

/**
 * From the profile connection space (CIE XYZ, white D50) to linear sRGB, by Bradford's adaptation.
 */
export const PCS_TO_SRGB: Matrix = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.0334540],
  [0.0719453, -0.2289914, 1.4052427],
];

/** The product of two matrices. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const row = (i: 0 | 1 | 2) => {
    const at = (k: 0 | 1 | 2) => a[i][0] * b[0][k] + a[i][1] * b[1][k] + a[i][2] * b[2][k];
    return [at(0), at(1), at(2)] as const;
  };
  return [row(0), row(1), row(2)];
}

/** The inverse of a matrix. */
export function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const row = (x: number, y: number, z: number) =>
    [x / determinant, y / determinant, z / determinant] as const;
  return [
    row(e * i - f * h, c * h - b * i, b * f - c * e),
    row(f * g - d * i, a * i - c * g, c * d - a * f),
    row(d * h - e * g, b * g - a * h, a * e - b * d),
  ];
}

/** The matrix from linear RGB with these primaries to CIE XYZ. */
export function toXyz([red, green, blue, white]: Primaries): Matrix {
  const xyz = ([x, y]: readonly [number, number]) => [x / y, 1, (1 - x - y) / y] as const;
  const [r, g, b, w] = [red, green, blue, white].map(xyz);
  const columns: Matrix = [[r[0], g[0], b[0]], [r[1], g[1], b[1]], [r[2], g[2], b[2]]];
  const back = inverse(columns);
  // Each primary as bright as it takes to make white together.
  const scale = back.map((row) => row[0] * w[0] + row[1] * w[1] + row[2] * w[2]);
  const row = (i: 0 | 1 | 2) =>
    [columns[i][0] * scale[0], columns[i][1] * scale[1], columns[i][2] * scale[2]] as const;
  return [row(0), row(1), row(2)];
}
