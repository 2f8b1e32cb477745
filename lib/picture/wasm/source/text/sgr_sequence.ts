/**
 * Select Graphic Rendition sequences (ECMA-48, 8.3.117) that set colours.
 */
import { put, putNumber } from "./text.ts";

/** In place of a colour: it does not matter. */
export const ANY: i32 = -2;

/** 16, 256, or more for true colour. */
let colorCount: i32 = 0;

/** Begins with a terminal of 16, 256, or more colours. */
export function openSequences(colors: i32): void {
  colorCount = colors;
}

/**
 * Bytes of the sequence that sets two colours where others are set; 0 if there is nothing to set.
 */
export function sequenceBytes(
  foreground: i32,
  background: i32,
  setForeground: i32,
  setBackground: i32,
): i32 {
  let bytes = 2; // ESC [, then each colour with what ends it: a semicolon or the m
  if (foreground !== ANY && foreground !== setForeground) bytes += colorBytes(foreground, 30) + 1;
  if (background !== ANY && background !== setBackground) bytes += colorBytes(background, 40) + 1;
  return bytes === 2 ? 0 : bytes;
}

/** Writes that sequence. */
export function putSequence(
  foreground: i32,
  background: i32,
  setForeground: i32,
  setBackground: i32,
): void {
  const writesForeground = foreground !== setForeground;
  const writesBackground = background !== setBackground;
  if (!writesForeground && !writesBackground) return;
  put(0x1b);
  put(0x5b);
  if (writesForeground) putColor(foreground, 30);
  if (writesForeground && writesBackground) put(0x3b);
  if (writesBackground) putColor(background, 40);
  put(0x6d);
}

/** Writes the sequence that resets all, and ends the line. */
export function putReset(): void {
  put(0x1b);
  put(0x5b);
  put(0x6d);
  put(0x0a);
}

/** Bytes of the parameters that `putColor` writes. */
function colorBytes(color: i32, base: i32): i32 {
  if (colorCount === 16) return base === 40 && color >= 8 ? 3 : 2;
  if (colorCount === 256) return 5 + digits(color);
  return 7 + digits(color >> 16) + digits(color >> 8 & 255) + digits(color & 255);
}

function digits(byte: i32): i32 {
  return byte < 10 ? 1 : byte < 100 ? 2 : 3;
}

/** The parameters that set a colour; `base` is 30 for the foreground and 40 for the background. */
function putColor(color: i32, base: i32): void {
  if (colorCount === 16) {
    // The bright half has its own range: 90–97 and 100–107.
    putNumber(color < 8 ? base + color : base + 52 + color);
    return;
  }
  putNumber(base + 8);
  put(0x3b);
  if (colorCount === 256) {
    put(0x35);
    put(0x3b);
    putNumber(color);
    return;
  }
  put(0x32);
  put(0x3b);
  putNumber(color >> 16);
  put(0x3b);
  putNumber(color >> 8 & 255);
  put(0x3b);
  putNumber(color & 255);
}
