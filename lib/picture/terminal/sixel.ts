/**
 * Pictures as sixels.
 *
 * @module
 */
import type { BoxedPixels } from "../pixels/raster.ts";

/**
 * Levels of red, green and blue: 6 × 7 × 6 colours, fewer than the 256 registers that terminals
 * have.
 */
const LEVELS = [6, 7, 6];

/**
 * A picture as sixels (DEC STD 070, chapter 9), in a fixed palette with the error spread to the
 * neighbours (Floyd and Steinberg). Raster attributes say square pixels and the size; only colours
 * that occur are defined.
 */
export function encodeSixel({ width, height, rgb }: BoxedPixels): string {
  const indexes = quantize(width, height, rgb);
  let text = `\x1bP0;1;0q"1;1;${width};${height}`;
  for (const index of new Set(indexes)) {
    const [red, green, blue] = componentsOf(index).map((value) => Math.round(value / 2.55));
    text += `#${index};2;${red};${green};${blue}`;
  }
  for (let top = 0; top < height; top += 6) {
    // None behind the last: it could move the cursor, and with it what follows, one row further.
    if (top > 0) text += "-";
    const bands = new Map<number, Uint8Array>();
    for (let row = 0; row < 6 && top + row < height; row++) {
      for (let x = 0; x < width; x++) {
        const index = indexes[(top + row) * width + x];
        let band = bands.get(index);
        if (band === undefined) bands.set(index, band = new Uint8Array(width));
        band[x] |= 1 << row;
      }
    }
    text += [...bands].map(([index, band]) => `#${index}${runs(band)}`).join("$");
  }
  return text + "\x1b\\\n";
}

/** The sixels of one colour in one band, repeats counted (`!`), the empty end left out. */
function runs(band: Uint8Array): string {
  let text = "";
  let end = band.length;
  while (end > 0 && band[end - 1] === 0) end--;
  for (let x = 0; x < end;) {
    let next = x + 1;
    while (band[next] === band[x]) next++; // at the end there is another value, or none
    const sixel = String.fromCharCode(63 + band[x]);
    text += next - x > 3 ? `!${next - x}${sixel}` : sixel.repeat(next - x);
    x = next;
  }
  return text;
}

function componentsOf(index: number): number[] {
  const steps = [
    Math.floor(index / (LEVELS[1] * LEVELS[2])),
    Math.floor(index / LEVELS[2]) % LEVELS[1],
    index % LEVELS[2],
  ];
  return steps.map((step, i) => step * 255 / (LEVELS[i] - 1));
}

function quantize(width: number, height: number, rgb: Uint8Array): Uint8Array {
  const indexes = new Uint8Array(width * height);
  // Errors of the row above and of this one, with a pixel to spare on either side.
  let above = new Float32Array((width + 2) * 3), below = new Float32Array((width + 2) * 3);
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      let index = 0;
      for (let i = 0; i < 3; i++) {
        const at = (x + 1) * 3 + i;
        const wanted = rgb[pixel * 3 + i] + above[at];
        const most = LEVELS[i] - 1;
        const step = Math.max(0, Math.min(most, Math.round(wanted * most / 255)));
        const error = wanted - step * 255 / most;
        above[at + 3] += error * 7 / 16;
        below[at - 3] += error * 3 / 16;
        below[at] += error * 5 / 16;
        below[at + 3] += error / 16;
        index = index * LEVELS[i] + step;
      }
      indexes[pixel] = index;
    }
    [above, below] = [below, above.fill(0)];
  }
  return indexes;
}
