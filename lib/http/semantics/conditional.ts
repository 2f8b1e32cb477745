/** Conditional requests, in the order of precedence of RFC 9110 §13.2.2. */
import { ifMatch, ifNoneMatch } from "@std/http/etag";
import type { Fields } from "../message.ts";
import { parseHttpDate } from "./http_date.ts";

/** What tells one state of a representation from another. */
export interface Validators {
  /** The strong entity tag, quotes included. */
  readonly etag: string;
  /** When it was last changed, whole seconds since 1970. */
  readonly lastModified: number;
}

/** The field as seconds since 1970, null where it is missing or cannot be read. */
function dateField(fields: Fields, name: string): number | null {
  const text = fields.get(name);
  return text === null ? null : parseHttpDate(text);
}

/**
 * What the conditions of a retrieval come to: `"proceed"`, `"not modified"` (304) or `"failed"` (412).
 * `If-Range` is not among them: it decides about the range alone.
 *
 * @param method 304 is for GET and HEAD alone: with another method `If-None-Match` fails (§13.1.2)
 * and `If-Modified-Since` means nothing (§13.1.3)
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
 * Whether a range may be answered in part (RFC 9110 §13.1.5): there is no `If-Range`, or it names this
 * very state. A weak tag never does; a date only once it is too old for a second change to share it.
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
