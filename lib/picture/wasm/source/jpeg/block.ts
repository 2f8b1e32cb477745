/**
 * The blocks of a JPEG (ITU-T T.81, F.2), decoded to the few values that each comes to.
 */
import { count, keepBits, refill, reservoir } from "./bits.ts";
import { roundedUp } from "./colors.ts";
import { BLOCK, Component, SMOOTH } from "./component.ts";
import { Huffman, LOOKUP_BITS, NO_CODE } from "./huffman.ts";

/** The level shift (A.3.1). */
const LEVEL: f32 = 128;

/**
 * Added to every value, too little to be seen: so only those that were rounded are whole numbers.
 */
const UNROUNDED: f32 = 1 / 1024;

/** The highest value of a sample. */
const HIGHEST: f32 = 255;

/** The values of the block at hand, but for the first four if those are all. */
const values: usize = memory.data(BLOCK * 4, 16);

/** Whether the bits held something that no encoder writes. */
export let isDamaged: bool = false;

/** Forgets the damage, where the bits begin anew. */
export function clearDamage(): void {
  isDamaged = false;
}

/**
 * Decodes a block and puts its values in their place. Exported so that it stays a function of its
 * own: V8 exchanges a function for its optimised version only when it is called, and this is called
 * often.
 *
 * A decoder rounds every sample to a whole number (A.3.3). In the mean over a rough block that
 * makes no difference; in a smooth one all samples are rounded the same way, and so is the value.
 *
 * @param to where the first value goes, in the component's band
 */
export function decodeBlock(component: Component, to: usize): void {
  const images = component.basisImages, size = component.size;
  const weights = component.weights, last = component.lastCoefficient;
  const huffman = component.ac;
  component.prediction += nextDifference(component.dc);
  let sum = plus(f32x4.splat(LEVEL + UNROUNDED), component.prediction, images);
  for (let i = 16; i < size; i += 16) {
    v128.store(values + i, plus(f32x4.splat(LEVEL + UNROUNDED), component.prediction, images + i));
  }
  // In variables of this function, which are registers, until the block ends.
  let bits = reservoir, left = count;
  let roughness: i32 = 0;
  for (let k: i32 = 0; k < last;) {
    if (left < 32) {
      keepBits(bits, left);
      refill();
      bits = reservoir;
      left = count;
    }
    const entry = entryAt(huffman, bits);
    const length = entry & 31;
    const value = valueOf(<i32> (bits >> (64 - length)), entry >> 5 & 15);
    bits <<= length;
    left -= length;
    k += entry >> 9;
    if (k > last) break; // the rest is zero
    // A coefficient that is too fine to be seen is added like any other, as its image is blank: a
    // branch that nobody can foretell takes longer.
    roughness += abs(value) * <i32> load<u16>(weights + k * 2);
    const image = images + k * size;
    sum = plus(sum, value, image);
    for (let i = 16; i < size; i += 16) {
      v128.store(values + i, plus(v128.load(values + i), value, image + i));
    }
  }
  keepBits(bits, left);
  if (roughness < SMOOTH) {
    sum = roundedUp(sum);
    for (let i = 16; i < size; i += 16) {
      v128.store(values + i, roundedUp(v128.load(values + i)));
    }
  }
  v128.store(values, sum);
  place(component, to);
}

/**
 * Goes over a block that is not averaged: only its DC coefficient counts, for the next one. Exported
 * as `decodeBlock` is.
 */
export function skipBlock(component: Component): void {
  const huffman = component.ac, last = component.lastCoefficient;
  component.prediction += nextDifference(component.dc);
  let bits = reservoir, left = count;
  for (let k: i32 = 0; k < last;) {
    if (left < 32) {
      keepBits(bits, left);
      refill();
      bits = reservoir;
      left = count;
    }
    const entry = entryAt(huffman, bits);
    bits <<= entry & 31;
    left -= entry & 31;
    k += entry >> 9;
  }
  keepBits(bits, left);
}

/** The next difference of a DC coefficient from the one before (F.2.2.1). */
function nextDifference(huffman: Huffman): i32 {
  refill();
  const entry = entryAt(huffman, reservoir);
  const length = entry & 31;
  const value = valueOf(<i32> (reservoir >> (64 - length)), entry >> 5 & 15);
  keepBits(reservoir << length, count - length);
  return value;
}

/** The entry of the code that bits begin with. Inlined, as it is run for every code. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function entryAt(huffman: Huffman, bits: u64): u32 {
  const entry = <u32> load<u16>(huffman.lookup + <usize> (bits >> (64 - LOOKUP_BITS)) * 2);
  return entry !== 0 ? entry : longCode(huffman, <u32> (bits >> 48));
}

function longCode(huffman: Huffman, ahead: u32): u32 {
  const entry = huffman.longCode(ahead);
  if (entry === NO_CODE) isDamaged = true;
  return entry;
}

/** The value that the lowest bits are, of which there are so many (RECEIVE and EXTEND, F.2.2.1). */
function valueOf(bits: i32, length: u32): i32 {
  const value = bits & ((1 << length) - 1);
  return value - select<i32>((1 << length) - 1, 0, value < 1 << length >> 1);
}

/** Adds a coefficient's share to four values. */
function plus(sum: v128, coefficient: i32, image: usize): v128 {
  return f32x4.add(sum, f32x4.mul(f32x4.splat(<f32> coefficient), v128.load(image)));
}

/**
 * Puts the values of a block in their place, whose rows are a band's. A decoder limits samples to
 * their range (A.3.1), as coarse coefficients overshoot beside edges. Values that are samples, or
 * means of a few, are limited here; means of more hardly leave the range.
 */
function place(component: Component, to: usize): void {
  const across = component.across, stride = component.bandWidth * 4;
  let from = values;
  for (let y = 0; y < component.down; y++, to += stride) {
    if (across >= 4) {
      for (let x = 0; x < across * 4; x += 16, from += 16) {
        v128.store(to + x, limited(v128.load(from)));
      }
    } else if (across === 2) {
      store<u64>(to, load<u64>(from));
      from += 8;
    } else {
      store<u32>(to, load<u32>(from));
      from += 4;
    }
  }
}

/** Four values limited to the range of a sample. */
function limited(values: v128): v128 {
  return f32x4.pmin(f32x4.splat(HIGHEST), f32x4.pmax(f32x4.splat(0), values));
}
