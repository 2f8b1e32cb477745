/**
 * The ways to divide a cell by a block character, and sums over their parts.
 *
 * Entry (x, y) of a table of prefix sums is the sum over the x × y pixels at the cell's top left. A
 * rectangle is four entries whatever its size, and any mask is a few: its weight for an entry is
 * how the mask differs around that corner.
 */

/**
 * Bytes of an entry, and of a colour everywhere: red, green, blue and a zero, 32-bit floats in one
 * vector.
 */
const COLOR: i32 = 16;

/** Pixels of a cell, across and down. */
let across: i32 = 0;
let down: i32 = 0;
/** The prefix sums of the cell at hand. */
let table: usize = 0;
/**
 * For each character: how many corners there are and how many pixels it covers, 32-bit integers;
 * then for each corner the address of its prefix sum, and its sign, a 32-bit float.
 */
let glyphs: usize = 0;

/** How many characters there are. */
export let maskCount: i32 = 0;
/** Pixels of a cell. */
export let pixelCount: f32 = 0;
/** The mean of the cell at hand. */
export let mean: v128 = f32x4.splat(0);
/** The least and the greatest value of each component in it. */
export let lowest: v128 = f32x4.splat(0);
export let highest: v128 = f32x4.splat(0);
/** The squared error of painting it in its mean. */
export let flatError: f32 = 0;
/** How many pixels the character at hand covers. */
export let coveredPixels: f32 = 0;
/** The sum over them of how they differ from the mean. */
export let covered: v128 = f32x4.splat(0);

/**
 * Takes a set of characters.
 *
 * @param width pixels of a cell across, 8 at most
 * @param height pixels of a cell down
 * @param masks for each character `height` bytes, of which bit x says whether it covers that pixel
 */
export function openMasks(width: i32, height: i32, masks: usize, count: i32): void {
  across = width;
  down = height;
  maskCount = count;
  pixelCount = <f32> (across * down);
  const entries = (across + 1) * (down + 1);
  table = heap.alloc(entries * COLOR);
  memory.fill(table, 0, entries * COLOR);
  glyphs = heap.alloc(count * (1 + across * down) * 8);
  let to = glyphs;
  for (let i = 0; i < count; i++) to = writeMask(masks + i * height, to);
}

/** Writes the entry of a character. @returns the address behind it */
function writeMask(mask: usize, to: usize): usize {
  const head = to;
  to += 8;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const sign = bit(mask, x, y) - bit(mask, x + 1, y) - bit(mask, x, y + 1) +
        bit(mask, x + 1, y + 1);
      if (sign === 0) continue;
      store<u32>(to, <u32> (table + ((y + 1) * (across + 1) + x + 1) * COLOR));
      store<f32>(to, <f32> sign, 4);
      to += 8;
    }
  }
  store<i32>(head, <i32> (to - head - 8) / 8);
  let pixels = 0;
  for (let y = 0; y < down; y++) pixels += popcnt<i32>(load<u8>(mask + y));
  store<i32>(head, pixels, 4);
  return to;
}

function bit(mask: usize, x: i32, y: i32): i32 {
  return x < across && y < down ? <i32> load<u8>(mask + y) >> x & 1 : 0;
}

/**
 * Begins with a cell: its mean and range, and its prefix sums, of how the pixels differ from the
 * mean.
 *
 * @param from the address of its first pixel: three 32-bit floats, and one more that may be read
 * @param stride bytes from one row of pixels to the next
 * @returns the address of the first character, for `nextMask`
 */
export function startCell(from: usize, stride: usize): usize {
  let sum = f32x4.splat(0);
  let low = f32x4.splat(255), high = f32x4.splat(0);
  for (let y = 0, line = from; y < down; y++, line += stride) {
    for (let x = 0, at = line; x < across; x++, at += 12) {
      const value = pixel(at);
      sum = f32x4.add(sum, value);
      low = f32x4.pmin(low, value);
      high = f32x4.pmax(high, value);
    }
  }
  const average = f32x4.div(sum, f32x4.splat(pixelCount));
  const size = (across + 1) * COLOR;
  let squares = f32x4.splat(0);
  for (let y = 0, line = from; y < down; y++, line += stride) {
    let to = table + (y + 1) * size + COLOR;
    sum = f32x4.splat(0);
    for (let x = 0, at = line; x < across; x++, at += 12, to += COLOR) {
      const off = f32x4.sub(pixel(at), average);
      squares = f32x4.add(squares, f32x4.mul(off, off));
      sum = f32x4.add(sum, off);
      v128.store(to, f32x4.add(v128.load(to - size), sum));
    }
  }
  mean = average;
  lowest = low;
  highest = high;
  flatError = total(squares);
  return glyphs;
}

/** A pixel as a vector. Four floats are read where three are meant. */
function pixel(at: usize): v128 {
  return f32x4.replace_lane(v128.load(at), 3, 0);
}

/** Takes a character. @returns the address of the next one */
export function nextMask(mask: usize): usize {
  let sum = f32x4.splat(0);
  coveredPixels = <f32> load<i32>(mask, 4);
  const end = mask + 8 + load<i32>(mask) * 8;
  for (mask += 8; mask < end; mask += 8) {
    const entry = v128.load(load<u32>(mask));
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(mask, 4), entry));
  }
  covered = sum;
  return mask;
}

/** The sum of a colour's components. */
export function total(color: v128): f32 {
  return f32x4.extract_lane(color, 0) + f32x4.extract_lane(color, 1) +
    f32x4.extract_lane(color, 2);
}
