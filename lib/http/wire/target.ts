/** Parses request targets (RFC 9112 §3.2). */
import { HttpError } from "../error.ts";

/** The parts of a request target (RFC 9112 §3.2, RFC 3986). */
export interface Target {
  /** The path, percent-decoded once; `*` for asterisk-form, the authority for CONNECT. */
  readonly path: string;
  /** The part after the first `?`, still encoded; empty if there is none. */
  readonly query: string;
  /**
   * The authority of an absolute-form target, which overrides `Host` (RFC 9112 §3.2.2), or null.
   */
  readonly authority: string | null;
}

/**
 * Parses a request target.
 *
 * @param method decides which forms are allowed: asterisk-form for OPTIONS, authority-form for
 *   CONNECT
 * @param target the target as sent, its bytes checked by the parser of the head
 * @throws {HttpError} 400 for a form that the method does not allow, or a malformed
 *   percent-encoding
 */
export function parseTarget(method: string, target: string): Target {
  if (method === "CONNECT") {
    const port = /:\d+$/.exec(target);
    if (port === null || !isHost(target)) throw new HttpError(400, "CONNECT needs host:port");
    return { path: target, query: "", authority: target };
  }
  if (target === "*") {
    if (method !== "OPTIONS") throw new HttpError(400, "the target * is for OPTIONS alone");
    return { path: "*", query: "", authority: null };
  }
  if (target.startsWith("/")) return { ...pathAndQuery(target), authority: null };
  const absolute = /^https?:\/\/([^/?]+)(.*)$/is.exec(target);
  if (absolute === null) throw new HttpError(400, "an invalid request target");
  const [, authority, rest] = absolute;
  if (!isHost(authority)) throw new HttpError(400, "an invalid authority in the request target");
  // OPTIONS for the server as a whole, sent through a proxy (RFC 9112 §3.2.4).
  if (rest === "" && method === "OPTIONS") return { path: "*", query: "", authority };
  return { ...pathAndQuery(rest.startsWith("/") ? rest : "/" + rest), authority };
}

/** Splits at the first `?` and decodes the path. */
function pathAndQuery(text: string): { path: string; query: string } {
  // Checks the query, too, as URLSearchParams would accept a stray % as it is.
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new HttpError(400, "a malformed percent-encoding");
  const mark = text.indexOf("?");
  const path = mark === -1 ? text : text.slice(0, mark);
  const query = mark === -1 ? "" : text.slice(mark + 1);
  try {
    return { path: decodeURIComponent(path), query };
  } catch {
    throw new HttpError(400, "a path that is not UTF-8");
  }
}

const HOST = /^(?:(\[[0-9a-f:.]+\])|(?:[a-z0-9\-._~!$&'()*+,;=]|%[0-9a-f]{2})+)(?::(\d*))?$/i;

/** Returns whether the text is a non-empty `host[:port]` (RFC 9110 §7.2, RFC 3986 §3.2.2). */
export function isHost(text: string): boolean {
  const match = HOST.exec(text);
  if (match === null || Number(match[2] ?? 0) > 0xffff) return false;
  // The URL parser of the platform knows IPv6 addresses.
  return match[1] === undefined || URL.canParse(`http://${match[1]}/`);
}
