/**
 * The cookies of one server while the client runs.
 */
import { parseSetCookie } from "./set_cookie.ts";
import type { ServerAddress } from "../server_address.ts";

/** A cookie. */
export interface Cookie {
  readonly value: string;
  /**
   * When it expires, Unix seconds; null if the server did not say: then it is kept until `logout`.
   */
  readonly expiryTime: number | null;
  /** Whether it is sent over TLS only. */
  readonly secure: boolean;
}

/** The cookies of one server, and who is logged in there. */
export interface ServerState {
  /** The last user who logged in; null if nobody did. */
  user: string | null;
  /** The cookies by name. */
  cookies: Map<string, Cookie>;
}

/** Most cookies kept of one server, the least that RFC 6265 §6.1 asks for. */
export const COOKIE_COUNT_LIMIT = 50;

/** The cookies of one server while the client runs. */
export class CookieJar {
  readonly #server: ServerAddress;
  readonly #now: () => number;

  /**
   * @param server a cookie for another host is refused: a server sets cookies for itself
   * @param state what an earlier run left
   * @param now the clock, milliseconds since 1970
   */
  constructor(
    server: ServerAddress,
    readonly state: ServerState = { user: null, cookies: new Map() },
    now: () => number = Date.now,
  ) {
    this.#server = server;
    this.#now = now;
  }

  /** Takes the `Set-Cookie` lines of a response. @returns whether anything changed */
  receive(lines: readonly string[]): boolean {
    let changed = false;
    for (const line of lines) {
      const cookie = parseSetCookie(line, this.#now());
      if (cookie === null) continue;
      if (cookie.domain !== null && cookie.domain !== this.#server.hostname) continue;
      if (cookie.secure && !this.#server.tls) continue;
      const { cookies } = this.state;
      if (cookie.maxAgeSeconds !== null && cookie.maxAgeSeconds <= 0) {
        changed = cookies.delete(cookie.name) || changed;
        continue;
      }
      if (!cookies.has(cookie.name) && cookies.size >= COOKIE_COUNT_LIMIT) continue;
      cookies.set(cookie.name, {
        value: cookie.value,
        expiryTime: cookie.maxAgeSeconds === null
          ? null
          : this.#now() / 1000 + cookie.maxAgeSeconds,
        secure: cookie.secure,
      });
      changed = true;
    }
    return changed;
  }

  /** Returns the live cookie of this name, or null. */
  get(name: string): Cookie | null {
    const cookie = this.state.cookies.get(name);
    if (cookie === undefined) return null;
    if (cookie.expiryTime !== null && cookie.expiryTime <= this.#now() / 1000) {
      this.state.cookies.delete(name);
      return null;
    }
    return cookie.secure && !this.#server.tls ? null : cookie;
  }

  /**
   * Returns the value of the `Cookie` field (RFC 6265 §4.2), or null if there is no live cookie.
   */
  field(): string | null {
    const pairs: string[] = [];
    for (const name of [...this.state.cookies.keys()]) {
      const cookie = this.get(name);
      if (cookie !== null) pairs.push(`${name}=${cookie.value}`);
    }
    return pairs.length === 0 ? null : pairs.join("; ");
  }

  /** Removes one cookie, or all of them and the user. @returns whether there was anything */
  forget(name?: string): boolean {
    if (name !== undefined) return this.state.cookies.delete(name);
    const had = this.state.cookies.size > 0 || this.state.user !== null;
    this.state.cookies.clear();
    this.state.user = null;
    return had;
  }
}
