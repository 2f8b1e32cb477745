/**
 * The original server, as far as its wire shows: every quirk of it is on purpose.
 */
import { writeAll } from "./wire_server.ts";

/** It runs until it is disposed of, or ends itself. */
export interface OriginalServer extends AsyncDisposable {
  readonly port: number;
  /** What each receive returned. */
  readonly received: string[];
  /** Whether it ended itself. */
  dead: boolean;
}

/** Starts it with the images it has. */
export function startOriginalServer(images: Record<string, Uint8Array>): OriginalServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const users = new Map<string, { pw: string; raised: boolean }>();
  let current: Deno.Conn | null = null;
  const server: OriginalServer = {
    port: (listener.addr as Deno.NetAddr).port,
    received: [],
    dead: false,
    async [Symbol.asyncDispose]() {
      if (!server.dead) listener.close();
      try {
        current?.close();
      } catch {
        // Closed by the client's end.
      }
      await serving;
    },
  };
  /** A status line, fields, and always a content. */
  const text = (status: string, body: string, fields: string[] = []) =>
    [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${body.length}`, "", body].join("\r\n");

  const answer = (request: string): string | [head: string, image: Uint8Array] => {
    const lines = request.split("\r\n");
    const [method, path] = lines[0].split(" ");
    const data = JSON.parse(lines[lines.length - 1]);
    /** The user, or the end of the server. */
    const user = () => {
      const known = users.get(data.username);
      if (known === undefined) throw new Error("KeyError");
      return known;
    };
    if (method === "POST" && path === "/register") {
      if (users.has(data.username)) {
        return text("400 Bad Request", "REGISTER_FAILED: User already exists");
      }
      users.set(data.username, { pw: data.password, raised: false });
      return text("200 OK", "REGISTER_SUCCESS");
    }
    if (method === "POST" && path === "/login") {
      return users.get(data.username)?.pw === data.password
        ? text("200 OK", "LOGIN_SUCCESS")
        : text("401 Unauthorized", "LOGIN_FAILED");
    }
    if (path === "/privilege") {
      const known = user();
      if (known.raised) return text("409 Conflict", "PRIVILEGE_ALREADY_CHANGED");
      known.raised = true;
      return text("200 OK", "PRIVILEGE_CHANGED", ["Set-Cookie: key=ABCD; Max-Age=3600"]);
    }
    if (path === "/images" && method === "HEAD") {
      return user().raised ? text("200 OK", "Valid key") : text("401 Unauthorized", "Invalid Key");
    }
    if (path === "/images") {
      const image = images[data.url];
      if (image === undefined) return text("404 Not Found", "Image not found");
      const head = [
        "HTTP/1.1 200 OK",
        "Content-Type: image/jpg",
        "Content-Disposition: attachment",
        `filename=${data.url}`,
        `Content-Length: ${image.length}`,
        "\r\n",
      ].join("\r\n");
      return [head, image];
    }
    return text("404 Not Found", "Page not found");
  };

  // One client at a time, each until it disconnects; one receive of at most 4096 bytes a request.
  const serving = (async () => {
    const buffer = new Uint8Array(4096);
    try {
      for (;;) {
        current = await listener.accept();
        try {
          for (let count; (count = await current.read(buffer)) !== null;) {
            const request = new TextDecoder().decode(buffer.subarray(0, count));
            server.received.push(request);
            const answered = answer(request);
            if (typeof answered === "string") await writeAll(current, answered);
            else {
              await writeAll(current, answered[0]);
              await writeAll(current, answered[1]);
            }
          }
        } finally {
          current.close();
        }
      }
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      server.dead = true;
      listener.close();
    }
  })();
  return server;
}
