/** Human-readable sizes. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Formats a number of bytes with up to three digits and a binary unit: `86.1 KiB`. */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 rather than 1024, because `1000 KiB` would have four digits.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
