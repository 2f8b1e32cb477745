/** A client that keeps cookies, over the runtime's own `fetch`: HTTP by somebody else's hand. */

/** What `ask` gives: the status and the text. */
export type StatusAndText = [status: number, text: string];

/** One user's browser. */
export class Browser implements Disposable {
  readonly #origin: string;
  readonly #client: Deno.HttpClient;
  readonly #cookies = new Map<string, string>();
  /** The `Set-Cookie` lines that have come. */
  readonly setCookies: string[] = [];

  /**
   * @param origin e.g. `http://127.0.0.1:8080`
   * @param ca the certificate to trust, PEM
   */
  constructor(origin: string, ca?: string) {
    this.#origin = origin;
    this.#client = Deno.createHttpClient(ca === undefined ? {} : { caCerts: [ca] });
  }

  /** The `Cookie` field as it would be sent now. */
  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** The cookies' values. */
  get values(): string[] {
    return [...this.#cookies.values()];
  }

  /** Takes over the cookies of somebody who is logged in already. */
  takeCookies({ session, key }: { session: string; key: string }): void {
    this.#cookies.set("session", session);
    this.#cookies.set("key", key);
  }

  /** Sends JSON, keeps the cookies of the response. */
  async ask(method: string, path: string, body?: unknown): Promise<StatusAndText> {
    const response = await fetch(this.#origin + path, {
      method,
      headers: { Cookie: this.cookies },
      body: body === undefined ? undefined : JSON.stringify(body),
      client: this.#client,
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/)!;
      this.#cookies.set(name, value);
      this.setCookies.push(line);
    }
    return [response.status, await response.text()];
  }

  /** A GET whose body is the caller's to read. */
  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.#origin + path, {
      headers: { Cookie: this.cookies, ...headers },
      client: this.#client,
    });
  }

  /** Registers, logs in and raises the privilege. */
  async enter(username: string, password = username): Promise<void> {
    const user = { username, password };
    for (
      const [method, path] of [["POST", "/register"], ["POST", "/login"], ["PUT", "/privilege"]]
    ) {
      const [status, text] = await this.ask(method, path, user);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
