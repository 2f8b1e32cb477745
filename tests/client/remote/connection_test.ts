import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../../lib/client/remote/connection.ts";
import { Failure } from "../../../lib/client/failure.ts";
import { serverAddress } from "../../../lib/client/server_address.ts";

Deno.test("a server that accepts and sends nothing is a time-out", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepted = listener.accept();
  const failure = await assertRejects(
    () => connect(serverAddress("127.0.0.1", `${port}`, true)!, { timeoutMs: 50 }),
    Failure,
  );
  assertEquals(failure.token, "TLS_FAILED");
  (await accepted).close();
});

Deno.test("each reason for having no connection has its token", async () => {
  const token = async (host: string, port: number, tls = false) => {
    const address = serverAddress(host, `${port}`, tls)!;
    return (await assertRejects(() => connect(address), Failure)).token;
  };
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  for (const tls of [false, true]) {
    assertEquals(await token("no-such-host.invalid", 80, tls), "UNKNOWN_HOST");
  }
  // A server that speaks no TLS, and one that hangs up instead.
  for (
    const respond of [
      (conn: Deno.Conn) => conn.write(new TextEncoder().encode("HTTP/1.1 400 \r\n\r\n")),
      () => {},
    ]
  ) {
    const served = listener.accept().then(async (conn) => {
      await respond(conn);
      await conn.read(new Uint8Array(1024));
      conn.close();
    });
    assertEquals(await token("127.0.0.1", port, true), "TLS_FAILED");
    await served;
  }
  listener.close();
  assertEquals(await token("127.0.0.1", port), "CONNECTION_REFUSED");
});

Deno.test("both families of addresses are connected to", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    using listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const conn = await connect(serverAddress(hostname, `${port}`, false)!);
    (await listener.accept()).close();
    assertEquals(await conn.read(new Uint8Array(1)), null);
    conn.close();
  }
});
