/**
 * The `Set-Cookie` field of a response (RFC 6265 §4.1, §5.2), as far as a client of one server
 * needs it.
 */

/** A cookie a server asks to be kept. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** Seconds it lives, `LIFETIME_LIMIT` at most; zero or less removes it; null where nothing is said. */
  readonly maxAgeSeconds: number | null;
  /** To be sent over TLS only. */
  readonly secure: boolean;
  /** The `Domain` asked for, lower case and without a leading dot; null where none is. */
  readonly domain: string | null;
}

/** Longest name and value together that is kept, in characters (RFC 6265 §6.1 asks for 4096). */
export const COOKIE_SIZE_LIMIT = 4096;

/**
 * The longest a cookie is kept, seconds: 400 days, as browsers have it (draft-ietf-httpbis-rfc6265bis). A
 * server can name any number, and not every number is a date.
 */
export const LIFETIME_LIMIT = 400 * 24 * 3600;

/** The name of a cookie: a token (RFC 9110 §5.6.2). */
export const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/**
 * What may be sent back without changing the meaning of the field: cookie octets and inner spaces.
 */
const VALUE = /^[\x20-\x3a\x3c-\x7e]*$/;

/**
 * Reads one `Set-Cookie` line. A cookie's value ends at the first `;`, whatever follows.
 * @param now milliseconds since 1970, for `Expires`
 * @returns null where the line holds no cookie that could be sent back.
 */
export function parseSetCookie(line: string, now: number): SetCookie | null {
  const [pair, ...attributes] = line.split(";");
  const equals = pair.indexOf("=");
  if (equals < 1) return null;
  const name = pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  if (!COOKIE_NAME.test(name) || !VALUE.test(value)) return null;
  if (name.length + value.length > COOKIE_SIZE_LIMIT) return null;

  let maxAge: number | null = null;
  let expires: number | null = null;
  let secure = false;
  let domain: string | null = null;
  for (const attribute of attributes) {
    const at = attribute.indexOf("=");
    const key = (at < 0 ? attribute : attribute.slice(0, at)).trim().toLowerCase();
    const text = at < 0 ? "" : attribute.slice(at + 1).trim();
    if (key === "max-age" && /^-?[0-9]+$/.test(text)) maxAge = Number(text);
    else if (key === "expires" && !Number.isNaN(Date.parse(text))) {
      expires = (Date.parse(text) - now) / 1000;
    } else if (key === "secure") secure = true;
    else if (key === "domain" && text !== "") domain = text.toLowerCase().replace(/^\./, "");
  }
  const lifetime = maxAge ?? expires;
  const maxAgeSeconds = lifetime === null ? null : Math.min(lifetime, LIFETIME_LIMIT);
  return { name, value, maxAgeSeconds, secure, domain };
}
