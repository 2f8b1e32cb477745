/**
 * Reduces pixels by averaging the light that they stand for.
 *
 * @module
 */
import { linearToSrgb, srgbToLinear } from "../colors/curve.ts";
import type { Conversion } from "../colors/srgb.ts";
import type { Raster, RgbaPixels, Size } from "../pixels/raster.ts";
import { pauses } from "../formats/yielding.ts";

/** Linear light, 0–1, of each stored value. */
const LIGHT = Float32Array.from({ length: 256 }, (_, value) => srgbToLinear(value / 255));

/** Steps of `storedValues`: near black, where the curve is steepest, a step is a twentieth of a value. */
const STEPS = 65_535;
let stored: Float32Array | undefined;

/** Returns the inverse of `LIGHT` in `STEPS` equal steps, 0–255 and not rounded. */
function storedValues(): Float32Array {
  return stored ??= Float32Array.from(
    { length: STEPS + 1 },
    (_, step) => 255 * linearToSrgb(step / STEPS),
  );
}

/**
 * Averages a picture over a grid of equal areas, in linear light and with premultiplied alpha, and
 * converts the result to sRGB. A pixel that two areas share counts in both by its parts. Whatever the
 * colours of the file mean, its curve is close enough to that of sRGB for averaging.
 *
 * @param onBlack the picture on black
 * @param onWhite the same picture on white, which tells what is transparent; null if nothing is
 * @param size areas across and down, at most the pixels of the picture
 * @param convert converts colours to sRGB; null if they are sRGB
 */
export async function averageLight(
  onBlack: Raster,
  onWhite: Raster | null,
  size: Size,
  convert: Conversion | null,
): Promise<RgbaPixels> {
  const { width, height } = size;
  const row = new Float32Array(width * 4);
  let above = new Float32Array(width * 4), below = new Float32Array(width * 4);
  const across = sharesOf(onBlack.width, width), down = sharesOf(onBlack.height, height);
  const addRow = onWhite === null
    ? opaqueRow(onBlack, across)
    : transparentRow(onBlack, onWhite, across);
  const rgba = new Uint8Array(width * height * 4);
  const opaque = onBlack.width / width * (onBlack.height / height);
  const pause = pauses();
  let done = 0;
  for (let y = 0; y < onBlack.height; y++) {
    row.fill(0);
    addRow(y, row);
    const part = down.part[y];
    for (let i = 0; i < row.length; i++) {
      above[i] += row[i] * part;
      below[i] += row[i] * (1 - part);
    }
    const next = y + 1 < onBlack.height ? down.area[y + 1] : height;
    if (next > done) {
      writeRow(above, opaque, rgba.subarray(done * width * 4, (done + 1) * width * 4), convert);
      done++;
      [above, below] = [below, above];
      below.fill(0);
    }
    await pause();
  }
  return { width, height, rgba };
}

/** Which area each of a line's samples lies in, and with how much of it; the rest is in the next. */
interface Shares {
  readonly area: Int32Array;
  readonly part: Float32Array;
}

function sharesOf(samples: number, areas: number): Shares {
  const area = new Int32Array(samples), part = new Float32Array(samples);
  for (let i = 0; i < samples; i++) {
    // In units of 1/samples of an area, so that integers keep it exact.
    const start = i * areas;
    area[i] = Math.floor(start / samples);
    part[i] = Math.min(1, ((area[i] + 1) * samples - start) / areas);
  }
  return { area, part };
}

type RowAdder = (y: number, sums: Float32Array) => void;

function opaqueRow(raster: Raster, { area, part }: Shares): RowAdder {
  const { width, channels, data } = raster;
  const green = channels === 3 ? 1 : 0, blue = channels === 3 ? 2 : 0;
  return (y, sums) => {
    for (let x = 0, from = y * width * channels; x < width; x++, from += channels) {
      const to = area[x] * 4, share = part[x];
      const r = LIGHT[data[from]], g = LIGHT[data[from + green]], b = LIGHT[data[from + blue]];
      sums[to] += r * share;
      sums[to + 1] += g * share;
      sums[to + 2] += b * share;
      sums[to + 3] += share;
      if (share === 1) continue;
      const rest = 1 - share;
      sums[to + 4] += r * rest;
      sums[to + 5] += g * rest;
      sums[to + 6] += b * rest;
      sums[to + 7] += rest;
    }
  };
}

/** What lies over black as `b` and over white as `w` has the alpha `255 - (w - b)`. */
function transparentRow(
  onBlack: Raster,
  onWhite: Raster,
  { area, part }: Shares,
): RowAdder {
  const { width } = onBlack;
  return (y, sums) => {
    let black = y * width * onBlack.channels, white = y * width * onWhite.channels;
    for (let x = 0; x < width; x++, black += onBlack.channels, white += onWhite.channels) {
      const share = part[x], rest = 1 - share;
      let difference = 0;
      for (let c = 0; c < 3; c++) {
        const above = onWhite.data[white + (onWhite.channels === 3 ? c : 0)];
        difference += above - onBlack.data[black + (onBlack.channels === 3 ? c : 0)];
      }
      const alpha = Math.min(255, Math.max(0, 255 - difference / 3));
      if (alpha === 0) continue;
      const to = area[x] * 4;
      for (let c = 0; c < 3; c++) {
        const value = onBlack.data[black + (onBlack.channels === 3 ? c : 0)] * 255 / alpha;
        const light = LIGHT[Math.min(255, Math.round(value))] * alpha / 255;
        sums[to + c] += light * share;
        sums[to + 4 + c] += light * rest; // dropped behind the last area, where the rest is 0
      }
      sums[to + 3] += share * alpha / 255;
      sums[to + 7] += rest * alpha / 255;
    }
  };
}

/**
 * Writes a row of sums over whole areas as sRGB, alpha no longer premultiplied.
 *
 * @param opaque what an opaque area's alpha sums up to
 */
function writeRow(
  sums: Float32Array,
  opaque: number,
  rgba: Uint8Array,
  convert: Conversion | null,
): void {
  const values = storedValues();
  const colors = new Float32Array(sums.length / 4 * 3);
  for (let from = 0, to = 0; from < sums.length; from += 4) {
    const alpha = sums[from + 3];
    for (let c = 0; c < 3; c++) {
      // Sums are rounded, so they may be larger than they can be. What is transparent has no colour.
      const step = Math.min(STEPS, Math.round(sums[from + c] / alpha * STEPS));
      colors[to++] = values[step] ?? 0;
    }
  }
  convert?.(colors);
  for (let from = 0, to = 0; to < sums.length; to += 4) {
    rgba[to] = Math.round(colors[from++]);
    rgba[to + 1] = Math.round(colors[from++]);
    rgba[to + 2] = Math.round(colors[from++]);
    rgba[to + 3] = Math.min(255, Math.round(sums[to + 3] / opaque * 255));
  }
}
