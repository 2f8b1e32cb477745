/** A single range of bytes (RFC 9110 §14.1.2). */

/** The bytes from `start` up to but not including `end`. */
export interface ByteRange {
  /** The offset of the first byte. */
  readonly start: number;
  /** The offset after the last byte. */
  readonly end: number;
}

const ONE_RANGE = /^bytes=(?:(?<first>\d+)-(?<last>\d*)|-(?<suffix>\d+))$/i;

/**
 * Parses a `Range` field for content of `size` bytes.
 *
 * @example
 * ```ts
 * parseRange("bytes=0-99", 1000); // { start: 0, end: 100 }
 * parseRange("bytes=1000-", 1000); // "unsatisfiable"
 * ```
 * @param field the value of the field
 * @param size the length of the whole content in bytes
 * @returns the range; `"unsatisfiable"` (416) if it begins after the end of the content; null if
 *   the field is to be ignored and the whole content sent: another unit, a syntax error, or several
 *   ranges, which a server may always ignore (§14.2) and which could ask for more than the whole
 */
export function parseRange(field: string, size: number): ByteRange | "unsatisfiable" | null {
  const found = ONE_RANGE.exec(field.trim())?.groups;
  if (found === undefined) return null;
  if (found.suffix !== undefined) {
    const length = Number(found.suffix);
    if (length === 0 || size === 0) return "unsatisfiable";
    return { start: Math.max(0, size - length), end: size };
  }
  const first = Number(found.first);
  const last = found.last === "" ? Infinity : Number(found.last);
  if (last < first) return null;
  return first >= size ? "unsatisfiable" : { start: first, end: Math.min(last + 1, size) };
}
