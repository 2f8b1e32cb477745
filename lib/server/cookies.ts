/** Cookies in both directions, as browsers (RFC 6265) and the original client understand them. */
import type { Token } from "../accounts/mod.ts";
import type { Fields } from "../http/mod.ts";

/** The cookies of this server. */
export type CookieName = "session" | "key" | "device";

/** The value of the cookie `name` in one field value, or null. A value ends at the first `;`. */
function cookieIn(field: string, name: string): string | null {
  for (let start = 0; start < field.length;) {
    let end = field.indexOf(";", start);
    if (end < 0) end = field.length;
    while (field.charCodeAt(start) === 0x20) start++;
    if (field.startsWith(name, start) && field.charCodeAt(start + name.length) === 0x3d) {
      return field.slice(start + name.length + 1, end).trim();
    }
    start = end + 1;
  }
  return null;
}

/**
 * The value of a request's cookie, or null where there is none; of several, the first (RFC 6265 §5.4
 * sends the most specific first). Where there is no `Cookie` field, it is looked for in `Set-Cookie`,
 * which is how the original client sends its cookies.
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
 * The `Set-Cookie` field line that gives a token to the client. The original client splits the value
 * at `"; "` into exactly two parts and each part at `=`, so every attribute but `Max-Age` follows a
 * bare `;`, which RFC 6265 §5.2 reads the same. No `Path` is needed: `/login` and `/privilege` both
 * have the default path `/`.
 *
 * @param secure whether the connection is TLS: the cookie then never travels without it
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
