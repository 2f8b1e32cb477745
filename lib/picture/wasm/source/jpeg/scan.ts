/**
 * The scan of a JPEG (ITU-T T.81, A.2 and F.2), decoded row by row to the averages of each
 * component.
 */
import {
  damaged,
  endOfBits,
  isOverrun,
  refill,
  signedBits,
  skip,
  startBits,
  startScan,
} from "./huffman.ts";
import { BLOCK, Component, Part } from "./component.ts";
import { addBands, planColors, roundedUp, skipBands } from "./colors.ts";
import { componentCount, components, height, restartInterval, width } from "./segments.ts";

/**
 * Blocks whose AC coefficients add up to less than this are smooth: together they move no pixel by
 * more than a level of brightness, for a coefficient's cosines reach a quarter of it.
 */
const SMOOTH: i32 = 4;

/** The level shift (A.3.1). */
const LEVEL: f32 = 128;

/**
 * Added to every value, too little to be seen: so only those that were rounded are whole numbers.
 */
const UNROUNDED: f32 = 1 / 1024;

/** The part that is averaged, pixels. */
let partLeft: i32 = 0;
let partTop: i32 = 0;
let partWidth: i32 = 0;
let partHeight: i32 = 0;

let mcusAcross: i32 = 0;
/** Pixels of an MCU, down. */
let mcuHeight: i32 = 0;
/** The MCUs of a row that hold a pixel of the part: from the first up to the end. */
let firstMcu: i32 = 0;
let endMcu: i32 = 0;
/** The first row of pixels of the MCUs at hand. */
let mcuTop: i32 = 0;
let mcuRowsLeft: i32 = 0;
let mcusToRestart: i32 = 0;
let mcusDecoded: i32 = 0;
/** The colour of what is missing. */
let red: f32 = 0;
let green: f32 = 0;
let blue: f32 = 0;
/** The values of the block at hand. */
const values: usize = memory.data(BLOCK * 4, 16);

/** Says which part of the picture is averaged, pixels: before the scan is opened. */
export function cropScan(left: i32, top: i32, width: i32, height: i32): void {
  partLeft = left;
  partTop = top;
  partWidth = width;
  partHeight = height;
}

/**
 * Begins with the scan, once all segments before it were read and `cropScan` was called.
 *
 * @param scan the address of its first byte; there must be a marker at its end
 * @param across areas to average over, across
 * @param down areas, down
 * @param minColumns how many values there must be at least, across, before averaging, if there are
 * as many
 * @param minRows the same, down
 * @param backgroundRed the colour of what is missing if the scan ends early, 0-255
 * @param backgroundGreen the same
 * @param backgroundBlue the same
 */
export function openScan(
  scan: usize,
  across: i32,
  down: i32,
  minColumns: i32,
  minRows: i32,
  backgroundRed: f32,
  backgroundGreen: f32,
  backgroundBlue: f32,
): void {
  red = backgroundRed;
  green = backgroundGreen;
  blue = backgroundBlue;
  mcusDecoded = 0;
  let mostAcross = 1, mostDown = 1;
  for (let i = 0; i < componentCount; i++) {
    mostAcross = max(mostAcross, components[i].horizontal);
    mostDown = max(mostDown, components[i].vertical);
  }
  mcuHeight = 8 * mostDown;
  mcusAcross = (width + 8 * mostAcross - 1) / (8 * mostAcross);
  mcuRowsLeft = (height + mcuHeight - 1) / mcuHeight;
  mcuTop = 0;
  firstMcu = partLeft / (8 * mostAcross);
  endMcu = (partLeft + partWidth + 8 * mostAcross - 1) / (8 * mostAcross);
  mcusToRestart = restartInterval;
  for (let i = 0; i < componentCount; i++) {
    const component = components[i];
    const horizontal = component.horizontal, vertical = component.vertical;
    component.plan(
      mcusAcross,
      blocksOf(width, horizontal, mostAcross),
      blocksOf(height, vertical, mostDown),
      new Part(
        blocksOf(partLeft, horizontal, mostAcross),
        blocksOf(partTop, vertical, mostDown),
        blocksOf(partWidth, horizontal, mostAcross),
        blocksOf(partHeight, vertical, mostDown),
      ),
      across,
      down,
      minColumns,
      minRows,
    );
  }
  planColors(across, down);
  startScan(scan);
}

/** Blocks of a component, whole or not, that so many pixels are. */
function blocksOf(pixels: i32, factor: i32, most: i32): f64 {
  return <f64> pixels * factor / (8 * most);
}

/** How many MCUs were decoded. */
export function decodedMcus(): i32 {
  return mcusDecoded;
}

/**
 * Decodes a row of MCUs and averages it.
 *
 * @returns how many rows are left, 0 if the part that is averaged ends, or -1 if the scan is damaged or ends too early: then all that is
 * missing was filled with the background
 */
export function decodeRow(): i32 {
  const isRowNeeded = mcuTop + mcuHeight > partTop;
  for (let mcu = 0; mcu < mcusAcross; mcu++) {
    if (restartInterval > 0) {
      if (mcusToRestart === 0 && !restart()) return endEarly(mcu);
      mcusToRestart--;
    }
    const isNeeded = isRowNeeded && mcu >= firstMcu && mcu < endMcu;
    for (let i = 0; i < componentCount; i++) {
      const component = components[i];
      const across = component.horizontal, size = component.across;
      for (let y = 0; y < component.vertical; y++) {
        for (let x = 0; x < across; x++) {
          if (!isNeeded) {
            skipBlock(component);
            continue;
          }
          decodeBlock(component);
          const row = y * component.down * component.bandWidth;
          place(component, component.band + (row + (mcu * across + x) * size) * 4);
        }
      }
    }
    if (damaged || isOverrun()) return endEarly(mcu);
    mcusDecoded++;
  }
  if (isRowNeeded) addBands();
  else skipBands();
  mcuTop += mcuHeight;
  mcuRowsLeft--;
  return mcuTop >= partTop + partHeight ? 0 : mcuRowsLeft;
}

/** Fills what is missing with the background, from an MCU of the row at hand on. @returns -1 */
function endEarly(mcu: i32): i32 {
  if (mcusDecoded === 0) return -1;
  for (; mcuRowsLeft > 0; mcuRowsLeft--, mcu = 0) {
    // From RGB to YCbCr (ITU-T T.871, 7).
    const luma: f32 = 0.299 * red + 0.587 * green + 0.114 * blue;
    fillBand(components[0], mcu, luma);
    if (componentCount > 1) {
      fillBand(components[1], mcu, 128 + (blue - luma) / 1.772);
      fillBand(components[2], mcu, 128 + (red - luma) / 1.402);
    }
    addBands();
  }
  return -1;
}

/** Fills the band of a component from an MCU on. */
function fillBand(component: Component, mcu: i32, value: f32): void {
  const stride = component.bandWidth, from = mcu * component.horizontal * component.across;
  for (let y = 0; y < component.bandHeight; y++) {
    const row = component.band + y * stride * 4;
    for (let x = from; x < stride; x++) store<f32>(row + x * 4, value);
  }
}

/** Continues behind a restart marker (F.2.1.3.1, F.2.2.5). */
function restart(): bool {
  let at = endOfBits();
  while (load<u8>(at) === 0xff && load<u8>(at, 1) === 0xff) at++; // fill bytes
  if (isOverrun() || load<u8>(at) !== 0xff || (load<u8>(at, 1) & 0xf8) !== 0xd0) return false;
  startBits(at + 2);
  mcusToRestart = restartInterval;
  for (let i = 0; i < componentCount; i++) components[i].prediction = 0;
  return true;
}

/**
 * Decodes a block (F.2.2) into `values`. Exported so that it stays a function of its own: V8
 * exchanges a function for its optimised version only when it is called, and this is called often.
 *
 * A decoder rounds every sample to a whole number (A.3.3). In the mean over a rough block that
 * makes no difference; in a smooth one all samples are rounded the same way, and so is the value.
 */
export function decodeBlock(component: Component): void {
  const basisImages = component.basisImages, size = component.size;
  const ac = component.ac;
  let roughness: i32 = 0;
  refill();
  component.prediction += signedBits(component.dc.decodeSymbol() & 15);
  for (let i = 0; i < size; i += 16) v128.store(values + i, f32x4.splat(LEVEL + UNROUNDED));
  addBasisImage(basisImages, size, component.prediction);
  for (let k = 1; k < BLOCK; k++) {
    refill();
    const symbol = ac.decodeSymbol();
    const bits = symbol & 15;
    if (bits === 0 && symbol !== 0xf0) break; // the rest is zero
    k += symbol >> 4;
    if (k >= BLOCK || load<u8>(component.isVisible + k) === 0) {
      skip(bits);
      roughness = SMOOTH;
      continue;
    }
    const coefficient = signedBits(bits);
    roughness += abs(coefficient) * <i32> load<u16>(component.steps + k * 2);
    addBasisImage(basisImages + k * size, size, coefficient);
  }
  if (roughness < SMOOTH) roundValues(size);
}

/**
 * Goes over a block that is not averaged: only its DC coefficient counts, for the next one. Exported
 * as `decodeBlock` is.
 */
export function skipBlock(component: Component): void {
  const ac = component.ac;
  refill();
  component.prediction += signedBits(component.dc.decodeSymbol() & 15);
  for (let k = 1; k < BLOCK; k++) {
    refill();
    const symbol = ac.decodeSymbol();
    const bits = symbol & 15;
    if (bits === 0 && symbol !== 0xf0) break; // the rest is zero
    k += symbol >> 4;
    skip(bits);
  }
}

function addBasisImage(picture: usize, size: i32, coefficient: i32): void {
  const weight = f32x4.splat(<f32> coefficient);
  for (let i = 0; i < size; i += 16) {
    v128.store(
      values + i,
      f32x4.add(v128.load(values + i), f32x4.mul(weight, v128.load(picture + i))),
    );
  }
}

function roundValues(size: i32): void {
  for (let i = 0; i < size; i += 16) {
    v128.store(values + i, roundedUp(v128.load(values + i)));
  }
}

/** Puts the values of a block in their place, whose rows are a band's. */
function place(component: Component, to: usize): void {
  const across = component.across, stride = component.bandWidth * 4;
  let from = values;
  for (let y = 0; y < component.down; y++) {
    for (let x = 0; x < across; x++, from += 4) store<f32>(to + x * 4, load<f32>(from));
    to += stride;
  }
}
