/**
 * The operations of the photo server, as HTTP requests.
 */
import type { Fields, IncomingResponse, OutgoingRequest } from "../../http/mod.ts";
import type { CookieJar } from "../cookies/cookie_jar.ts";
import { Failure } from "../failure.ts";
import { strip } from "../../text/printable.ts";
import { type ListPage, parseJson, readListPage } from "./list_page.ts";
import { transportFailure } from "./transport_failure.ts";

/** Longest text that is read, bytes. */
const TEXT_LIMIT = 64 * 1024;

/** Longest page of a list that is read, bytes: 1000 names of 1024 characters and their numbers. */
const LIST_LIMIT = 8 * 1024 * 1024;

/** Sends requests; `HttpClient` is one. */
export interface Transport {
  request(request: OutgoingRequest): Promise<IncomingResponse>;
  close(): void;
}

/** The result of raising the privilege. */
export interface PrivilegeResult {
  /** Whether it had been raised already (409). */
  readonly already: boolean;
  /** When it expires, Unix seconds; null if the server does not say. */
  readonly expiryTime: number | null;
}

/** A live login. */
export interface Login {
  readonly user: string;
  /** When the login expires, Unix seconds; null if the server does not say. */
  readonly expiryTime: number | null;
  /** When the raised privilege expires, Unix seconds; null if it is not raised. */
  readonly keyExpiryTime: number | null;
}

/** What a logout has ended: the session on the server, the cookies here alone, or nothing. */
export type LogoutResult = "everywhere" | "here" | "nothing";

/** One server, with the cookies of this user. */
export class PhotoServer {
  #hasResponded = false;

  readonly #transport: Transport;
  readonly #jar: CookieJar;
  readonly #keep: () => void;

  /**
   * @param transport sends the requests
   * @param jar the cookies of the server
   * @param keep saves the cookies; called whenever they have changed
   */
  constructor(
    transport: Transport,
    jar: CookieJar,
    keep: () => void,
  ) {
    this.#transport = transport;
    this.#jar = jar;
    this.#keep = keep;
  }

  /** The last user who logged in, or null. */
  get user(): string | null {
    return this.#jar.state.user;
  }

  /** Creates a user. @throws {Failure} */
  async register(username: string, password: string): Promise<void> {
    const { status, text, fields } = await this.#post("/register", { username, password });
    if (status === 200 && text.includes("REGISTER_SUCCESS")) return;
    if (text.includes("User already exists")) {
      throw new Failure("USER_EXISTS", (m) => m.userExists(strip(username)));
    }
    const reason = /^REGISTER_FAILED:?\s*(.*)/s.exec(text)?.[1];
    if (reason) {
      throw new Failure("REGISTER_FAILED", (m) => m.registerFailed(m.refusalReason(strip(reason))));
    }
    throw refusal(status, text, fields);
  }

  /** Logs in, and removes the key of another user. @throws {Failure} */
  async login(username: string, password: string): Promise<void> {
    const { status, text, fields } = await this.#post("/login", { username, password });
    if (status === 200 && text.includes("LOGIN_SUCCESS")) {
      if (this.#jar.state.user !== null && this.#jar.state.user !== username) {
        this.#jar.forget("key");
      }
      this.#jar.state.user = username;
      this.#keep();
      return;
    }
    if (text.includes("LOGIN_FAILED")) {
      throw new Failure("LOGIN_FAILED", (m) => m.loginFailed(strip(username)));
    }
    throw refusal(status, text, fields);
  }

  /** Raises the privilege. @throws {Failure} */
  async raisePrivilege(): Promise<PrivilegeResult> {
    const { status, text, fields } = await this.#ask("PUT", "/privilege", this.#whoAmI());
    const already = text.includes("PRIVILEGE_ALREADY_CHANGED");
    if (already || text.includes("PRIVILEGE_CHANGED")) {
      return { already, expiryTime: this.#jar.get("key")?.expiryTime ?? null };
    }
    if (status === 401) throw new Failure("LOGIN_REQUIRED", (m) => m.loginRequired);
    if (status === 403) throw new Failure("FORBIDDEN", (m) => m.forbidden);
    throw refusal(status, text, fields);
  }

  /**
   * Asks whether the privilege is raised.
   *
   * @returns whether the server knows entity tags. A server that gives sessions does, and so does
   * one that responds to this HEAD with `Content-Length: 0`; the original announces content.
   * @throws {Failure} if the privilege is not raised
   */
  async checkKey(): Promise<{ hasEntityTags: boolean }> {
    const response = await this.#retrieve("HEAD", "/images", this.#whoAmI());
    const { status, fields } = response;
    if (status === 401) throw new Failure("NO_KEY", (m) => m.noKey);
    if (status !== 200) throw refusal(status, response.reason, fields);
    return { hasEntityTags: this.#givesSessions || fields.get("content-length") === "0" };
  }

  /**
   * Requests an image.
   *
   * @param fields conditions and ranges
   * @returns the response with status 200, 206, 304 or 416, its content not read yet
   * @throws {Failure} for any other status
   */
  async image(
    url: string,
    fields: readonly (readonly [string, string])[],
  ): Promise<IncomingResponse> {
    const query = this.#givesSessions ? `?${new URLSearchParams({ url })}` : "";
    const response = await this.#retrieve("GET", `/images${query}`, { url }, fields);
    const { status } = response;
    if ([200, 206, 304, 416].includes(status)) return response;
    const text = await this.#text(response);
    if (status === 401) throw new Failure("NO_KEY", (m) => m.noKey);
    if (status === 404) {
      throw new Failure("IMAGE_NOT_FOUND", (m) => m.imageNotFound(strip(url)));
    }
    throw refusal(status, text, response.fields);
  }

  /**
   * Requests an image scaled down to a box. A server that cannot scale sends the image itself.
   *
   * @param size pixels
   * @param limit longest content that is read, bytes
   * @throws {Failure}
   */
  async thumbnail(
    url: string,
    { width, height }: { width: number; height: number },
    limit: number,
  ): Promise<Uint8Array> {
    const query = new URLSearchParams({ url, fit: `${width}x${height}` });
    const response = await this.#retrieve("GET", `/images?${query}`, { url });
    const { status } = response;
    if (status === 200) {
      try {
        return await response.bytes(limit);
      } catch (error) {
        this.disconnect();
        throw transportFailure(error);
      }
    }
    const text = await this.#text(response);
    if (status === 401) throw new Failure("NO_KEY", (m) => m.noKey);
    throw refusal(status, text, response.fields);
  }

  /** Whether there is a session that has not expired, as far as the cookies tell. */
  get hasSession(): boolean {
    return this.#jar.get("session") !== null;
  }

  /**
   * When the key in the cookies expires, Unix seconds; null if there is none or it does not say.
   */
  get keyExpiryTime(): number | null {
    return this.#jar.get("key")?.expiryTime ?? null;
  }

  /**
   * Asks the server who is logged in.
   *
   * @returns null if nobody is
   * @throws {Failure}
   */
  async findLogin(): Promise<Login | null> {
    if (!this.hasSession) return null;
    const response = await this.#retrieve("GET", "/session", {});
    const { status } = response;
    const text = await this.#text(response);
    if (status === 200) {
      const login = readLogin(text);
      if (login !== null) return login;
    }
    if (status === 401) {
      this.#jar.forget("session");
      this.#keep();
      return null;
    }
    if (status === 503 || this.user === null) throw refusal(status, text, response.fields);
    // A server that gives sessions and has no /session: the cookies are all there is.
    return { user: this.user, expiryTime: null, keyExpiryTime: this.keyExpiryTime };
  }

  /**
   * Ends the session on the server, if it can be reached, and removes the session, the key and the
   * user here. The `device` cookie stays: it opens nothing.
   *
   * @returns what has ended: the session on the server, the cookies here, or nothing
   */
  async logOut(): Promise<LogoutResult> {
    let ended: "everywhere" | "here" = "everywhere";
    const hadSession = this.hasSession;
    if (hadSession) {
      try {
        const { status } = await this.#post("/logout", {});
        // 401: it had ended before.
        if (status !== 200 && status !== 401) ended = "here";
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        ended = "here";
      }
    }
    const hadCookies = [this.#jar.forget("session"), this.#jar.forget("key")].includes(true);
    const hadUser = this.user !== null;
    this.#jar.state.user = null;
    this.#keep();
    return hadSession || hadCookies || hadUser ? ended : "nothing";
  }

  /** Changes a password, which ends every session and key of the user. @throws {Failure} */
  async changePassword(username: string, password: string, newPassword: string): Promise<void> {
    const body = { username, password, new_password: newPassword };
    const { status, text, fields } = await this.#ask("PUT", "/password", body);
    if (status === 200) {
      this.#jar.forget("session");
      this.#jar.forget("key");
      this.#keep();
      return;
    }
    if (text.includes("LOGIN_FAILED")) {
      throw new Failure("LOGIN_FAILED", (m) => m.loginFailed(strip(username)));
    }
    const reason = /^PASSWORD_FAILED:?\s*(.*)/s.exec(text)?.[1];
    if (reason) {
      throw new Failure("PASSWORD_FAILED", (m) => m.passwordFailed(m.refusalReason(strip(reason))));
    }
    if (isUnknown(status)) throw unsupported("passwd");
    throw refusal(status, text, fields);
  }

  /**
   * Lists one page of a folder.
   *
   * @param folder its name, empty for all images
   * @param after the `next` of the page before
   * @throws {Failure}
   */
  async list(folder: string, after: string | null = null): Promise<ListPage> {
    // The original server ends itself on a path that it does not know.
    if (!this.#givesSessions) {
      // Who has never logged in does not know yet which server it is.
      this.#whoAmI();
      throw unsupported("list");
    }
    const query = new URLSearchParams({ folder, ...(after === null ? {} : { after }) });
    const response = await this.#retrieve("GET", `/list?${query}`, {});
    const { status, fields } = response;
    const text = await this.#text(response, LIST_LIMIT);
    if (status === 200) {
      const page = readListPage(text);
      if (page !== null) return page;
      throw new Failure("ANSWER_MALFORMED", (m) => m.listMalformed);
    }
    if (status === 401) throw new Failure("NO_KEY", (m) => m.noKey);
    if (status === 404 && text.includes("Folder not found")) {
      throw new Failure("FOLDER_NOT_FOUND", (m) => m.folderNotFound(strip(folder)));
    }
    if (isUnknown(status)) throw unsupported("list");
    throw refusal(status, text, fields);
  }

  /** Closes the connection; the next request opens another. */
  disconnect(): void {
    this.#transport.close();
  }

  /**
   * Returns the member that names the user. With a session it may be left out; the original server
   * ends itself if the name is missing, so without either the request is not sent.
   */
  #whoAmI(): Record<string, string> {
    if (this.user !== null) return { username: this.user };
    if (this.hasSession) return {};
    throw new Failure("LOGIN_REQUIRED", (m) => m.loginRequired);
  }

  /**
   * Whether the server gives sessions, which no server of the original's kind does. With each comes
   * a `device`, which outlives it: a key may be live when the session has ended.
   */
  get #givesSessions(): boolean {
    return this.#jar.get("session") !== null || this.#jar.get("device") !== null;
  }

  /**
   * Sends a GET or HEAD. Content in one has no defined meaning, and proxies refuse or drop it
   * (RFC 9110 §9.3.1, §9.3.2): only the original server, which reads nothing else, gets any.
   */
  #retrieve(
    method: "GET" | "HEAD",
    target: string,
    body: Record<string, string>,
    fields: readonly (readonly [string, string])[] = [],
  ): Promise<IncomingResponse> {
    return this.#send(method, target, this.#givesSessions ? null : body, fields);
  }

  #post(target: string, body: Record<string, string>) {
    return this.#ask("POST", target, body);
  }

  async #ask(method: string, target: string, body: Record<string, string>) {
    const response = await this.#send(method, target, body);
    const text = await this.#text(response);
    return { status: response.status, text, fields: response.fields };
  }

  /** Reads the text of a response; the reason phrase if there is none for people, as in HTML. */
  async #text(response: IncomingResponse, limit: number = TEXT_LIMIT): Promise<string> {
    try {
      const text = (await response.text(limit)).trim();
      const isMarkup = text.startsWith("<") ||
        /^(text\/html|application\/xhtml)/i.test(response.fields.get("content-type") ?? "");
      return text === "" || isMarkup ? strip(response.reason) : text;
    } catch (error) {
      this.disconnect();
      throw transportFailure(error);
    }
  }

  async #send(
    method: string,
    target: string,
    body: Record<string, string> | null,
    fields: readonly (readonly [string, string])[] = [],
  ): Promise<IncomingResponse> {
    const own: (readonly [string, string])[] = [...fields];
    if (body !== null) own.unshift(["Content-Type", "application/json"]);
    const cookies = this.#jar.field();
    if (cookies !== null) {
      own.push(["Cookie", cookies]);
      // A server that gives keys but no sessions is the original, whose client sends cookies back
      // in Set-Cookie.
      if (!this.#givesSessions) own.push(["Set-Cookie", cookies]);
    }
    let response: IncomingResponse;
    try {
      response = await this.#transport.request({
        method,
        target,
        fields: own,
        body: body === null ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      const failure = transportFailure(error);
      if (failure.token !== "CONNECTION_LOST" || this.#hasResponded) throw failure;
      // Perhaps it never will: it may speak TLS only, or no HTTP.
      throw new Failure(failure.token, (m) => m.noResponse);
    }
    this.#hasResponded = true;
    if (this.#jar.receive(response.fields.getAll("set-cookie"))) this.#keep();
    return response;
  }
}

/** Whether a status says that the server does not know the path or the method. */
function isUnknown(status: number): boolean {
  return status === 404 || status === 405 || status === 501;
}

function unsupported(command: string): Failure {
  return new Failure("NOT_SUPPORTED", (m) => m.notSupported(command));
}

/** Reads the content of `GET /session`; null if it is malformed. */
function readLogin(text: string): Login | null {
  const json = parseJson(text);
  if (json === null || typeof json.username !== "string") return null;
  const time = (value: unknown) => typeof value === "number" ? value : null;
  return {
    user: json.username,
    expiryTime: time(json.expires),
    keyExpiryTime: time(json.key_expires),
  };
}

/** Returns the failure for a status that the operation does not know. */
function refusal(status: number, text: string, fields: Fields): Failure {
  if (status >= 300 && status < 400) {
    const target = strip(fields.get("location") ?? String(status));
    return new Failure("REDIRECTED", (m) => m.redirected(target));
  }
  if (status === 429) {
    const seconds = fields.get("retry-after");
    const known = seconds !== null && /^[0-9]{1,9}$/.test(seconds) ? seconds : null;
    return new Failure("TOO_MANY_ATTEMPTS", (m) => m.tooManyAttempts(known));
  }
  if (status === 503) return new Failure("TRY_AGAIN", (m) => m.tryAgain);
  const said = strip(text === "" ? String(status) : `${status} ${text}`);
  return new Failure("SERVER_SAID", (m) => m.serverSaid(said));
}
