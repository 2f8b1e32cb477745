/**
 * Rules for header fields of every route: the fields that all responses carry, and the requests
 * that are refused because a browser sends them for another site.
 */
import type { Request, Response } from "../http/mod.ts";
import type { TrustedProxies } from "./trusted_proxies.ts";

type Field = readonly [name: string, value: string];

/** Keeps a response out of every cache; the default for responses without `Cache-Control`. */
export const NO_STORE: Field = ["Cache-Control", "no-store"];

/** Keeps browsers from guessing another type than `Content-Type` says. */
const NO_SNIFF: Field = ["X-Content-Type-Options", "nosniff"];

/** The settings that the rules depend on. */
export interface HeaderRulesOptions {
  /** Whether the server itself uses TLS. */
  readonly secure: boolean;
  /** `max-age` of `Strict-Transport-Security` (RFC 6797), seconds; null to leave the field out. */
  readonly hstsSeconds: number | null;
  readonly proxies: TrustedProxies;
}

function strictTransportSecurity(seconds: number): Field {
  return ["Strict-Transport-Security", `max-age=${seconds}`];
}

/**
 * Returns the field lines that the HTTP engine adds to every response, including its own errors.
 * `Strict-Transport-Security` is one of them if every connection uses TLS.
 */
export function commonFields({ secure, hstsSeconds }: HeaderRulesOptions): readonly Field[] {
  return secure && hstsSeconds !== null
    ? [NO_SNIFF, strictTransportSecurity(hstsSeconds)]
    : [NO_SNIFF];
}

/** Applies the rules to the responses of the routes. */
export class HeaderRules {
  /** The field if only some clients use TLS, so that each request decides (RFC 6797 §7.2). */
  readonly #hsts: Field | null;
  readonly #proxies: TrustedProxies;
  /** For each response that is sent many times, the same response with `#hsts`. */
  readonly #secured = new WeakMap<Response, Response>();

  constructor({ secure, hstsSeconds, proxies }: HeaderRulesOptions) {
    this.#hsts = secure || hstsSeconds === null ? null : strictTransportSecurity(hstsSeconds);
    this.#proxies = proxies;
  }

  /** Returns the response with the fields that it needs; usually the same object. */
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
 * Returns whether a browser sends a request that may change something on behalf of another site:
 * `Sec-Fetch-Site` (Fetch Metadata §2.3) is neither `same-origin` nor `none`. Over plain HTTP,
 * where browsers leave that field out, `Origin` (RFC 6454 §7) must name the requested host.
 * Programs that are not browsers send neither field.
 */
export function isCrossSite(request: Request, proxies: TrustedProxies): boolean {
  const { method, fields } = request;
  if (method !== "POST" && method !== "PUT") return false;
  const site = fields.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = fields.get("origin");
  return origin !== null && !isOriginOf(origin, proxies.hostOf(request));
}

/** Returns whether the origin has this host and port; the scheme gives the default port. */
function isOriginOf(origin: string, host: string | null): boolean {
  const url = URL.parse(origin);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
  return host !== null && URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}
