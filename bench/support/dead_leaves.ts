/**
 * Paints dead leaves: discs that lie one over the other, whose radii are spread so that the picture
 * looks the same at every scale. With the statistics of photographs down to the single pixel (Lee,
 * Mumford and Huang, "Occlusion models for natural images", 2001), it stands for those of nature,
 * foliage, fabric: what is rich in detail.
 *
 * @returns a PPM file, binary, 8 bits a component
 */
export function deadLeaves(width: number, height: number): Uint8Array<ArrayBuffer> {
  const random = randomNumbers(5);
  const head = new TextEncoder().encode(`P6 ${width} ${height} 255\n`);
  const file = new Uint8Array(head.length + width * height * 3);
  file.set(head);
  const pixels = file.subarray(head.length);
  const covered = new Uint8Array(width * height);
  // From the uppermost leaf down: each shows where no other lies over it.
  for (let left = covered.length; left > 0;) {
    const radius = radiusAt(random());
    const x = random() * (width + 2 * LARGEST) - LARGEST;
    const y = random() * (height + 2 * LARGEST) - LARGEST;
    const lightness = 20 + 215 * random();
    const color = [0, 1, 2].map(() => lightness + 60 * (random() - 0.5));
    const bottom = Math.min(height - 1, Math.floor(y + radius));
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= bottom; row++) {
      const half = Math.sqrt(radius ** 2 - (row - y) ** 2);
      const end = Math.min(width - 1, Math.floor(x + half));
      for (let column = Math.max(0, Math.ceil(x - half)); column <= end; column++) {
        const at = row * width + column;
        if (covered[at] !== 0) continue;
        covered[at] = 1;
        left--;
        color.forEach((value, c) => pixels[at * 3 + c] = Math.max(0, Math.min(255, value)));
      }
    }
  }
  return file;
}

/** The radii of leaves, pixels. */
const SMALLEST = 2, LARGEST = 300;

/**
 * A radius for a number from 0 to 1, such that there are as many of one as the inverse of its cube.
 */
function radiusAt(part: number): number {
  return 1 / Math.sqrt(part / LARGEST ** 2 + (1 - part) / SMALLEST ** 2);
}

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = Math.imul(state, 1664525) + 1013904223 | 0) / 2 ** 32 + 0.5;
}
