/** Encodes requests (RFC 9112 §3, §5). */
import { BYTE_KINDS, OBSOLETE_TEXT, TARGET, TOKEN, VALUE } from "./bytes.ts";
import { invalidFieldName, invalidFieldValue } from "./invalid_field.ts";

/** A request to be sent. */
export interface OutgoingRequest {
  /** The method, a token (RFC 9110 §9.1). */
  readonly method: string;
  /** The request target, percent-encoded (RFC 9112 §3.2). */
  readonly target: string;
  /** The field lines, in order, without `Host`, `Content-Length` and `Transfer-Encoding`. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** The content. A string is sent as UTF-8. */
  readonly body?: string | Uint8Array;
}

/**
 * Methods that normally have content. Without any they send `Content-Length: 0` (RFC 9110 §8.6).
 */
const WITH_CONTENT = ["POST", "PUT", "PATCH"];

/**
 * Encodes a request, head and content in one piece (RFC 9112 §3, §5).
 *
 * @param host the value of `Host`
 * @throws {TypeError} if the request cannot be sent: no text of a user can end a line
 */
export function encodeRequest(request: OutgoingRequest, host: string): Uint8Array<ArrayBuffer> {
  const { method, target, fields = [], body } = request;
  if (method === "" || indexOfInvalid(method, TOKEN) >= 0) {
    throw new TypeError(`Method must be a token (RFC 9110 §9.1), got ${JSON.stringify(method)}`);
  }
  if (target === "" || indexOfInvalid(target.replace(/[?%]/g, ""), TARGET) >= 0) {
    throw new TypeError(
      `Request target must be percent-encoded (RFC 9112 §3.2), got ${JSON.stringify(target)}`,
    );
  }
  const encoder = new TextEncoder();
  const content = typeof body === "string" ? encoder.encode(body) : body;
  let head = `${method} ${target} HTTP/1.1\r\n` + fieldLine("Host", host);
  for (const [name, value] of fields) {
    if (/^(host|content-length|transfer-encoding)$/i.test(name)) {
      throw new TypeError(
        `Field ${name} must be left out: the client writes it itself (RFC 9112 §3.2, §6)`,
      );
    }
    head += fieldLine(name, value);
  }
  if (content !== undefined) head += fieldLine("Content-Length", String(content.length));
  else if (WITH_CONTENT.includes(method)) head += fieldLine("Content-Length", "0");
  head += "\r\n";
  const bytes = new Uint8Array(head.length + (content?.length ?? 0));
  // One byte per character: field values are ISO-8859-1 at most.
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
  if (content !== undefined) bytes.set(content, head.length);
  return bytes;
}

function fieldLine(name: string, value: string): string {
  if (name === "" || indexOfInvalid(name, TOKEN) >= 0) throw invalidFieldName(name);
  const invalid = indexOfInvalid(value, VALUE | OBSOLETE_TEXT);
  if (invalid >= 0) throw invalidFieldValue(name, value.charCodeAt(invalid));
  return `${name}: ${value}\r\n`;
}

/** Returns the index of the first character that is not of these kinds, or -1. */
function indexOfInvalid(text: string, kinds: number): number {
  for (let i = 0; i < text.length; i++) {
    // A character above U+00FF has no kind.
    if ((BYTE_KINDS[text.charCodeAt(i)] & kinds) === 0) return i;
  }
  return -1;
}
