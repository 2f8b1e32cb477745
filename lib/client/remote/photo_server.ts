/**
 * The operations of the photo server, as HTTP requests.
 */
import type { Fields, IncomingResponse, OutgoingRequest } from "../../http/mod.ts";
import type { CookieJar } from "../cookies/cookie_jar.ts";
import { Failure } from "../failure.ts";
import { strip } from "../../text/printable.ts";
import { transportFailure } from "./transport_failure.ts";

/** Longest text that is read, bytes. */
const TEXT_LIMIT = 64 * 1024;

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
   * @returns whether the server knows entity tags. A server that gives sessions does, and so does one
   * that responds to this HEAD with `Content-Length: 0`; the original announces content.
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

  /** Removes the cookies and the user. @returns whether there was anything */
  forget(): boolean {
    const had = this.#jar.forget();
    if (had) this.#keep();
    return had;
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
    if (this.#givesSessions) return {};
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
  async #text(response: IncomingResponse): Promise<string> {
    try {
      const text = (await response.text(TEXT_LIMIT)).trim();
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
