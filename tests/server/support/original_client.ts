/**
 * The original client, as far as the wire and its reading of it go: one connection, each request in
 * one write, each response taken with one receive of 4096 bytes and searched for substrings,
 * cookies split at `"; "` and `=` and sent back in a `Set-Cookie` field.
 */

const RECEIVE_BYTES = 4096;

/** A cookie as the original keeps it. */
interface StoredCookie {
  value: string;
  maxAge: number;
}

/** The original client on one connection. */
export class OriginalClient implements Disposable {
  readonly cookies = new Map<string, StoredCookie>();
  readonly #conn: Deno.TcpConn;
  readonly #host: string;

  private constructor(conn: Deno.TcpConn, host: string) {
    this.#conn = conn;
    this.#host = host;
  }

  /** Connects, for the whole run. */
  static async connect(port: number): Promise<OriginalClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return new OriginalClient(conn, `127.0.0.1:${port}`);
  }

  /** Menu 1. */
  async register(username: string, password: string): Promise<"registered" | "exists"> {
    const text = await this.#ask("POST", "/register", { username, password });
    if (text.includes("REGISTER_SUCCESS")) return "registered";
    if (text.includes("User already exists")) return "exists";
    throw new Error(`not understood: ${text}`);
  }

  /** Menu 2. */
  async logIn(username: string, password: string): Promise<boolean> {
    const text = await this.#ask("POST", "/login", { username, password });
    if (text.includes("LOGIN_SUCCESS")) return true;
    if (text.includes("LOGIN_FAILED")) return false;
    throw new Error(`not understood: ${text}`);
  }

  /** Menu 3. On a 409 it reads the `key` that it has stored, and fails where there is none. */
  async raisePrivilege(username: string): Promise<"changed" | "already"> {
    const text = await this.#ask("PUT", "/privilege", { username });
    // The longer token does not hold the shorter one.
    const outcome = text.includes("PRIVILEGE_CHANGED")
      ? "changed"
      : text.includes("PRIVILEGE_ALREADY_CHANGED")
      ? "already"
      : null;
    if (outcome === null) throw new Error(`not understood: ${text}`);
    if (!this.cookies.has("key")) throw new Error("KeyError: 'key'");
    return outcome;
  }

  /** Menu 4, first half. */
  async keyIsLive(username: string): Promise<boolean> {
    const text = await this.#ask("HEAD", "/images", { username });
    if (text.includes("401 Unauthorized")) return false;
    if (text.includes("200 OK")) return true;
    throw new Error(`not understood: ${text}`);
  }

  /** Menu 4, second half: the bytes of the image, or null where it is not found. */
  async image(url: string): Promise<Uint8Array | null> {
    await this.#send("GET", "/images", { url }, "image/jpg");
    const first = await this.#receive();
    const text = new TextDecoder("latin1").decode(first);
    if (text.includes("404 Not Found")) return null;
    if (!text.includes("200 OK")) throw new Error(`not understood: ${text}`);
    const parts = [first.slice(text.indexOf("\r\n\r\n") + 4)];
    for (;;) {
      const piece = await this.#receive();
      parts.push(piece);
      if (piece.length < RECEIVE_BYTES) break;
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #ask(method: string, path: string, body: unknown): Promise<string> {
    await this.#send(method, path, body, "application/json");
    const text = new TextDecoder().decode(await this.#receive());
    this.#storeCookies(text);
    return text;
  }

  async #send(method: string, path: string, body: unknown, contentType: string): Promise<void> {
    const content = JSON.stringify(body);
    const cookies = [...this.cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
    const request = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n` +
      `Content-Type: ${contentType}\r\nContent-Length: ${content.length}\r\n` +
      (cookies === "" ? "" : `Set-Cookie: ${cookies}\r\n`) + `\r\n${content}`;
    const bytes = new TextEncoder().encode(request);
    if (await this.#conn.write(bytes) !== bytes.length) throw new Error("not sent in one write");
  }

  async #receive(): Promise<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(RECEIVE_BYTES);
    const count = await this.#conn.read(buffer);
    if (count === null) throw new Error("the server closed the connection");
    return buffer.subarray(0, count);
  }

  #storeCookies(text: string): void {
    for (const line of text.split("\r\n")) {
      if (!line.startsWith("Set-Cookie: ")) continue;
      const parts = line.slice("Set-Cookie: ".length).split("; ");
      if (parts.length !== 2) throw new Error("ValueError: too many values to unpack");
      const [name, value] = parts[0].split("=");
      const maxAge = Number(parts[1].split("=")[1]);
      if (!Number.isInteger(maxAge)) throw new Error("ValueError: invalid literal for int()");
      this.cookies.set(name, { value, maxAge });
    }
  }
}
