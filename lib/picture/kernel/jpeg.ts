/**
 * Averages of a baseline JPEG, straight from its coefficients (ITU-T T.81).
 *
 * A picture for the terminal needs far fewer values than the file has pixels, and the mean over a part of a block
 * is a weighted sum of the block's coefficients: so no pixel is ever computed. Each coefficient that is
 * there adds its own small picture, shrunk to the few values a block comes to.
 */
import { Areas } from "./areas.ts";
import {
  damaged,
  endOfBits,
  Huffman,
  isOverrun,
  refill,
  signedBits,
  skip,
  startBits,
  startScan,
} from "./huffman.ts";

/** The order in which the coefficients of a block are stored: row times 8 plus column (figure A.6). */
const ZIGZAG = memory.data<u8>([
  0,
  1,
  8,
  16,
  9,
  2,
  3,
  10,
  17,
  24,
  32,
  25,
  18,
  11,
  4,
  5,
  12,
  19,
  26,
  33,
  40,
  48,
  41,
  34,
  27,
  20,
  13,
  6,
  7,
  14,
  21,
  28,
  35,
  42,
  49,
  56,
  57,
  50,
  43,
  36,
  29,
  22,
  15,
  23,
  30,
  37,
  44,
  51,
  58,
  59,
  52,
  45,
  38,
  31,
  39,
  46,
  53,
  60,
  61,
  54,
  47,
  55,
  62,
  63,
]);

/** cos(k π / 16). */
const COSINE = memory.data<f64>([
  1,
  0.98078528040323044913,
  0.92387953251128675613,
  0.83146961230254523708,
  0.70710678118654752440,
  0.55557023301960222474,
  0.38268343236508977173,
  0.19509032201612826785,
  0,
]);

const BLOCK = 64;

/** One component of the picture: the luma, or one of the two chromas. */
class Component {
  id: i32 = 0;
  /** Sampling factors (A.1.1). */
  horizontal: i32 = 0;
  vertical: i32 = 0;
  quantization: i32 = 0;
  dc!: Huffman;
  ac!: Huffman;
  /** The DC coefficient of the block before (F.2.1.3.1). */
  prediction: i32 = 0;
  /** Values that a block comes to, across and down; 1, 2, 4 or 8. */
  across: i32 = 1;
  down: i32 = 1;
  /** For each coefficient in zigzag order its picture, `vectors` times four values of 32-bit float. */
  pictures: usize = 0;
  vectors: i32 = 1;
  /** For each coefficient, whether its picture shows anything. */
  shows: usize = 0;
  /** The values of a row of MCUs. */
  band: usize = 0;
  bandWidth: i32 = 0;
  areas!: Areas;
}

let dcTables!: StaticArray<Huffman>;
let acTables!: StaticArray<Huffman>;
let components!: StaticArray<Component>;
const quantizations: usize = memory.data(4 * BLOCK * 2);
let componentCount: i32 = 0;
let width: i32 = 0;
let height: i32 = 0;
let mcusAcross: i32 = 0;
let mcuRowsLeft: i32 = 0;
let restartInterval: i32 = 0;
let mcusToRestart: i32 = 0;
/** The values of the block at hand. */
const values: usize = memory.data(BLOCK * 4, 16);

/**
 * Reads the headers.
 *
 * @param file the address of the file, behind which a marker must stand
 * @param across areas to average over, across
 * @param down areas, down
 * @param leastAcross how many values there must be at least, across, before averaging, where there are as many
 * @param leastDown the same, down
 * @returns whether the picture is of the kind that is read here: baseline or extended sequential, 8 bits, grey or
 * YCbCr, in a single scan
 */
export function openJpeg(
  file: usize,
  length: i32,
  across: i32,
  down: i32,
  leastAcross: i32,
  leastDown: i32,
): bool {
  dcTables = [new Huffman(), new Huffman()];
  acTables = [new Huffman(), new Huffman()];
  components = [new Component(), new Component(), new Component()];
  componentCount = 0;
  restartInterval = 0;
  memory.fill(quantizations, 0, 4 * BLOCK * 2);
  const end = file + length;
  let at = file + 2;
  while (at + 4 <= end) {
    if (load<u8>(at) !== 0xff) return false;
    const marker = <u32> load<u8>(at, 1);
    if (marker === 0xff) { // a fill byte (B.1.1.2)
      at++;
      continue;
    }
    if (marker === 0x01 || marker >= 0xd0 && marker <= 0xd8) { // these stand alone
      at += 2;
      continue;
    }
    const segment = at + 4;
    const next = at + 2 + read16(at + 2);
    if (next < segment || next > end) return false;
    let known = true;
    if (marker === 0xdb) known = readQuantization(segment, next);
    else if (marker === 0xc4) known = readHuffman(segment, next);
    else if (marker === 0xc0 || marker === 0xc1) known = readFrame(segment, next);
    else if (marker === 0xdd) restartInterval = read16(segment);
    // Adobe's segment with transform 0: RGB, not YCbCr.
    else if (marker === 0xee) known = next - segment < 12 || load<u8>(segment, 11) !== 0;
    else if (marker === 0xda) {
      if (!readScan(segment, next)) return false;
      plan(across, down, leastAcross, leastDown);
      startScan(next);
      return true;
    } else known = marker >= 0xe0 || marker === 0xfe; // APPn and COM; a frame of another kind is below
    if (!known) return false;
    at = next;
  }
  return false;
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

/** SOF0 and SOF1 (B.2.2). */
function readFrame(from: usize, end: usize): bool {
  if (end - from < 6 || load<u8>(from) !== 8 || componentCount !== 0) return false;
  height = read16(from + 1);
  width = read16(from + 3);
  componentCount = load<u8>(from, 5);
  if (width === 0 || height === 0 || componentCount !== 1 && componentCount !== 3) return false;
  if (end - from < 6 + 3 * componentCount) return false;
  for (let i = 0; i < componentCount; i++) {
    const at = from + 6 + 3 * i;
    const component = components[i];
    component.id = load<u8>(at);
    component.horizontal = load<u8>(at, 1) >> 4;
    component.vertical = load<u8>(at, 1) & 15;
    component.quantization = load<u8>(at, 2);
    if (!isFactor(component.horizontal) || !isFactor(component.vertical)) return false;
    if (component.quantization > 3) return false;
  }
  if (componentCount === 1) { // then a factor means nothing: blocks follow each other (A.2.2)
    components[0].horizontal = 1;
    components[0].vertical = 1;
  }
  return true;
}

function isFactor(value: i32): bool {
  return value >= 1 && value <= 4;
}

/** SOS (B.2.3): all components in their order, all coefficients. */
function readScan(from: usize, end: usize): bool {
  if (componentCount === 0 || load<u8>(from) !== componentCount) return false;
  if (end - from < 4 + 2 * componentCount) return false;
  for (let i = 0; i < componentCount; i++) {
    const at = from + 1 + 2 * i;
    const dc = load<u8>(at, 1) >> 4, ac = load<u8>(at, 1) & 15;
    if (load<u8>(at) !== components[i].id || dc > 1 || ac > 1) return false;
    components[i].dc = dcTables[dc];
    components[i].ac = acTables[ac];
  }
  return true;
}

/** Decides for each component how small its blocks become, and prepares the pictures of its coefficients. */
function plan(across: i32, down: i32, leastAcross: i32, leastDown: i32): void {
  let mostAcross = 1, mostDown = 1;
  for (let i = 0; i < componentCount; i++) {
    mostAcross = max(mostAcross, components[i].horizontal);
    mostDown = max(mostDown, components[i].vertical);
  }
  mcusAcross = (width + 8 * mostAcross - 1) / (8 * mostAcross);
  mcuRowsLeft = (height + 8 * mostDown - 1) / (8 * mostDown);
  mcusToRestart = restartInterval;
  for (let i = 0; i < componentCount; i++) {
    const component = components[i];
    const blocksAcross = <f64> width * component.horizontal / (8 * mostAcross);
    const blocksDown = <f64> height * component.vertical / (8 * mostDown);
    component.across = valuesOfBlock(blocksAcross, leastAcross);
    component.down = valuesOfBlock(blocksDown, leastDown);
    component.bandWidth = mcusAcross * component.horizontal * component.across;
    component.band = heap.alloc(component.bandWidth * component.vertical * component.down * 4 + 16);
    component.areas = new Areas(
      component.bandWidth,
      blocksAcross * component.across,
      blocksDown * component.down,
      1,
      across,
      down,
    );
    makePictures(component);
  }
}

/** The fewest values of a block along an axis that make `least` in all. */
function valuesOfBlock(blocks: f64, least: i32): i32 {
  let count = 1;
  while (count < 8 && blocks * count < least) count <<= 1;
  return count;
}

/**
 * What a coefficient of 1 adds to each value of its block: the mean, over the samples that the value stands for, of
 * the coefficient's cosines (A.3.3), times its quantization step.
 */
function makePictures(component: Component): void {
  const across = component.across, down = component.down;
  component.vectors = (across * down + 3) >> 2;
  const size = component.vectors * 16;
  component.pictures = heap.alloc(BLOCK * size);
  component.shows = heap.alloc(BLOCK);
  memory.fill(component.pictures, 0, BLOCK * size);
  for (let k = 0; k < BLOCK; k++) {
    const place = <i32> load<u8>(ZIGZAG + k);
    const u = place & 7, v = place >> 3;
    const step = <f64> load<u16>(quantizations + component.quantization * BLOCK * 2 + k * 2);
    const picture = component.pictures + k * size;
    let largest: f64 = 0;
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const value = step * meanCosine(x, across, u) * meanCosine(y, down, v) / 4;
        largest = Math.max(largest, Math.abs(value));
        store<f32>(picture + (y * across + x) * 4, <f32> value);
      }
    }
    store<u8>(component.shows + k, largest > 1e-9 ? 1 : 0);
  }
}

/** The mean of C(u) cos((2p + 1) u π / 16) over the samples p of part `i` of `parts`. */
function meanCosine(i: i32, parts: i32, u: i32): f64 {
  if (u === 0) return load<f64>(COSINE + 4 * 8); // √½
  const count = 8 / parts;
  let sum: f64 = 0;
  for (let p = i * count; p < (i + 1) * count; p++) {
    const angle = (2 * p + 1) * u & 31;
    const folded = angle > 16 ? 32 - angle : angle;
    sum += folded > 8 ? -load<f64>(COSINE + (16 - folded) * 8) : load<f64>(COSINE + folded * 8);
  }
  return sum / count;
}

/**
 * Decodes a row of MCUs and averages it.
 *
 * @returns how many rows are left, or -1 where the scan is damaged or ends too early
 */
export function decodeRow(): i32 {
  for (let mcu = 0; mcu < mcusAcross; mcu++) {
    if (restartInterval > 0) {
      if (mcusToRestart === 0 && !restart()) return -1;
      mcusToRestart--;
    }
    for (let i = 0; i < componentCount; i++) {
      const component = components[i];
      const across = component.horizontal, size = component.across;
      for (let y = 0; y < component.vertical; y++) {
        for (let x = 0; x < across; x++) {
          decodeBlock(component);
          const row = y * component.down * component.bandWidth;
          place(component, component.band + (row + (mcu * across + x) * size) * 4);
        }
      }
    }
  }
  if (damaged || isOverrun()) return -1;
  for (let i = 0; i < componentCount; i++) {
    const component = components[i];
    const length = component.bandWidth * 4;
    for (let y = 0; y < component.vertical * component.down; y++) {
      component.areas.addRow(component.band + y * length);
    }
  }
  return --mcuRowsLeft;
}

/** Goes on behind a restart marker (F.2.1.3.1, F.2.2.5). */
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
 * Decodes a block (F.2.2) into `values`. Exported so that it stays a function of its own: V8 exchanges a function for
 * its optimised version only when it is called, and this is called often.
 */
export function decodeBlock(component: Component): void {
  const pictures = component.pictures, size = <usize> component.vectors * 16;
  const ac = component.ac;
  refill();
  component.prediction += signedBits(component.dc.next() & 15);
  // The level shift (A.3.1) comes with the first coefficient.
  for (let i: usize = 0; i < size; i += 16) v128.store(values + i, f32x4.splat(128));
  addPicture(pictures, size, component.prediction);
  for (let k = 1; k < BLOCK; k++) {
    refill();
    const symbol = ac.next();
    const bits = symbol & 15;
    if (bits === 0 && symbol !== 0xf0) return; // the rest is zero
    k += symbol >> 4;
    if (k < BLOCK && load<u8>(component.shows + k) !== 0) {
      addPicture(pictures + <usize> k * size, size, signedBits(bits));
    } else skip(bits);
  }
}

function addPicture(picture: usize, size: usize, coefficient: i32): void {
  const weight = f32x4.splat(<f32> coefficient);
  for (let i: usize = 0; i < size; i += 16) {
    v128.store(
      values + i,
      f32x4.add(v128.load(values + i), f32x4.mul(weight, v128.load(picture + i))),
    );
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

/**
 * The averages in RGB, once all rows were decoded.
 *
 * @returns the address of three 32-bit floats for each area, 0-255, row by row
 */
export function jpegAverages(count: i32): usize {
  const luma = components[0].areas.averages;
  const blue: usize = componentCount === 1 ? 0 : components[1].areas.averages;
  const red: usize = componentCount === 1 ? 0 : components[2].areas.averages;
  const rgb = heap.alloc(count * 12 + 16);
  let to = rgb;
  for (let i: usize = 0; i < <usize> count * 4; i += 4, to += 12) {
    const y = load<f32>(luma + i);
    let cb: f32 = 0, cr: f32 = 0;
    if (blue !== 0) {
      cb = load<f32>(blue + i) - 128;
      cr = load<f32>(red + i) - 128;
    }
    // ITU-T T.871, 7.
    store<f32>(to, byteRange(y + 1.402 * cr));
    store<f32>(to, byteRange(y - 0.344136286 * cb - 0.714136286 * cr), 4);
    store<f32>(to, byteRange(y + 1.772 * cb), 8);
  }
  return rgb;
}

function byteRange(value: f32): f32 {
  return Mathf.max(0, Mathf.min(255, value));
}
