/**
 * `cookies.json`: the cookies of every server, kept between two runs in a file that people can
 * read.
 *
 *     { "http://localhost:8080": {
 *         "user": "alice",
 *         "cookies": { "key": { "value": "…", "expiry_time": 1763800000.5 } } } }
 *
 * The flat form `{ "key": { "value", "expiry_time" } }` of the original client is read too. It
 * names no server, so the first server that the client talks to takes the cookies over.
 */
import type { Cookie, CookieJar, ServerState } from "./cookie_jar.ts";
import { Failure } from "../failure.ts";
import { withFileLock } from "./file_lock.ts";
import { strip } from "../../text/printable.ts";
import { replaceFile } from "./replace_file.ts";
import { COOKIE_NAME } from "./set_cookie.ts";

/** Largest file that is read, bytes. */
export const COOKIE_FILE_LIMIT = 1 << 20;

/** The file, seen by one server. */
export class CookieFile {
  #usable = true;

  readonly #origin: string;
  readonly #now: () => number;

  /**
   * @param path the file; it may be missing
   * @param origin the server whose cookies are read and written
   * @param now the clock, milliseconds since 1970
   */
  constructor(
    readonly path: string,
    origin: string,
    now: () => number = Date.now,
  ) {
    this.#origin = origin;
    this.#now = now;
  }

  /**
   * Returns the cookies of this server; none if there is no file.
   *
   * @throws {Failure} if the file cannot be read or is damaged. It is not written afterwards
   * either: the client goes on with cookies that last as long as it runs.
   */
  load(): ServerState {
    this.#usable = false;
    const all = this.#read();
    this.#usable = true;
    const { user, cookies } = all.get(this.#origin) ?? all.get(FLAT) ??
      { user: null, cookies: new Map() };
    return { user, cookies: new Map(cookies) };
  }

  /**
   * Writes the cookies of this server and leaves those of the others as they are now: several
   * clients may run at once. Expired cookies are dropped.
   *
   * @throws {Failure} if the file cannot be written; only the first time
   */
  save(jar: CookieJar): void {
    if (!this.#usable) return;
    this.#usable = false;
    try {
      withFileLock(this.path, () => {
        const all = this.#read();
        all.delete(FLAT);
        all.set(this.#origin, jar.state);
        replaceFile(this.path, this.#encode(all));
      });
    } catch (error) {
      if (error instanceof Failure) throw error;
      const path = strip(this.path);
      throw new Failure("COOKIES_NOT_SAVED", (m) => m.cookiesNotSaved(path, m.fileError(error)));
    }
    this.#usable = true;
  }

  #encode(all: Map<string, ServerState>): string {
    const content: Record<string, unknown> = Object.create(null);
    for (const [origin, { user, cookies }] of all) {
      const live = [...cookies].filter(([, cookie]) => !this.#isExpired(cookie));
      if (live.length === 0 && user === null) continue;
      content[origin] = {
        ...(user === null ? {} : { user }),
        cookies: Object.fromEntries(live.map(([name, cookie]) => [name, {
          value: cookie.value,
          expiry_time: cookie.expiryTime,
          ...(cookie.secure ? { secure: true } : {}),
        }])),
      };
    }
    return JSON.stringify(content, null, 2) + "\n";
  }

  #isExpired(cookie: Cookie): boolean {
    return cookie.expiryTime !== null && cookie.expiryTime <= this.#now() / 1000;
  }

  #read(): Map<string, ServerState> {
    let text: string;
    try {
      if (Deno.statSync(this.path).size > COOKIE_FILE_LIMIT) throw new Error("too large");
      text = Deno.readTextFileSync(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new Map();
      const path = strip(this.path);
      throw new Failure("COOKIES_UNREADABLE", (m) => m.cookiesUnreadable(path, m.fileError(error)));
    }
    const states = decode(text);
    if (states === null) {
      const path = strip(this.path);
      throw new Failure("COOKIES_DAMAGED", (m) => m.cookiesDamaged(path));
    }
    for (const state of states.values()) {
      for (const [name, cookie] of state.cookies) {
        if (this.#isExpired(cookie)) state.cookies.delete(name);
      }
    }
    return states;
  }
}

/** The origin of cookies in the original's flat form; no server has it. */
const FLAT = "";

/** Reads the content of the file, or returns null if any part of it has the wrong shape. */
function decode(text: string): Map<string, ServerState> | null {
  let json: unknown;
  try {
    // A crash may leave the file empty; then there are no cookies.
    json = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(json)) return null;
  const states = new Map<string, ServerState>();
  const flat = new Map<string, Cookie>();
  for (const [key, entry] of Object.entries(json)) {
    if (!isObject(entry)) return null;
    if (isObject(entry.cookies)) {
      const cookies = new Map<string, Cookie>();
      for (const [name, value] of Object.entries(entry.cookies)) {
        const cookie = decodeCookie(value);
        if (cookie === null || !COOKIE_NAME.test(name)) return null;
        cookies.set(name, cookie);
      }
      const user = entry.user ?? null;
      if (user !== null && typeof user !== "string") return null;
      states.set(key, { user, cookies });
    } else {
      const cookie = decodeCookie(entry);
      if (cookie === null || !COOKIE_NAME.test(key)) return null;
      flat.set(key, cookie);
    }
  }
  return states.set(FLAT, { user: null, cookies: flat });
}

function decodeCookie(value: unknown): Cookie | null {
  if (!isObject(value) || typeof value.value !== "string") return null;
  const expiry = value.expiry_time ?? null;
  // The last instant of a date, seconds (ECMA-262 §21.4.1.1): the end of a key is shown.
  if (expiry !== null && !(typeof expiry === "number" && expiry <= 8.64e12)) return null;
  // A value must not end the field or start another cookie.
  if (!/^[\x20-\x3a\x3c-\x7e]*$/.test(value.value)) return null;
  return { value: value.value, expiryTime: expiry, secure: value.secure === true };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
