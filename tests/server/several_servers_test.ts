/** Several servers over one images directory, with files or PostgreSQL for the users. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { encodeJpeg } from "../../lib/picture/scaling/jpeg_encoder.ts";
import { ScalingPool } from "../../lib/server/thumbnails/scaling_pool.ts";
import { ThumbnailCache } from "../../lib/server/thumbnails/thumbnail_cache.ts";
import { Thumbnails } from "../../lib/server/thumbnails/thumbnails.ts";
import { findPostgres, useCluster } from "../accounts/support/postgres_cluster.ts";
import { paint } from "../picture/support/painted.ts";
import { Browser } from "./support/browser.ts";
import { runServer } from "./support/running_server.ts";

/** A PNG of nothing that claims so many pixels a side. */
function bomb(side: number): Uint8Array<ArrayBuffer> {
  const png = new Uint8Array(64);
  png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(png.buffer);
  view.setUint32(16, side);
  view.setUint32(20, side);
  png.set([8, 6], 24);
  return png;
}

/**
 * Serves one images directory and one data directory's thumbnails by two servers, and compares what
 * they send.
 *
 * @param users the database that the servers share; each has its own users without one
 */
async function compareServers(users?: string): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  try {
    const images = join(directory, "images");
    await Deno.mkdir(join(images, "coast"), { recursive: true });
    const sea = await encodeJpeg(paint(400, 300, (x, y) => [x & 255, y & 255, 80, 255]), 90);
    await Deno.writeFile(join(images, "coast", "sea.jpg"), sea);
    await Deno.writeFile(join(images, "bomb.png"), bomb(60_000));
    const log: string[] = [];
    const thumbnails = async () =>
      new Thumbnails({
        cache: await ThumbnailCache.open(directory, { log: (line) => log.push(line) }),
        pool: new ScalingPool({ size: 1, timeLimitMs: 600_000, startLimitMs: 600_000 }),
      });
    const options = { images, users, lists: true };
    await using first = await runServer({ ...options, thumbnails: await thumbnails() });
    await using second = await runServer({ ...options, thumbnails: await thumbnails() });
    // The second keeps no thumbnails on disk, says so, and serves all the same.
    assertEquals(log.length, 1);
    assertEquals(log[0].includes("another server uses it"), true);

    using one = new Browser(`http://127.0.0.1:${first.port}`);
    using other = new Browser(`http://127.0.0.1:${second.port}`);
    await one.enter("alice");
    await other.enter(users === undefined ? "alice" : "bob");
    const paths = ["/list", "/list?folder=coast", "/images?url=coast/sea.jpg&fit=160x160"];
    for (const path of [...paths, "/images?url=bomb.png&fit=160x160", "/images?url=bomb.png"]) {
      const [a, b] = await Promise.all([one.get(path), other.get(path)]);
      assertEquals([a.status, b.status], [200, 200], path);
      assertEquals(a.headers.get("ETag"), b.headers.get("ETag"), path);
      assertEquals(await a.bytes(), await b.bytes(), path);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("two servers over one images directory send the same lists and thumbnails", () =>
  compareServers());

const programs = findPostgres();
const cluster = programs === null ? null : await useCluster(programs);

Deno.test({
  name: "two servers that share their users in PostgreSQL send the same lists and thumbnails",
  ignore: cluster === null,
  fn: async () => await compareServers(await cluster!.database()),
});
