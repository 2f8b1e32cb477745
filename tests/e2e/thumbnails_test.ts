/** Lists and scaled images, whose Workers a compiled program must find in itself. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { encodePng } from "../../lib/picture/formats/png/writer.ts";
import { identify } from "../../lib/picture/mod.ts";
import { encodeJpeg } from "../../lib/picture/scaling/jpeg_encoder.ts";
import { paint } from "../picture/support/painted.ts";
import { Browser } from "../server/support/browser.ts";
import { admitVisitors } from "../support/visitors.ts";
import { startServer, temporaryDirectory } from "./support/programs.ts";

Deno.test("the server lists and scales images, and keeps the results across a restart", async () => {
  await using home = await temporaryDirectory();
  const images = join(home.path, "images");
  await Deno.mkdir(images);
  const photo = await encodeJpeg(paint(900, 600, (x, y) => [x & 255, y & 255, 90, 255]), 90);
  await Deno.writeFile(join(images, "sea.jpg"), photo);
  const logo = await encodePng(paint(400, 400, (x) => [200, 10, 10, x < 200 ? 255 : 0]));
  await Deno.writeFile(join(images, "logo.png"), logo);
  // Nothing is kept of a file that changed within two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2500));

  const [alice] = await admitVisitors(home.path, "alice");
  const tags: (string | null)[] = [];
  for (let start = 0; start < 2; start++) {
    await using server = await startServer(home.path, ["--quiet"]);
    using browser = new Browser(`http://127.0.0.1:${server.port}`);
    browser.takeCookies(alice);
    const list = JSON.parse(await (await browser.get("/list")).text());
    assertEquals(list.images.map(({ width }: { width: number }) => width), [400, 900]);
    const sea = await browser.get("/images?url=sea.jpg&fit=320x320");
    assertEquals([sea.status, sea.headers.get("Content-Type")], [200, "image/jpeg"]);
    tags.push(sea.headers.get("ETag"));
    const { width, height } = identify(await sea.bytes())!;
    assertEquals([width, height], [320, 213]);
    const logo = await browser.get("/images?url=logo.png&fit=1x1");
    assertEquals([logo.status, logo.headers.get("Content-Type")], [200, "image/png"]);
    assertEquals(identify(await logo.bytes())?.width, 160);
    const hidden = await browser.get("/images?url=.thumbnails/lock&fit=1x1");
    assertEquals([hidden.status, await hidden.text()], [404, "Image not found"]);
  }
  assertEquals(tags[0], tags[1]);
  const kept = [...Deno.readDirSync(join(home.path, ".thumbnails"))].map(({ name }) => name);
  assert(kept.some((name) => `"${name}"` === tags[0]), kept.join());
});
