import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../../lib/client/remote/connection.ts";
import { Failure } from "../../../lib/client/failure.ts";
import { serverAddress } from "../../../lib/client/server_address.ts";

Deno.test("a server that accepts and says nothing is given up after a time", async () => {
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
