import { HttpError } from "../error.ts";

/** What a request target says, taken apart once (RFC 9112 §3.2, RFC 3986). */
export interface Target {
  /** The path, percent-encoding decoded once; `*` for asterisk-form, the authority for CONNECT. */
  readonly path: string;
  /** What follows the first `?`, still encoded; empty where there is none. */
  readonly query: string;
  /** The authority of absolute-form, which overrides `Host` (RFC 9112 §3.2.2); else null. */
  readonly authority: string | null;
}

/**
 * Takes a target apart.
 *
 * @param method decides which forms are allowed: asterisk-form for OPTIONS, authority-form for CONNECT
 * @param target the target as sent; the head's parser has checked its bytes
 * @throws {HttpError} 400 for a form that the method does not allow, or a malformed percent-encoding
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
  // OPTIONS for the whole server, by way of a proxy (RFC 9112 §3.2.4).
  if (rest === "" && method === "OPTIONS") return { path: "*", query: "", authority };
  return { ...pathAndQuery(rest.startsWith("/") ? rest : "/" + rest), authority };
}

/** Splits at the first `?` and decodes the path. */
function pathAndQuery(text: string): { path: string; query: string } {
  // Checked for the query as well: URLSearchParams would take a stray % for itself.
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new HttpError(400, "a malformed percent-encoding");
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  const query = mark < 0 ? "" : text.slice(mark + 1);
  try {
    return { path: decodeURIComponent(path), query };
  } catch {
    throw new HttpError(400, "a path that is not UTF-8");
  }
}

const HOST = /^(?:(\[[0-9a-f:.]+\])|(?:[a-z0-9\-._~!$&'()*+,;=]|%[0-9a-f]{2})+)(?::(\d*))?$/i;

/** Whether the text is `host[:port]` (RFC 9110 §7.2, RFC 3986 §3.2.2), and not empty. */
export function isHost(text: string): boolean {
  const match = HOST.exec(text);
  if (match === null || Number(match[2] ?? 0) > 0xffff) return false;
  // What an IPv6 address is, the system's URLs know.
  return match[1] === undefined || URL.canParse(`http://${match[1]}/`);
}
