/**
 * The least that a server in TypeScript can do: read, and write a constant. No parsing, no check,
 * no log. What a real server's figures are held against.
 *
 *     deno run -A bench/support/contenders/floor.ts <bytes of content>
 */
const length = Number(Deno.args[0] ?? 0);
const head = new TextEncoder().encode(
  `HTTP/1.1 200 OK\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: ${length}\r\n\r\n`,
);
const response = new Uint8Array(head.length + length);
response.set(head);

async function respondToAll(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(1024);
  try {
    while (await conn.read(buffer) !== null) {
      for (let at = 0; at < response.length;) {
        at += await conn.write(at ? response.subarray(at) : response);
      }
    }
  } catch {
    // Reset by the load generator at its end.
  }
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ port: (listener.addr as Deno.NetAddr).port }));
for await (const conn of listener) respondToAll(conn);
