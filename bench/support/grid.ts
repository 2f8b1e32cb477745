/** Pictures as the benchmarks judge them, averaged apart from the code under test. */

/** Pixels of a picture, RGB, each component 0–255 and not rounded. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` components. */
  readonly data: Float32Array;
}

/**
 * Averages pixels over a grid of `width` × `height` equal areas. A pixel that two areas share
 * counts in both by the part that lies in each.
 *
 * @param source RGB components, three a pixel
 */
export function averaged(
  source: { readonly width: number; readonly height: number; readonly data: ArrayLike<number> },
  width: number,
  height: number,
): Grid {
  const across = shares(source.width, width), down = shares(source.height, height);
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let red = 0, green = 0, blue = 0;
      for (const [row, rowShare] of down[y]) {
        for (const [column, columnShare] of across[x]) {
          const at = (row * source.width + column) * 3, share = rowShare * columnShare;
          red += share * source.data[at];
          green += share * source.data[at + 1];
          blue += share * source.data[at + 2];
        }
      }
      data.set([red, green, blue], (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** For each of `count` equal parts of a line of `length` pixels: its pixels and their shares. */
function shares(length: number, count: number): [pixel: number, share: number][][] {
  const size = length / count;
  return Array.from({ length: count }, (_, part) => {
    const start = part * size, end = start + size;
    const list: [number, number][] = [];
    for (let pixel = Math.floor(start); pixel < Math.min(end, length); pixel++) {
      const share = (Math.min(end, pixel + 1) - Math.max(start, pixel)) / size;
      if (share > 0) list.push([pixel, share]);
    }
    return list;
  });
}
