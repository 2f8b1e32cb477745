/** Scaled images over HTTP, from many clients at once. */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { SCALER_VERSION } from "../../../lib/picture/mod.ts";
import { encodeJpeg } from "../../../lib/picture/scaling/jpeg_encoder.ts";
import { ScalingPool, type ScalingResult } from "../../../lib/server/thumbnails/scaling_pool.ts";
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

Deno.test("simultaneous requests for different images each get the right one", async () => {
  await using server = await runServer({
    thumbnails: new Thumbnails({ pool: patientPool() }),
  });
  const images = join(server.directory, "images");
  const numbers = Array.from({ length: 40 }, (_, number) => number);
  for (const i of numbers) await Deno.writeFile(join(images, `${i}.jpg`), await photo(i));
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  await Promise.all(numbers.map(async (number) => {
    const response = await browser.get(`/images?url=${number}.jpg&fit=160x160`);
    assertEquals(response.status, 200);
    assert(await isRight(await response.bytes(), number), `${number} is not what it should be`);
  }));
});

/** A pool whose result is the end of the file, once it may work. */
class GatedPool {
  readonly size = 4;
  readonly gate = Promise.withResolvers<void>();
  scaled = 0;
  async scale(bytes: Uint8Array<ArrayBuffer>): Promise<ScalingResult> {
    await this.gate.promise;
    this.scaled++;
    return { kind: "scaled", picture: { mediaType: "image/jpeg", bytes: bytes.slice(-4) } };
  }
  warm(): void {}
  close(): void {}
}

Deno.test("two hundred clients ask for five hundred thumbnails at once", async () => {
  const pool = new GatedPool();
  await using server = await runServer({
    thumbnails: new Thumbnails({ pool }),
    trusted: ["127.0.0.1"],
  });
  const images = join(server.directory, "images");
  const sample = await photo(0);
  const numbers = Array.from({ length: 500 }, (_, number) => number);
  const end = (number: number) => String(number).padStart(4);
  for (const number of numbers) {
    const file = new Blob([sample, end(number)]).stream();
    await Deno.writeFile(join(images, `${number}.jpg`), file);
  }
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  using stranger = new Browser(`http://127.0.0.1:${server.port}`);
  const get = (of: Browser, number: number) =>
    of.get(`/images?url=${number}.jpg&fit=160x160`, {
      "X-Forwarded-For": `192.0.2.${number % 200}`,
    });
  const asked = numbers.map(async (number) => {
    const response = await get(browser, number);
    return [response.status, await response.text()];
  });
  // Nothing is scaled yet: what needs no scaling does not wait, and nothing leaks without a key.
  for (let i = 0; i < 20; i++) {
    assertEquals((await browser.ask("HEAD", "/images"))[0], 200);
    const refused = await get(stranger, i);
    assertEquals([refused.status, await refused.text()], [401, "INVALID_KEY"]);
  }
  const original = await browser.get("/images?url=7.jpg");
  assertEquals((await original.bytes()).length, sample.length + 4);
  assertEquals(pool.scaled, 0);
  pool.gate.resolve();
  assertEquals(await Promise.all(asked), numbers.map((number) => [200, end(number)]));
  assertEquals(pool.scaled, 500);
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
