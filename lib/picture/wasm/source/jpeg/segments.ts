/**
 * What the segments before the scan of a JPEG say (ITU-T T.81, B.2).
 */
import { Huffman } from "./huffman.ts";
import { BLOCK, Component } from "./component.ts";

/** In the order of the frame header; as many as `componentCount` says. */
export let components!: StaticArray<Component>;
/** Components of the frame, 1 or 3; 0 before its header was read. */
export let componentCount: i32 = 0;
/** Pixels across. */
export let width: i32 = 0;
/** Pixels down. */
export let height: i32 = 0;
/** MCUs between two restart markers; 0 if there are none. */
export let restartInterval: i32 = 0;

/** The marker of a progressive frame (table B.1). */
const SOF2: u32 = 0xc2;

let isProgressive: bool = false;
let dcTables!: StaticArray<Huffman>;
let acTables!: StaticArray<Huffman>;
const quantizations: usize = memory.data(4 * BLOCK * 2);

/** Begins with a file. */
export function openJpeg(): void {
  dcTables = [new Huffman(), new Huffman()];
  acTables = [new Huffman(), new Huffman()];
  components = [new Component(), new Component(), new Component()];
  componentCount = 0;
  restartInterval = 0;
  memory.fill(quantizations, 0, 4 * BLOCK * 2);
}

/**
 * Reads a segment.
 *
 * @param marker the second byte of its marker
 * @param from the address of its parameters, behind the length
 * @param end the end of them
 * @returns whether, as far as this segment tells, the picture is of the kind that is read here:
 * baseline, extended sequential or progressive, 8 bits, grey or YCbCr with both chromas sampled
 * alike, in a single scan, or the first of a progressive picture
 */
export function readSegment(marker: u32, from: usize, end: usize): bool {
  if (marker === 0xdb) return readQuantization(from, end);
  if (marker === 0xc4) return readHuffman(from, end);
  if (marker === 0xc0 || marker === 0xc1 || marker === SOF2) return readFrame(marker, from, end);
  if (marker === 0xda) return readScan(from, end);
  if (marker === 0xdd) {
    if (end - from < 2) return false;
    restartInterval = read16(from);
    return true;
  }
  // Adobe's segment with transform 0: RGB, not YCbCr.
  if (marker === 0xee) return end - from < 12 || load<u8>(from, 11) !== 0;
  return marker >= 0xe0; // APPn and COM mean nothing here; a frame of another kind is below
}

function read16(at: usize): i32 {
  return <i32> load<u8>(at) << 8 | load<u8>(at, 1);
}

/** DQT (B.2.4.1). */
function readQuantization(from: usize, end: usize): bool {
  let at = from;
  while (at < end) {
    const head = <i32> load<u8>(at++);
    const size = head >> 4 === 0 ? 1 : 2;
    if ((head & 15) > 3 || at + BLOCK * size > end) return false;
    const table = quantizations + (head & 15) * BLOCK * 2;
    for (let i = 0; i < BLOCK; i++, at += size) {
      store<u16>(table + i * 2, size === 1 ? load<u8>(at) : read16(at));
    }
  }
  return true;
}

/** DHT (B.2.4.2). */
function readHuffman(from: usize, end: usize): bool {
  let at = from;
  while (at < end) {
    const head = <i32> load<u8>(at++);
    if ((head & 15) > 1 || head >> 4 > 1) return false;
    at = (head >> 4 === 0 ? dcTables : acTables)[head & 15].read(at, end);
    if (at === 0) return false;
  }
  return true;
}

/** SOF0, SOF1 and SOF2 (B.2.2). */
function readFrame(marker: u32, from: usize, end: usize): bool {
  isProgressive = marker === SOF2;
  if (end - from < 6 || load<u8>(from) !== 8 || componentCount !== 0) return false;
  const count = <i32> load<u8>(from, 5);
  height = read16(from + 1);
  width = read16(from + 3);
  if (width === 0 || height === 0 || count !== 1 && count !== 3) return false;
  if (end - from < 6 + 3 * count) return false;
  for (let i = 0; i < count; i++) {
    const at = from + 6 + 3 * i;
    const component = components[i];
    component.id = load<u8>(at);
    component.horizontal = load<u8>(at, 1) >> 4;
    component.vertical = load<u8>(at, 1) & 15;
    if (!isFactor(component.horizontal) || !isFactor(component.vertical)) return false;
    if (load<u8>(at, 2) > 3) return false;
    component.steps = quantizations + <usize> load<u8>(at, 2) * BLOCK * 2;
  }
  componentCount = count;
  if (count === 1) { // then a factor means nothing: blocks follow each other (A.2.2)
    components[0].horizontal = 1;
    components[0].vertical = 1;
    return true;
  }
  return components[1].horizontal === components[2].horizontal &&
    components[1].vertical === components[2].vertical;
}

function isFactor(value: i32): bool {
  return value >= 1 && value <= 4;
}

/**
 * SOS (B.2.3): all components in their order; all coefficients, or of a progressive frame those of
 * the first scan, which are the DC coefficients with or without their lowest bits (G.1.1.1).
 */
function readScan(from: usize, end: usize): bool {
  if (componentCount === 0 || end - from < 4 + 2 * componentCount) return false;
  if (load<u8>(from) !== componentCount) return false;
  for (let i = 0; i < componentCount; i++) {
    const at = from + 1 + 2 * i;
    const dc = load<u8>(at, 1) >> 4, ac = load<u8>(at, 1) & 15;
    if (load<u8>(at) !== components[i].id || dc > 1 || ac > 1) return false;
    components[i].dc = dcTables[dc];
    components[i].ac = acTables[ac];
    if (!isProgressive) continue;
    components[i].lastCoefficient = 0;
    components[i].lowBit = load<u8>(from + 3 + 2 * componentCount) & 15;
  }
  // The first and the last coefficient, and how many bits an earlier scan had.
  const parameters = from + 1 + 2 * componentCount;
  return !isProgressive ||
    load<u8>(parameters) === 0 && load<u8>(parameters, 1) === 0 && load<u8>(parameters, 2) >> 4 === 0;
}
