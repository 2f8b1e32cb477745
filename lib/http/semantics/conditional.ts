/** Conditional requests, evaluated in the order of precedence of RFC 9110 §13.2.2. */
import { ifMatch, ifNoneMatch } from "@std/http/etag";
import type { Fields } from "../message.ts";
import { parseHttpDate } from "./http_date.ts";

/** What identifies one state of a representation (RFC 9110 §8.8). */
export interface Validators {
  /** The strong entity tag, including its quotes. */
  readonly etag: string;
  /** The time of the last change, in whole seconds since 1970. */
  readonly lastModified: number;
}

/** Returns a date field as seconds since 1970, or null if it is absent or invalid. */
function dateField(fields: Fields, name: string): number | null {
  const text = fields.get(name);
  return text === null ? null : parseHttpDate(text);
}

/**
 * Evaluates the preconditions of a request: `"proceed"`, `"not modified"` (304) or `"failed"`
 * (412). `If-Range` is not one of them: it decides only about the range, see `rangeApplies`.
 *
 * @example
 * ```ts
 * const outcome = evaluateConditions(request.method, request.fields, { etag, lastModified });
 * if (outcome === "failed") return { status: 412 };
 * if (outcome === "not modified") return { status: 304, fields: [["ETag", etag]] };
 * ```
 * @param method 304 is for GET and HEAD only: with another method, `If-None-Match` fails (§13.1.2)
 *   and `If-Modified-Since` is ignored (§13.1.3)
 */
export function evaluateConditions(
  method: string,
  fields: Fields,
  { etag, lastModified }: Validators,
): "proceed" | "not modified" | "failed" {
  const match = fields.get("if-match");
  if (match !== null) {
    if (!ifMatch(match, etag)) return "failed";
  } else {
    const unmodifiedSince = dateField(fields, "if-unmodified-since");
    if (unmodifiedSince !== null && lastModified > unmodifiedSince) return "failed";
  }
  const noneMatch = fields.get("if-none-match");
  const isRetrieval = method === "GET" || method === "HEAD";
  if (noneMatch !== null) {
    if (ifNoneMatch(noneMatch, etag)) return "proceed";
    return isRetrieval ? "not modified" : "failed";
  }
  if (!isRetrieval) return "proceed";
  const modifiedSince = dateField(fields, "if-modified-since");
  return modifiedSince !== null && lastModified <= modifiedSince ? "not modified" : "proceed";
}

/**
 * Returns whether a `Range` field may be followed (RFC 9110 §13.1.5): there is no `If-Range`, or it
 * names the current state. A weak tag never matches, and a date only once it is so old that no
 * second change can share it.
 *
 * @param now milliseconds since 1970
 */
export function rangeApplies(
  fields: Fields,
  { etag, lastModified }: Validators,
  now: number = Date.now(),
): boolean {
  const condition = fields.get("if-range");
  if (condition === null) return true;
  if (condition.includes('"')) return condition === etag;
  return parseHttpDate(condition, now) === lastModified && now / 1000 - lastModified > 1;
}
