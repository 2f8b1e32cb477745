/**
 * The curve of sRGB (IEC 61966-2-1): from stored values to linear light and back, all 0–1.
 *
 * @module
 */

/** Returns the linear light of a stored value. */
export function srgbToLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Returns the stored value of linear light. */
export function linearToSrgb(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}
