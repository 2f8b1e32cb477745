/**
 * The colours that terminals show.
 *
 * @module
 */
import type { Rgb } from "../pixels/raster.ts";

/** How many colours a terminal shows. */
export type Colors = "truecolor" | "256" | "16" | "none";

/**
 * The first sixteen colours. Terminals and their users choose them freely; these are the values of
 * the VGA tradition that most charts print, and they lie between the extremes found in use.
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

/** The palette of 16 or 256 colours: three bytes a colour, by their number in an SGR sequence. */
export function paletteOf(colors: "256" | "16"): Uint8Array {
  const list: Rgb[] = [...BASE];
  if (colors === "256") {
    for (const red of LEVELS) {
      for (const green of LEVELS) {
        for (const blue of LEVELS) list.push([red, green, blue]);
      }
    }
    for (let grey = 8; grey < 248; grey += 10) list.push([grey, grey, grey]);
  }
  return Uint8Array.from(list.flat());
}
