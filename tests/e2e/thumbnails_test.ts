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

Deno.test("the server lists and scales images, and keeps the results though it is killed", async () => {
  await using home = await temporaryDirectory();
  const images = join(home.path, "images");
  await Deno.mkdir(images);
  const photo = await encodeJpeg(paint(900, 600, (x, y) => [x & 255, y & 255, 90, 255]), 90);
  await Deno.writeFile(join(images, "sea.jpg"), photo);
  const large = await encodeJpeg(paint(1500, 1000, (x, y) => [x & 255, y & 255, 90, 255]), 90);
  const numbers = Array.from({ length: 6 }, (_, number) => number);
  await Deno.mkdir(join(images, "large"));
  for (const number of numbers) {
    // Each has a comment of its own.
    const parts = [large.slice(0, 2), new Uint8Array([0xff, 0xfe, 0, 3, number]), large.slice(2)];
    await Deno.writeFile(join(images, "large", `${number}.jpg`), new Blob(parts).stream());
  }
  const logo = await encodePng(paint(400, 400, (x) => [200, 10, 10, x < 200 ? 255 : 0]));
  await Deno.writeFile(join(images, "logo.png"), logo);
  // Nothing is kept of a file that changed within two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2500));

  const [alice] = await admitVisitors(home.path, "alice");
  const kept = join(home.path, ".thumbnails");
  const keptNames = () => [...Deno.readDirSync(kept)].map(({ name }) => name);
  const tags: (string | null)[] = [];
  for (let start = 0; start < 2; start++) {
    await using server = await startServer(home.path, ["--quiet"]);
    using browser = new Browser(`http://127.0.0.1:${server.port}`);
    browser.takeCookies(alice);
    // Nothing half done is left of the server that was killed.
    assertEquals(keptNames().filter((name) => name.startsWith("tmp-")), []);
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

    const scaled = numbers.map(async (number) => {
      const response = await browser.get(`/images?url=large/${number}.jpg&fit=320x320`);
      return identify(await response.bytes());
    });
    if (start === 1) {
      for (const picture of await Promise.all(scaled)) assertEquals(picture?.height, 213);
      break;
    }
    // Once one is done, others are being scaled.
    await Promise.any(scaled);
    server.process.kill("SIGKILL");
    await server.ended;
    await Promise.allSettled(scaled);
    await Deno.writeFile(join(kept, "tmp-half"), photo.subarray(0, 1000));
  }
  assertEquals(tags[0], tags[1]);
  assert(keptNames().some((name) => `"${name}"` === tags[0]), keptNames().join());
});
