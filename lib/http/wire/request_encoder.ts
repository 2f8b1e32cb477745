import { BYTE_KINDS, OBSOLETE_TEXT, TARGET, TOKEN, VALUE } from "./bytes.ts";

/** A request to be sent. */
export interface OutgoingRequest {
  /** A method, a token. */
  readonly method: string;
  /** The target, encoded. */
  readonly target: string;
  /** Field lines, in order; without `Host`, `Content-Length` and `Transfer-Encoding`. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** The content; a string is sent as UTF-8. */
  readonly body?: string | Uint8Array;
}

/** Methods that stand for "here is content", so that its absence is said: `Content-Length: 0`. */
const WITH_CONTENT = ["POST", "PUT", "PATCH"];

/**
 * The bytes of a request, head and content in one piece (RFC 9112 §3, §5).
 *
 * @param host the value of `Host`
 * @throws {TypeError} for what cannot be sent: nothing that comes from a user can end a line
 */
export function encodeRequest(request: OutgoingRequest, host: string): Uint8Array<ArrayBuffer> {
  const { method, target, fields = [], body } = request;
  if (!isToken(method)) throw new TypeError("an invalid method");
  if (!isTarget(target)) throw new TypeError("an invalid request target");
  const encoder = new TextEncoder();
  const content = typeof body === "string" ? encoder.encode(body) : body;
  let head = `${method} ${target} HTTP/1.1\r\n` + fieldLine("Host", host);
  for (const [name, value] of fields) {
    if (/^(host|content-length|transfer-encoding)$/i.test(name)) {
      throw new TypeError(`${name} is written by the client itself`);
    }
    head += fieldLine(name, value);
  }
  if (content !== undefined) head += fieldLine("Content-Length", String(content.length));
  else if (WITH_CONTENT.includes(method)) head += fieldLine("Content-Length", "0");
  head += "\r\n";
  const bytes = new Uint8Array(head.length + (content?.length ?? 0));
  // One byte a character: field values are ISO-8859-1 at most.
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
  if (content !== undefined) bytes.set(content, head.length);
  return bytes;
}

function fieldLine(name: string, value: string): string {
  if (!isToken(name)) throw new TypeError("an invalid field name");
  if (!consistsOf(value, VALUE | OBSOLETE_TEXT)) {
    throw new TypeError(`a character in the value of ${name} that cannot be sent`);
  }
  return `${name}: ${value}\r\n`;
}

function isToken(text: string): boolean {
  return text !== "" && consistsOf(text, TOKEN);
}

function isTarget(text: string): boolean {
  return text !== "" && consistsOf(text.replace(/[?%]/g, ""), TARGET);
}

function consistsOf(text: string, kinds: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || (BYTE_KINDS[code] & kinds) === 0) return false;
  }
  return true;
}
