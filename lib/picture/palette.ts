import type { Rgb } from "./raster.ts";

/** How many colours a terminal shows. */
export type Colors = "truecolor" | "256" | "16" | "none";

/**
 * The first sixteen colours. Terminals and their users choose them freely; these are the values of the
 * VGA tradition that most charts print, and they lie between the extremes found in use.
 */
const BASE: readonly Rgb[] = [
  [0, 0, 0],
  [128, 0, 0],
  [0, 128, 0],
  [128, 128, 0],
  [0, 0, 128],
  [128, 0, 128],
  [0, 128, 128],
  [192, 192, 192],
  [128, 128, 128],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [0, 0, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

/** The six levels of the colour cube of xterm's 256 colours. */
const LEVELS = [0, 95, 135, 175, 215, 255];

/** The colours a terminal with a palette shows, by their number in an SGR sequence. */
export interface Palette {
  /** The first number in use: below it lie colours that a user may have redefined. */
  readonly first: number;
  /** Three components a colour, from colour 0 on. */
  readonly colors: Uint8Array;
  /** For colours looked up so far, cut to `CACHE_BITS` bits a component: the nearest one, else -1. */
  readonly cache: Int16Array;
}

/** Colours that agree in this many upper bits of each component share one search. */
const CACHE_BITS = 6;

/** The palette of 16 or 256 colours. Of the 256, only the 240 fixed ones are used. */
export function paletteOf(colors: "256" | "16"): Palette {
  const list: Rgb[] = [...BASE];
  if (colors === "256") {
    for (const red of LEVELS) {
      for (const green of LEVELS) {
        for (const blue of LEVELS) list.push([red, green, blue]);
      }
    }
    for (let grey = 8; grey < 248; grey += 10) list.push([grey, grey, grey]);
  }
  return {
    first: colors === "256" ? 16 : 0,
    colors: Uint8Array.from(list.flat()),
    cache: new Int16Array(1 << (3 * CACHE_BITS)).fill(-1),
  };
}

/** The number of the palette's colour nearest to a colour, by squared distance. */
export function nearest(palette: Palette, red: number, green: number, blue: number): number {
  const key = reduced(red) << (2 * CACHE_BITS) | reduced(green) << CACHE_BITS | reduced(blue);
  const known = palette.cache[key];
  return known >= 0 ? known : palette.cache[key] = search(palette, red, green, blue);
}

function reduced(component: number): number {
  return Math.max(0, Math.min(255, component)) >> (8 - CACHE_BITS);
}

function search({ first, colors }: Palette, red: number, green: number, blue: number): number {
  let best = first, least = Infinity;
  for (let number = first, at = first * 3; at < colors.length; number++, at += 3) {
    const r = colors[at] - red, g = colors[at + 1] - green, b = colors[at + 2] - blue;
    const distance = r * r + g * g + b * b;
    if (distance < least) {
      least = distance;
      best = number;
    }
  }
  return best;
}
