/**
 * The scan of a JPEG (ITU-T T.81, A.2 and F.2), decoded row by row to the averages of each
 * component.
 */
import { endOfBits, isOverrun, startBits } from "./bits.ts";
import { clearDamage, decodeBlock, isDamaged, skipBlock } from "./block.ts";
import { addBands, planColors, skipBands } from "./colors.ts";
import { Component, Part } from "./component.ts";
import { componentCount, components, height, restartInterval, width } from "./segments.ts";

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
/** The number of the restart interval at hand, from 0 on. */
let interval: i32 = 0;
/** Whether the rest of the interval at hand is missing. */
let isLost: bool = false;
/** Whether a part of the picture is missing. */
let isPartial: bool = false;
/** The colour of what is missing, in YCbCr. */
let luma: f32 = 0;
let cb: f32 = 0;
let cr: f32 = 0;

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
 * @param red the colour of what is missing if the scan is damaged or ends early, 0-255
 * @param green the same
 * @param blue the same
 */
export function openScan(
  scan: usize,
  across: i32,
  down: i32,
  minColumns: i32,
  minRows: i32,
  red: f32,
  green: f32,
  blue: f32,
): void {
  // From RGB to YCbCr (ITU-T T.871, 7).
  luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  cb = 128 + (blue - luma) / 1.772;
  cr = 128 + (red - luma) / 1.402;
  mcusDecoded = 0;
  interval = 0;
  isLost = false;
  isPartial = false;
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
  startBits(scan);
  clearDamage();
}

/** Blocks of a component, whole or not, that so many pixels are. */
function blocksOf(pixels: i32, factor: i32, most: i32): f64 {
  return <f64> pixels * factor / (8 * most);
}

/** How many MCUs were decoded. */
export function decodedMcus(): i32 {
  return mcusDecoded;
}

/** Whether a part of the picture is missing: that was filled with the background. */
export function isScanPartial(): bool {
  return isPartial;
}

/**
 * Decodes a row of MCUs and averages it. Where the scan is damaged, the rest of its restart interval
 * is missing.
 *
 * @returns how many rows are left, or 0 if none of them is in the part that is averaged
 */
export function decodeRow(): i32 {
  const isRowNeeded = mcuTop + mcuHeight > partTop;
  for (let mcu = 0; mcu < mcusAcross; mcu++) {
    if (restartInterval > 0) {
      if (mcusToRestart === 0) restart();
      mcusToRestart--;
    }
    if (isLost) {
      fillMcu(mcu);
      continue;
    }
    if (isRowNeeded && mcu >= firstMcu && mcu < endMcu) decodeMcu(mcu);
    else skipMcu();
    if (isDamaged || isOverrun()) {
      isLost = true;
      isPartial = true;
      fillMcu(mcu);
    } else mcusDecoded++;
  }
  if (isRowNeeded) addBands();
  else skipBands();
  mcuTop += mcuHeight;
  mcuRowsLeft--;
  return mcuTop >= partTop + partHeight ? 0 : mcuRowsLeft;
}

function decodeMcu(mcu: i32): void {
  for (let i = 0; i < componentCount; i++) {
    const component = components[i];
    const across = component.horizontal, size = component.across;
    const stride = component.bandWidth * 4;
    let row = component.band + mcu * across * size * 4;
    for (let y = 0; y < component.vertical; y++, row += component.down * stride) {
      for (let x = 0; x < across; x++) decodeBlock(component, row + x * size * 4);
    }
  }
}

/** Goes over an MCU that is not averaged. */
function skipMcu(): void {
  for (let i = 0; i < componentCount; i++) {
    const component = components[i], blocks = component.horizontal * component.vertical;
    for (let block = 0; block < blocks; block++) skipBlock(component);
  }
}

/** Fills an MCU with the background. */
function fillMcu(mcu: i32): void {
  fillPart(components[0], mcu, luma);
  if (componentCount === 1) return;
  fillPart(components[1], mcu, cb);
  fillPart(components[2], mcu, cr);
}

function fillPart(component: Component, mcu: i32, value: f32): void {
  const width = component.horizontal * component.across, stride = component.bandWidth * 4;
  for (let y = 0; y < component.bandHeight; y++) {
    const row = component.band + y * stride + mcu * width * 4;
    for (let x = 0; x < width; x++) store<f32>(row + x * 4, value);
  }
}

/** From this marker on (table B.1), one that is no restart marker ends the scan. */
const SOF0: u32 = 0xc0;

/** The first of the eight restart markers. */
const RST0: u32 = 0xd0;

/**
 * Continues with the next restart interval, behind its marker (F.2.1.3.1, F.2.2.5). If that is
 * missing, so is the interval, and the marker that is there is left for one of the next.
 */
function restart(): void {
  mcusToRestart = restartInterval;
  const expected: u32 = RST0 + (interval++ & 7);
  const at = findMarker(endOfBits(), expected);
  isLost = load<u8>(at, 1) !== expected;
  if (isLost) isPartial = true;
  startBits(isLost ? at : at + 2);
  clearDamage();
  for (let i = 0; i < componentCount; i++) components[i].prediction = 0;
}

/**
 * Finds the restart marker of a number from an address on.
 *
 * @returns its address, or that of the marker which stands for the end or a later interval
 */
function findMarker(from: usize, expected: u32): usize {
  let at = from;
  while (true) {
    while (load<u8>(at) !== 0xff || load<u8>(at, 1) === 0 || load<u8>(at, 1) === 0xff) {
      // Fill bytes may stand before a marker (B.1.1.2), anything else is of a broken interval.
      if (load<u8>(at) !== 0xff || load<u8>(at, 1) === 0) isPartial = true;
      at++;
    }
    const marker = <u32> load<u8>(at, 1);
    const isRestart = (marker & 0xf8) === RST0;
    // They count to 8: up to four ahead it is of a later interval, otherwise of one of the last.
    if (isRestart ? (marker - expected & 7) <= 4 : marker >= SOF0) return at;
    at += 2;
  }
}
