/** Human-readable times. */

/**
 * Formats an instant in local time: `YYYY-MM-DD HH:MM:SS`.
 *
 * @param seconds Unix seconds in the range of `Date` (ECMA-262 §21.4.1.1: ±8.64e12)
 */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
