/** Reads and writes cookies as browsers (RFC 6265) and the original client understand them. */
import type { Token } from "../accounts/mod.ts";
import type { Fields } from "../http/mod.ts";

/** Name of a cookie that this server sets. */
export type CookieName = "session" | "key" | "device";

/** Returns the value of a cookie in one field value, or null. A value ends at the first `;`. */
function cookieIn(field: string, name: string): string | null {
  for (let end = -1; end !== field.length;) {
    let start = end + 1;
    end = field.indexOf(";", start);
    if (end < 0) end = field.length;
    while (field.charCodeAt(start) === 0x20) start++;
    if (field.startsWith(name, start) && field.charCodeAt(start + name.length) === 0x3d) {
      return field.slice(start + name.length + 1, end).trim();
    }
  }
  return null;
}

/**
 * Returns the value of a cookie of a request, or null if the request does not have it; of several,
 * the first, since user agents send the most specific first (RFC 6265 §5.4). Without a `Cookie`
 * field, `Set-Cookie` is searched: the original client sends its cookies there.
 */
export function requestCookie(fields: Fields, name: CookieName): string | null {
  const cookies = fields.get("cookie");
  if (cookies !== null) return cookieIn(cookies, name);
  for (const line of fields.getAll("set-cookie")) {
    const value = cookieIn(line, name);
    if (value !== null) return value;
  }
  return null;
}

/**
 * Returns the `Set-Cookie` field line that gives a token to the client. The original client splits
 * the value at `"; "` into exactly two parts and each part at `=`. Every attribute but `Max-Age`
 * therefore follows a bare `;`, which RFC 6265 §5.2 reads the same way. `Path` is not needed: the
 * default path of `/login` and `/privilege` is `/`.
 *
 * @param secure whether the client uses TLS; adds `Secure`, so that the cookie is never sent
 * without
 */
export function setCookie(
  name: CookieName,
  { value, maxAgeSeconds }: Token,
  secure: boolean,
): readonly [string, string] {
  const attributes = secure ? ";HttpOnly;SameSite=Strict;Secure" : ";HttpOnly;SameSite=Strict";
  return ["Set-Cookie", `${name}=${value}${attributes}; Max-Age=${maxAgeSeconds}`];
}

/** Returns the `Set-Cookie` field line that makes the client forget a cookie (RFC 6265 §5.3). */
export function expireCookie(name: CookieName, secure: boolean): readonly [string, string] {
  return setCookie(name, { value: "", maxAgeSeconds: 0 }, secure);
}
