/** Decimal numbers as bytes, without a string in between. */

/**
 * Writes a whole number in decimal digits.
 *
 * @param at offset in `out` of the first digit
 * @param number 0 or more
 * @returns the offset after the last digit; digits that do not fit in `out` are dropped
 */
export function writeNumber(out: Uint8Array, at: number, number: number): number {
  let digits = 1;
  for (let power = 10; power <= number; power *= 10) digits++;
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = Math.floor(number / 10);
    out[i] = 0x30 + (number - rest * 10);
    number = rest;
  }
  return at + digits;
}
