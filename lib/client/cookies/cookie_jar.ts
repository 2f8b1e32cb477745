/**
 * The cookies of one server while the client runs.
 */
import { parseSetCookie } from "./set_cookie.ts";
import type { ServerAddress } from "../server_address.ts";

/** A cookie as it is kept. */
export interface Cookie {
  readonly value: string;
  /**
   * When it ends, Unix seconds; null where the server did not say: then it is kept until `logout`.
   */
  readonly expiryTime: number | null;
  /** Sent over TLS only. */
  readonly secure: boolean;
}

/** What is kept of one server between two runs. */
export interface ServerState {
  /** Who logged in last; null for nobody. */
  user: string | null;
  /** The cookies by name. */
  cookies: Map<string, Cookie>;
}

/** The most cookies kept of one server (RFC 6265 §6.1 asks for 50): an endless list ends here. */
export const COOKIE_COUNT_LIMIT = 50;

/** The cookies of one server, and who is logged in there. */
export class CookieJar {
  /**
   * @param server a cookie that asks for another host is refused: a server sets cookies for itself
   * @param state what an earlier run left
   * @param now the clock, milliseconds since 1970
   */
  constructor(
    private readonly server: ServerAddress,
    readonly state: ServerState = { user: null, cookies: new Map() },
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes the `Set-Cookie` lines of a response. @returns whether anything changed. */
  receive(lines: readonly string[]): boolean {
    let changed = false;
    for (const line of lines) {
      const cookie = parseSetCookie(line, this.now());
      if (cookie === null) continue;
      if (cookie.domain !== null && cookie.domain !== this.server.hostname) continue;
      if (cookie.secure && !this.server.tls) continue;
      const { cookies } = this.state;
      if (cookie.maxAgeSeconds !== null && cookie.maxAgeSeconds <= 0) {
        changed = cookies.delete(cookie.name) || changed;
        continue;
      }
      if (!cookies.has(cookie.name) && cookies.size >= COOKIE_COUNT_LIMIT) continue;
      cookies.set(cookie.name, {
        value: cookie.value,
        expiryTime: cookie.maxAgeSeconds === null ? null : this.now() / 1000 + cookie.maxAgeSeconds,
        secure: cookie.secure,
      });
      changed = true;
    }
    return changed;
  }

  /** The live cookie of this name, or null. */
  get(name: string): Cookie | null {
    const cookie = this.state.cookies.get(name);
    if (cookie === undefined) return null;
    if (cookie.expiryTime !== null && cookie.expiryTime <= this.now() / 1000) {
      this.state.cookies.delete(name);
      return null;
    }
    return cookie.secure && !this.server.tls ? null : cookie;
  }

  /** The value of the `Cookie` field (RFC 6265 §4.2), or null where there is nothing to send. */
  field(): string | null {
    const pairs: string[] = [];
    for (const name of [...this.state.cookies.keys()]) {
      const cookie = this.get(name);
      if (cookie !== null) pairs.push(`${name}=${cookie.value}`);
    }
    return pairs.length === 0 ? null : pairs.join("; ");
  }

  /** Forgets one cookie, or all of them and the user. @returns whether there was anything. */
  forget(name?: string): boolean {
    if (name !== undefined) return this.state.cookies.delete(name);
    const had = this.state.cookies.size > 0 || this.state.user !== null;
    this.state.cookies.clear();
    this.state.user = null;
    return had;
  }
}
