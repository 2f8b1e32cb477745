/** Chooses a content coding (RFC 9110 §12.5.3). */

/** The codings that the page's files are stored in, best first. */
const CODINGS = ["br", "gzip", "identity"] as const;

/** A content coding that the page's files are stored in. */
export type ContentCoding = (typeof CODINGS)[number];

/**
 * Returns the content coding with the highest weight in `Accept-Encoding`; of equal weights, the
 * one with the smallest content. Returns `identity` if none is acceptable.
 *
 * @param field the value of `Accept-Encoding`, or null if it is absent
 */
export function preferredCoding(field: string | null): ContentCoding {
  if (field === null) return "identity";
  const weights = new Map<string, number>();
  for (const element of field.toLowerCase().split(",")) {
    const [coding, ...parameters] = element.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)) || 0);
  }
  let best: ContentCoding = "identity";
  let bestWeight = 0;
  for (const coding of CODINGS) {
    // `*` matches codings that are not listed; `identity` is acceptable unless it is excluded.
    const weight = weights.get(coding) ?? weights.get("*") ?? (coding === "identity" ? 0.001 : 0);
    if (weight > bestWeight) [best, bestWeight] = [coding, weight];
  }
  return best;
}
