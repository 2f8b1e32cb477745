/**
 * The `Set-Cookie` field of a response (RFC 6265 §4.1, §5.2): the parts that a client of one server
 * needs.
 */

/** A cookie that a server sets. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** Lifetime in seconds, at most `LIFETIME_LIMIT`; zero or less removes it; null if not given. */
  readonly maxAgeSeconds: number | null;
  /** Whether it is sent over TLS only. */
  readonly secure: boolean;
  /** The `Domain`, in lower case and without a leading dot; null if not given. */
  readonly domain: string | null;
}

/** Longest name and value together, characters (RFC 6265 §6.1 asks for 4096 bytes). */
export const COOKIE_SIZE_LIMIT = 4096;

/**
 * Longest lifetime of a cookie, seconds: 400 days, as in browsers (draft-ietf-httpbis-rfc6265bis).
 * Without a limit, a server could name a lifetime that ends after the last date.
 */
export const LIFETIME_LIMIT = 400 * 24 * 3600;

/** Matches the name of a cookie: a token (RFC 9110 §5.6.2). */
export const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/**
 * Matches a value that keeps its meaning when it is sent back: cookie-octets (RFC 6265 §4.1.1) and
 * inner spaces.
 */
const VALUE = /^[\x20-\x3a\x3c-\x7e]*$/;

/**
 * Reads one `Set-Cookie` line. The value of a cookie ends at the first `;`.
 *
 * @param now milliseconds since 1970, for `Expires`
 * @returns null if the line holds no cookie that could be sent back
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
    const [, name, value] = /^([^=]*)=?(.*)$/s.exec(attribute)!;
    const key = name.trim().toLowerCase();
    const text = value.trim();
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
