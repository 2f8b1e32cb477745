/** The original client against this server. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { TestServer, toBytes } from "../http/support/test_server.ts";
import { OriginalClient } from "./support/original_client.ts";
import { runServer } from "./support/running_server.ts";

Deno.test("the original client walks the whole flow over one connection", async () => {
  await using server = await runServer();
  const picture = crypto.getRandomValues(new Uint8Array(5000));
  await Deno.writeFile(join(server.directory, "images", "image.jpg"), picture);

  using client = await OriginalClient.connect(server.port);
  assertEquals(await client.register("1", "1"), "registered");
  assertEquals(await client.register("1", "1"), "exists");
  assertEquals(await client.logIn("1", "2"), false);
  assertEquals(await client.logIn("1", "1"), true);
  assertEquals(await client.keyIsLive("1"), false);
  assertEquals(await client.raisePrivilege("1"), "changed");
  assertEquals(client.cookies.get("key")?.maxAge, 3600);
  assertEquals(client.cookies.get("key")?.value.endsWith(";HttpOnly;SameSite"), true);
  assertEquals(await client.keyIsLive("1"), true);
  assertEquals(await client.image("image.jpg"), picture);
  assertEquals(await client.image("missing.jpg"), null);
  assertEquals(await client.image("../users.json"), null);
  assertEquals(await client.keyIsLive("1"), true);
});

Deno.test("the original client that lost its key gets it again with the 409", async () => {
  await using server = await runServer();
  using client = await OriginalClient.connect(server.port);
  await client.register("1", "1");
  await client.logIn("1", "1");
  assertEquals(await client.raisePrivilege("1"), "changed");
  const key = client.cookies.get("key")!.value;
  client.cookies.delete("key");
  assertEquals(await client.raisePrivilege("1"), "already");
  assertEquals(client.cookies.get("key")!.value, key);
  assertEquals(await client.keyIsLive("1"), true);
});

Deno.test("a picture too large for one segment comes in pieces of 4096 bytes, only the last is shorter", async () => {
  for (const size of [98_305, 132_857, 1_000_000]) {
    const body = new Uint8Array(size);
    await using server = new TestServer(() => ({ status: 200, body }));
    // Each read gives what one write left, as if the client were always faster than the server.
    const stream = server.connect();
    await stream.write(toBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    const lengths: number[] = [];
    const buffer = new Uint8Array(4096);
    for (let left = size; left > 0;) {
      const count = await stream.read(buffer);
      if (lengths.length === 0) left += new TextDecoder().decode(buffer).indexOf("\r\n\r\n") + 4;
      lengths.push(count!);
      left -= count!;
    }
    assertEquals(lengths.slice(0, -1).filter((length) => length < 4096), []);
    stream.close();
  }
});
