/** Scaled images over HTTP, from many clients at once. */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { SCALER_VERSION } from "../../../lib/picture/mod.ts";
import { encodeJpeg } from "../../../lib/picture/scaling/jpeg_encoder.ts";
import { ScalingPool } from "../../../lib/server/thumbnails/scaling_pool.ts";
import { Thumbnails } from "../../../lib/server/thumbnails/thumbnails.ts";
import { decoded } from "../../picture/support/pictures.ts";
import { paint } from "../../picture/support/painted.ts";
import { Browser } from "../support/browser.ts";
import { runServer } from "../support/running_server.ts";

/** The colour of an image by its number, no two near each other's. */
const colorOf = (number: number) => [number % 8 * 36, (number >> 3) % 8 * 36, (number >> 6) * 32];

const photo = (number: number) => encodeJpeg(paint(200, 150, () => [...colorOf(number), 255]), 95);

/** Whether a scaled image has the size and the colour that it should have. */
async function isRight(bytes: Uint8Array, number: number): Promise<boolean> {
  const { width, height, data } = await decoded(bytes);
  const at = (60 * width + 80) * 3;
  return width === 160 && height === 120 &&
    colorOf(number).every((value, c) => Math.abs(value - data[at + c]) < 12);
}

/** A pool that gives no Worker up, however slow a busy machine makes it. */
const patientPool = () => new ScalingPool({ timeLimitMs: 600_000, startLimitMs: 600_000 });

Deno.test("sixty clients ask for a hundred and fifty images: each gets the right one", async () => {
  await using server = await runServer({
    thumbnails: new Thumbnails({ pool: patientPool() }),
  });
  const images = join(server.directory, "images");
  for (let i = 0; i < 150; i++) await Deno.writeFile(join(images, `${i}.jpg`), await photo(i));
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  using stranger = new Browser(`http://127.0.0.1:${server.port}`);
  let next = 0;
  await Promise.all(Array.from({ length: 60 }, async (_, client) => {
    while (next < 150) {
      const number = next++;
      const path = `/images?url=${number}.jpg&fit=160x160`;
      const response = await browser.get(path);
      assertEquals(response.status, 200);
      assert(await isRight(await response.bytes(), number), `${number} is not what it should be`);
      if (client % 10 > 0) continue;
      const refused = await stranger.get(path);
      assertEquals([refused.status, await refused.text()], [401, "INVALID_KEY"]);
    }
  }));
});

Deno.test("an image that is replaced while it is scaled is one or the other, as its tag says", async () => {
  await using server = await runServer({
    thumbnails: new Thumbnails({ pool: patientPool() }),
  });
  const path = join(server.directory, "images", "sea.jpg");
  const versions = [await photo(7), await photo(448)];
  const tags = versions.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  await Deno.writeFile(path, versions[0]);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  let isDone = false;
  const replacing = (async () => {
    for (let i = 1; !isDone; i++) {
      await Deno.writeFile(`${path}.new`, versions[i % 2]);
      await Deno.rename(`${path}.new`, path);
    }
  })();
  try {
    let sent = 0;
    while (sent < 12) {
      const response = await browser.get("/images?url=sea.jpg&fit=160x160");
      const bytes = await response.bytes();
      if (response.status === 503) continue;
      const version = tags.findIndex((tag) =>
        response.headers.get("ETag") === `"${tag}-160-v${SCALER_VERSION}"`
      );
      assert(version >= 0, response.headers.get("ETag")!);
      assert(await isRight(bytes, version === 0 ? 7 : 448), "the tag is of the other image");
      sent++;
    }
  } finally {
    isDone = true;
    await replacing;
  }
});
