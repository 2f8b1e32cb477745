/**
 * Gives every cell the block character and the two colours with the least squared error, in true colour.
 *
 * For a character the best colours are the means of its two parts. With all values taken relative to the cell's
 * mean, and D the sum over the n covered pixels of N, the squared error is then less than that of a cell in one
 * colour by D²/n + D²/(N-n). Colours have whole components, and the choice allows for that: each part adds its
 * pixels times the square of what its mean is rounded by. In a smooth gradient, where all are good, it decides.
 */

/** In place of the number of a character: the whole cell in one colour. */
const FLAT: i32 = -1;

/** Bytes of a colour: red, green, blue and a zero, 32-bit floats in one vector. */
const COLOR: i32 = 16;

/**
 * @param grid the values: three 32-bit floats a pixel, and four bytes more that may be read
 * @param across pixels of a cell, across
 * @param down pixels of a cell, down
 * @param splits for each character: how many corners there are and how many pixels it covers, 32-bit integers; then for
 * each corner its place in a table of prefix sums, a 32-bit integer, and its sign, a 32-bit float
 * @returns the address of three 32-bit integers a cell: the character, the colour of what it covers, that of the rest
 */
export function fit(
  grid: usize,
  columns: i32,
  rows: i32,
  across: i32,
  down: i32,
  splits: usize,
  splitCount: i32,
): usize {
  const cells = heap.alloc(columns * rows * 12);
  const table = heap.alloc((across + 1) * (down + 1) * COLOR);
  memory.fill(table, 0, (across + 1) * (down + 1) * COLOR);
  const stride = columns * across * 12;
  let cell = cells;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, cell += 12) {
      const from = grid + row * down * stride + column * across * 12;
      fitCell(from, stride, across, down, table, splits, splitCount, cell);
    }
  }
  return cells;
}

/** One cell. Exported so that it stays a function of its own, which V8 can exchange for its optimised version. */
export function fitCell(
  from: usize,
  stride: usize,
  across: i32,
  down: i32,
  table: usize,
  splits: usize,
  splitCount: i32,
  to: usize,
): void {
  const one: f32 = 1;
  const all = <f32> (across * down);
  const mean = f32x4.div(sum(from, stride, across, down), f32x4.splat(all));
  fillPrefixTable(table, from, stride, across, down, mean);
  let best = -roundingError(mean, all);
  let chosen = FLAT;
  let front = mean, back = mean;
  let split = splits;
  for (let i = 0; i < splitCount; i++) {
    const corners = load<i32>(split), pixels = <f32> load<i32>(split, 4);
    let covered = f32x4.splat(0);
    split += 8;
    for (const end = split + corners * 8; split < end; split += 8) {
      const entry = v128.load(table + load<i32>(split));
      covered = f32x4.add(covered, f32x4.mul(v128.load32_splat(split, 4), entry));
    }
    const others = all - pixels;
    const bound = total(
      f32x4.mul(f32x4.mul(covered, covered), f32x4.splat(one / pixels + one / others)),
    );
    // Rounding only takes away, so most characters are out already.
    if (bound <= best) continue;
    const frontMean = f32x4.add(mean, f32x4.mul(covered, f32x4.splat(one / pixels)));
    const backMean = f32x4.sub(mean, f32x4.mul(covered, f32x4.splat(one / others)));
    const score = bound - roundingError(frontMean, pixels) - roundingError(backMean, others);
    if (score <= best) continue;
    best = score;
    chosen = i;
    front = frontMean;
    back = backMean;
  }
  store<i32>(to, chosen);
  store<i32>(to, chosen === FLAT ? 0 : rounded(front), 4);
  store<i32>(to, rounded(back), 8);
}

/** A pixel as a vector. Four floats are read where three are meant. */
function pixel(at: usize): v128 {
  return f32x4.replace_lane(v128.load(at), 3, 0);
}

function sum(from: usize, stride: usize, across: i32, down: i32): v128 {
  let sum = f32x4.splat(0);
  for (let y = 0; y < down; y++, from += stride) {
    for (let x = 0, at = from; x < across; x++, at += 12) sum = f32x4.add(sum, pixel(at));
  }
  return sum;
}

/** Entry (x, y) becomes the sum over the x × y pixels at the cell's top left, less the mean for each. */
function fillPrefixTable(
  table: usize,
  from: usize,
  stride: usize,
  across: i32,
  down: i32,
  mean: v128,
): void {
  const line = (across + 1) * COLOR;
  for (let y = 0; y < down; y++, from += stride) {
    let to = table + (y + 1) * line + COLOR;
    let sum = f32x4.splat(0);
    for (let x = 0, at = from; x < across; x++, at += 12, to += COLOR) {
      sum = f32x4.add(sum, f32x4.sub(pixel(at), mean));
      v128.store(to, f32x4.add(v128.load(to - line), sum));
    }
  }
}

/** The squared error that comes of painting pixels in their mean rounded to whole components. */
function roundingError(mean: v128, pixels: f32): f32 {
  const off = f32x4.sub(mean, f32x4.nearest(mean));
  return total(f32x4.mul(off, off)) * pixels;
}

function total(vector: v128): f32 {
  return f32x4.extract_lane(vector, 0) + f32x4.extract_lane(vector, 1) +
    f32x4.extract_lane(vector, 2);
}

/** The colour as 0xRRGGBB. */
function rounded(color: v128): i32 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(color));
  return i32x4.extract_lane(whole, 0) << 16 | i32x4.extract_lane(whole, 1) << 8 |
    i32x4.extract_lane(whole, 2);
}
