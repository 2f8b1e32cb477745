/**
 * The operations of a photo server, as requests over one connection.
 */
import type { IncomingResponse, OutgoingRequest } from "../../http/client.ts";
import type { Fields } from "../../http/message.ts";
import type { CookieJar } from "../cookies/cookie_jar.ts";
import { Failure } from "../failure.ts";
import { strip } from "../../text/printable.ts";
import { transportFailure } from "./transport_failure.ts";

/** The longest text answer that is read, bytes. */
const TEXT_ANSWER_LIMIT = 64 * 1024;

/** What the operations need of an HTTP client. */
export interface Transport {
  request(request: OutgoingRequest): Promise<IncomingResponse>;
  close(): void;
}

/** A raised privilege. */
export interface Privilege {
  /** Whether it was raised before (409). */
  readonly already: boolean;
  /** When it ends, Unix seconds; null where the server does not say. */
  readonly expiryTime: number | null;
}

/** One server, and what it knows of this user. */
export class PhotoServer {
  #hasAnswered = false;

  /**
   * @param transport one connection
   * @param jar its cookies
   * @param keep called when the cookies have changed
   */
  constructor(
    private readonly transport: Transport,
    private readonly jar: CookieJar,
    private readonly keep: () => void,
  ) {}

  /** Who logged in last, or null. */
  get user(): string | null {
    return this.jar.state.user;
  }

  /** Creates a user. @throws Failure */
  async register(username: string, password: string): Promise<void> {
    const { status, text, fields } = await this.#post("/register", { username, password });
    if (status === 200 && text.includes("REGISTER_SUCCESS")) return;
    if (text.includes("User already exists")) {
      throw new Failure("USER_EXISTS", (m) => m.userExists(strip(username)));
    }
    const reason = /^REGISTER_FAILED:?\s*(.*)/s.exec(text)?.[1];
    if (reason) throw new Failure("REGISTER_FAILED", (m) => m.registerFailed(strip(reason)));
    throw refusal(status, text, fields);
  }

  /** Logs in. Another user's key is forgotten. @throws Failure */
  async login(username: string, password: string): Promise<void> {
    const { status, text, fields } = await this.#post("/login", { username, password });
    if (status === 200 && text.includes("LOGIN_SUCCESS")) {
      if (this.jar.state.user !== null && this.jar.state.user !== username) this.jar.forget("key");
      this.jar.state.user = username;
      this.keep();
      return;
    }
    if (text.includes("LOGIN_FAILED")) {
      throw new Failure("LOGIN_FAILED", (m) => m.loginFailed(strip(username)));
    }
    throw refusal(status, text, fields);
  }

  /** Raises the privilege. @throws Failure */
  async raisePrivilege(): Promise<Privilege> {
    const { status, text, fields } = await this.#ask("PUT", "/privilege", this.#whoAmI());
    const already = text.includes("PRIVILEGE_ALREADY_CHANGED");
    if (already || text.includes("PRIVILEGE_CHANGED")) {
      return { already, expiryTime: this.jar.get("key")?.expiryTime ?? null };
    }
    if (status === 401) throw new Failure("LOGIN_REQUIRED", (m) => m.loginRequired);
    if (status === 403) throw new Failure("FORBIDDEN", (m) => m.forbidden);
    throw refusal(status, text, fields);
  }

  /**
   * Asks whether the privilege is raised.
   * @returns whether the server knows entity tags. One that gives sessions does, and so does one
   * that answers this HEAD with `Content-Length: 0`; the original, which has neither, announces
   * content.
   * @throws Failure where the privilege is not raised
   */
  async checkKey(): Promise<{ hasEntityTags: boolean }> {
    const response = await this.#retrieve("HEAD", "/images", this.#whoAmI());
    const { status, fields } = response;
    if (status === 401) throw new Failure("NO_KEY", (m) => m.noKey);
    if (status !== 200) throw refusal(status, response.reason, fields);
    return { hasEntityTags: this.#hasSession || fields.get("content-length") === "0" };
  }

  /**
   * Asks for an image.
   * @param fields conditions and ranges
   * @returns the response with status 200, 206, 304 or 416, its content not read yet
   * @throws Failure for every other status
   */
  async image(
    url: string,
    fields: readonly (readonly [string, string])[],
  ): Promise<IncomingResponse> {
    const query = this.#hasSession ? `?${new URLSearchParams({ url })}` : "";
    const response = await this.#retrieve("GET", `/images${query}`, { url }, fields);
    const { status } = response;
    if ([200, 206, 304, 416].includes(status)) return response;
    const text = await this.#text(response);
    if (status === 401) throw new Failure("NO_KEY", (m) => m.noKey);
    if (status === 404) {
      throw new Failure("IMAGE_NOT_FOUND", (m) => m.imageNotFound(strip(url)));
    }
    throw refusal(status, text || response.reason, response.fields);
  }

  /** Forgets the cookies and the user. @returns whether there was anything */
  forget(): boolean {
    const had = this.jar.forget();
    if (had) this.keep();
    return had;
  }

  /** Closes the connection; the next request opens another. */
  disconnect(): void {
    this.transport.close();
  }

  /**
   * Who asks. A server of ours can tell by the session; the original ends itself where the name is
   * missing, so a request that nothing is known for is not sent.
   */
  #whoAmI(): Record<string, string> {
    if (this.user !== null) return { username: this.user };
    if (this.#hasSession) return {};
    throw new Failure("LOGIN_REQUIRED", (m) => m.loginRequired);
  }

  /** Whether the server has given a session, which no server of the original's kind does. */
  get #hasSession(): boolean {
    return this.jar.get("session") !== null;
  }

  /**
   * Sends a GET or HEAD. Content in one has no defined meaning, and proxies refuse or drop it
   * (RFC 9110 §9.3.1, §9.3.2): only a server of the original's kind, which reads nothing else, gets
   * any.
   */
  #retrieve(
    method: "GET" | "HEAD",
    target: string,
    body: Record<string, string>,
    fields: readonly (readonly [string, string])[] = [],
  ): Promise<IncomingResponse> {
    return this.#send(method, target, this.#hasSession ? null : body, fields);
  }

  #post(target: string, body: Record<string, string>) {
    return this.#ask("POST", target, body);
  }

  async #ask(method: string, target: string, body: Record<string, string>) {
    const response = await this.#send(method, target, body);
    const text = await this.#text(response) || strip(response.reason);
    return { status: response.status, text, fields: response.fields };
  }

  async #text(response: IncomingResponse): Promise<string> {
    try {
      return (await response.text(TEXT_ANSWER_LIMIT)).trim();
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
    const cookies = this.jar.field();
    if (cookies !== null) {
      own.push(["Cookie", cookies]);
      // A server that gives keys but no sessions is of the original's kind, which is used to
      // clients that send cookies back under the name they came with.
      if (!this.#hasSession) own.push(["Set-Cookie", cookies]);
    }
    let response: IncomingResponse;
    try {
      response = await this.transport.request({
        method,
        target,
        fields: own,
        body: body === null ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      const failure = transportFailure(error);
      if (failure.token !== "CONNECTION_LOST" || this.#hasAnswered) throw failure;
      // Perhaps it never will: a server that speaks TLS alone, or no HTTP.
      throw new Failure(failure.token, (m) => m.noAnswer);
    }
    this.#hasAnswered = true;
    if (this.jar.receive(response.fields.getAll("set-cookie"))) this.keep();
    return response;
  }
}

/** The sentence for a status that the operation does not know. */
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
