/** One range of bytes (RFC 9110 §14.1.2). */

/** Bytes `start` up to but not including `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const ONE_RANGE = /^bytes=(?:(?<first>\d+)-(?<last>\d*)|-(?<suffix>\d+))$/i;

/**
 * Reads a `Range` field for content of `size` bytes.
 *
 * @returns the range; `"unsatisfiable"` where it starts behind the end (416); null where the field
 *   is to be ignored and the whole sent: another unit, a syntax error, or several ranges, which a
 *   server may always answer with the whole (§14.2) and which could otherwise ask for more than it
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
