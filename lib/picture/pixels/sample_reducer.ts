/**
 * From 16 bits a sample to 8.
 *
 * @module
 */

/**
 * Makes what reduces the samples of a channel, one after the other, from 16 bits to 8. What rounding
 * takes from one is added to the next: so an average over many has nearly all of the 16 bits.
 */
export function sampleReducer(): (sample: number) => number {
  let rest = 0;
  return (sample) => {
    const wanted = sample / 257 + rest;
    const value = Math.max(0, Math.min(255, Math.round(wanted)));
    rest = wanted - value;
    return value;
  };
}
