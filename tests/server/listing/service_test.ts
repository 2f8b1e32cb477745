/** Lists over HTTP. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Browser } from "../support/browser.ts";
import { runServer } from "../support/running_server.ts";

Deno.test("a list is for those with a key, has an entity tag, and names what is wrong", async () => {
  await using server = await runServer({ lists: true });
  const images = join(server.directory, "images");
  await Deno.mkdir(join(images, "coast"));
  await Deno.writeTextFile(join(images, "coast", "1.jpg"), "");
  await Deno.writeTextFile(join(images, "sea.jpg"), "no picture");
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  assertEquals(await browser.ask("GET", "/list"), [401, "INVALID_KEY"]);
  await browser.enter("alice");

  const list = await browser.get("/list");
  assertEquals([list.status, list.headers.get("Content-Type")], [200, "application/json"]);
  const { modified, ...image } = JSON.parse(await list.text()).images[0];
  assertEquals(image, {
    url: "sea.jpg",
    type: "image/jpeg",
    bytes: 10,
    width: null,
    height: null,
  });
  assert(Number.isInteger(modified));
  const tag = list.headers.get("ETag")!;
  const again = await browser.get("/list", { "If-None-Match": tag });
  assertEquals([again.status, await again.text()], [304, ""]);
  await Deno.writeTextFile(join(images, "sky.jpg"), "");
  const changed = await browser.get("/list", { "If-None-Match": tag });
  assertEquals(JSON.parse(await changed.text()).images.length, 2);

  const [, first] = await browser.ask("POST", "/list", { limit: 1 });
  assertEquals(JSON.parse(first), {
    folder: "",
    folders: [{ name: "coast", images: 1 }],
    images: [],
    next: "coast/",
  });
  const [, second] = await browser.ask("GET", "/list?after=coast/&limit=1");
  assertEquals(JSON.parse(second).next, "sea.jpg");
  for (const folder of ["..", "coast/..", "sea.jpg", "%2e%2e", "coast%00"]) {
    assertEquals(await browser.ask("GET", `/list?folder=${folder}`), [404, "Folder not found"]);
  }
  for (const limit of ["0", "-1", "1.5", "many"]) {
    assertEquals((await browser.ask("GET", `/list?limit=${limit}`))[0], 400, limit);
  }
});
