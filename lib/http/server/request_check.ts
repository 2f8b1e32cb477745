/** The checks between a complete head and its body. */
import { HttpError } from "../error.ts";
import { bodyLength, hasValue, isPlainHost } from "../wire/framing.ts";
import type { ServerLimits } from "../limits.ts";
import { textOf } from "../wire/bytes.ts";
import { METHODS, type RequestHead } from "../wire/request_head.ts";
import { isHost } from "../wire/target.ts";

/**
 * Checks a well-formed head before any of its body is read: Host (RFC 9112 §3.2), framing (§6),
 * method, size, and expectation (RFC 9110 §10.1.1).
 *
 * @returns the length of the content in bytes, or `CHUNKED`
 * @throws {HttpError} 400, 413, 417 or 501
 */
export function checkRequest(
  head: RequestHead,
  bytes: Uint8Array,
  base: number,
  limits: ServerLimits,
): number {
  const { fields } = head;
  const { host, expect } = fields.known;
  if (host < 0) {
    if (head.minorVersion === 1) throw new HttpError(400, "no Host field");
  } else if (fields.repeated.host) {
    throw new HttpError(400, "more than one Host field");
  } else if (!isPlainHost(fields, bytes, base, host)) {
    const from = base + fields.offsets[4 * host + 2];
    const value = textOf(bytes, from, base + fields.offsets[4 * host + 3], fields.ascii);
    if (!isHost(value)) throw new HttpError(400, "an invalid Host field");
  }
  const length = bodyLength(fields, bytes, base, head.minorVersion);
  if (!METHODS.includes(head.method)) throw new HttpError(501, "the method is not implemented");
  if (length > limits.bodyBytes) throw new HttpError(413, "the content is too large");
  if (expect >= 0 && head.minorVersion === 1) {
    const { repeated } = fields;
    if (repeated.expect || !hasValue(fields, bytes, base, expect, "100-continue")) {
      throw new HttpError(417, "the expectation is not known");
    }
  }
  return length;
}
