/**
 * A server whose every byte a test decides, on a real socket.
 */

/** A request as it came, taken apart no more than a test needs. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  /** The head as text, with its line ends. */
  readonly head: string;
  readonly body: string;
  /** The value of a field (name in lower case), or null. */
  field(name: string): string | null;
}

/**
 * Answers one request by writing whatever it likes, or by what it returns; may close the
 * connection.
 */
export type Answer = (
  request: WireRequest,
  conn: Deno.Conn,
) => Written | Promise<Written>;
type Written = void | null | string | Uint8Array;

/** A server that runs until it is disposed of. */
export interface WireServer extends AsyncDisposable {
  readonly port: number;
  /** What has been asked so far. */
  readonly requests: WireRequest[];
  /** How many connections there have been. */
  connections: number;
  /** Closes the connections that are open now. Resolves once they are. */
  drop(): Promise<void>;
  /** Accepts no more connections and closes the open ones. */
  stop(): void;
  /** Resolves once `count` requests have been asked. */
  asked(count: number): Promise<void>;
  /** Resolves once `count` connections have been accepted. */
  accepted(count: number): Promise<void>;
}

/** Starts a server; `tls` gives it a certificate. */
export function startWireServer(
  answer: Answer,
  tls?: { cert: string; key: string },
): WireServer {
  const listener = tls === undefined
    ? Deno.listen({ hostname: "127.0.0.1", port: 0 })
    : Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...tls });
  let isListening = true;
  /** The open connections, and the end of each. */
  const open = new Map<Deno.Conn, Promise<void>>();
  const serving: Promise<void>[] = [];
  const waiting: (() => void)[] = [];
  const server: WireServer = {
    port: (listener.addr as Deno.NetAddr).port,
    requests: [],
    connections: 0,
    async drop() {
      for (const conn of open.keys()) close(conn);
      // A connection is not closed before the read that waits on it has ended.
      await Promise.all(open.values());
    },
    stop() {
      if (isListening) listener.close();
      isListening = false;
      server.drop();
    },
    async asked(count) {
      while (server.requests.length < count) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async accepted(count) {
      while (server.connections < count) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      server.stop();
      await Promise.all(serving);
    },
  };
  const serve = async (conn: Deno.Conn) => {
    server.connections++;
    for (const resolve of waiting.splice(0)) resolve();
    try {
      for await (const request of requestsOf(conn)) {
        server.requests.push(request);
        for (const resolve of waiting.splice(0)) resolve();
        const bytes = await answer(request, conn);
        if (bytes) await writeAll(conn, bytes);
      }
    } catch {
      // The client has gone, or the test has closed the connection.
    } finally {
      open.delete(conn);
      close(conn);
    }
  };
  serving.push((async () => {
    for (;;) {
      try {
        const conn = await listener.accept();
        const served = serve(conn);
        open.set(conn, served);
        serving.push(served);
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        // A failed TLS handshake is no reason to stop.
      }
    }
  })());
  return server;
}

/** Writes all of it. */
export async function writeAll(conn: Deno.Conn, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** A whole answer with the right length. */
export function response(
  status: string,
  body: string | Uint8Array = "",
  fields: readonly string[] = [],
): Uint8Array {
  const content = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = new TextEncoder().encode(
    [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${content.length}`, "", ""].join("\r\n"),
  );
  const whole = new Uint8Array(head.length + content.length);
  whole.set(head);
  whole.set(content, head.length);
  return whole;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}

async function* requestsOf(conn: Deno.Conn): AsyncGenerator<WireRequest> {
  let text = "";
  const chunk = new Uint8Array(65536);
  const more = async () => {
    const count = await conn.read(chunk);
    // One character a byte; the decoder called latin1 is windows-1252 and loses some.
    for (const byte of chunk.subarray(0, count ?? 0)) text += String.fromCharCode(byte);
    return count !== null;
  };
  for (;;) {
    while (!text.includes("\r\n\r\n")) if (!await more()) return;
    const end = text.indexOf("\r\n\r\n") + 4;
    const head = text.slice(0, end);
    const field = (name: string) =>
      new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r$`, "im").exec(head)?.[1] ?? null;
    const length = Number(field("content-length") ?? 0);
    while (text.length < end + length) if (!await more()) return;
    const body = new TextDecoder().decode(
      Uint8Array.from(text.slice(end, end + length), (c) => c.charCodeAt(0)),
    );
    text = text.slice(end + length);
    const [method, target] = head.split(" ", 2);
    yield { method, target, head, body, field };
  }
}
