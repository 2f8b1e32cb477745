/**
 * The header fields that every response carries, whatever its route, and the requests that are
 * refused for where a browser says they come from.
 */
import type { Request, Response } from "../http/mod.ts";
import type { TrustedProxies } from "./trusted_proxies.ts";

type Field = readonly [name: string, value: string];

/** Keeps a response out of every cache: the default of all that does not say otherwise. */
export const NO_STORE: Field = ["Cache-Control", "no-store"];

/** Keeps a browser from taking a response for another type than it says. */
const NO_SNIFF: Field = ["X-Content-Type-Options", "nosniff"];

/** What the rules depend on. */
export interface HeaderRulesOptions {
  /** Whether clients reach the server itself over TLS. */
  readonly secure: boolean;
  /** For how long browsers are to use TLS alone, seconds; null for no such demand (RFC 6797). */
  readonly hstsSeconds: number | null;
  readonly proxies: TrustedProxies;
}

function strictTransportSecurity(seconds: number): Field {
  return ["Strict-Transport-Security", `max-age=${seconds}`];
}

/**
 * Returns the field lines for the engine to put on every response, its own refusals included.
 * `Strict-Transport-Security` is among them where every connection is TLS.
 */
export function commonFields({ secure, hstsSeconds }: HeaderRulesOptions): readonly Field[] {
  return secure && hstsSeconds !== null
    ? [NO_SNIFF, strictTransportSecurity(hstsSeconds)]
    : [NO_SNIFF];
}

/** Applies the rules to the responses of the routes. */
export class HeaderRules {
  /** Set where it depends on the request whether its client uses TLS (RFC 6797 §7.2). */
  readonly #hsts: Field | null;
  readonly #proxies: TrustedProxies;
  /** Responses with `#hsts`, by those without that are sent time and again. */
  readonly #secured = new WeakMap<Response, Response>();

  constructor({ secure, hstsSeconds, proxies }: HeaderRulesOptions) {
    this.#hsts = secure || hstsSeconds === null ? null : strictTransportSecurity(hstsSeconds);
    this.#proxies = proxies;
  }

  /** Returns the response as it is to be sent: nearly always the very same. */
  apply(request: Request, response: Response): Response {
    const stored = hasCacheControl(response) ? response : withField(response, NO_STORE);
    if (this.#hsts === null || !this.#proxies.saysSecure(request)) return stored;
    let secured = this.#secured.get(stored);
    if (secured === undefined) {
      secured = withField(stored, this.#hsts);
      this.#secured.set(stored, secured);
    }
    return secured;
  }
}

function hasCacheControl({ fields = [] }: Response): boolean {
  for (let i = 0; i < fields.length; i++) if (fields[i][0] === "Cache-Control") return true;
  return false;
}

function withField({ status, fields = [], body }: Response, field: Field): Response {
  return { status, fields: [...fields, field], body };
}

/**
 * Returns whether a browser sends the request on behalf of another site: one that could change
 * something and whose `Sec-Fetch-Site` (Fetch Metadata §2.3) is another than `same-origin` or
 * `none`; or, where plain HTTP has no such field, one whose `Origin` (RFC 6454 §7) is not the host
 * asked for. A program sends neither field.
 */
export function isCrossSite(request: Request, proxies: TrustedProxies): boolean {
  const { method, fields } = request;
  if (method !== "POST" && method !== "PUT") return false;
  const site = fields.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = fields.get("origin");
  return origin !== null && !isOriginOf(origin, proxies.hostOf(request));
}

/** Whether the origin has this host and port. Its scheme says which port goes without saying. */
function isOriginOf(origin: string, host: string | null): boolean {
  const url = URL.parse(origin);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
  return host !== null && URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}
