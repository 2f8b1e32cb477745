import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { OriginalClient } from "./original_client.ts";
import { runServer } from "./running_server.ts";

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
