/** Downloads: streamed into the cache, resumed where they stopped, never half in it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { CookieJar } from "../../../lib/client/cookies/cookie_jar.ts";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { connect } from "../../../lib/client/remote/connection.ts";
import { Failure } from "../../../lib/client/failure.ts";
import { ImageCache } from "../../../lib/client/images/image_cache.ts";
import { PARTIAL_KEPT_MS } from "../../../lib/client/images/partial_download.ts";
import { fetchImage, type FetchOptions } from "../../../lib/client/images/image_fetch.ts";
import { hashFile } from "../../../lib/client/images/sha256.ts";
import { PhotoServer } from "../../../lib/client/remote/photo_server.ts";
import { serverAddress } from "../../../lib/client/server_address.ts";
import { byteSize } from "../../../lib/text/byte_size.ts";
import { HttpClient } from "../../../lib/http/mod.ts";
import { startClient } from "../support/client_process.ts";
import { entityTag, imageResponse, photoRoutes, photos } from "../support/photo_routes.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import {
  type Answer,
  response,
  startWireServer,
  type WireRequest,
  writeAll,
} from "../support/wire_server.ts";

/** Bytes that differ everywhere, so that a part in the wrong place shows. */
const content = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 2654435761) >>> 13);

/** A server, a client of it and an empty cache. */
function scene(answer: Answer, limits: { readTimeoutMs?: number } = {}) {
  const folder = temporaryFolder();
  const server = startWireServer(answer);
  const address = serverAddress("127.0.0.1", `${server.port}`, false)!;
  const http = new HttpClient({ connect: () => connect(address), host: address.authority, limits });
  const photoServer = new PhotoServer(http, new CookieJar(address), () => {});
  const web_cash = join(folder.path, "web_cash");
  const cache = new ImageCache(web_cash);
  return {
    server,
    web_cash,
    fetch: (url: string, options: Partial<FetchOptions> = {}) =>
      fetchImage(photoServer, cache, url, { origin: address.origin, revalidate: true, ...options }),
    files: () => [...walk(web_cash)].sort(),
    async [Symbol.asyncDispose]() {
      http.close();
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function* walk(folder: string, prefix = ""): Generator<string> {
  try {
    for (const { name, isDirectory } of Deno.readDirSync(join(folder, prefix))) {
      if (isDirectory) yield* walk(folder, join(prefix, name));
      else yield join(prefix, name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Answers rightly, but closes the connection after `bytes` octets of content, `times` times. */
function breaking(bytes: number, times: number, image = () => content): Answer {
  return async (request, conn) => {
    const whole = imageResponse(request, image());
    if (times-- <= 0) return whole;
    const head = whole.length - (image().length - startOf(request));
    await writeAll(conn, whole.subarray(0, head + bytes));
    conn.close();
    return null;
  };
}

function startOf(request: WireRequest): number {
  return Number(/bytes=(\d+)-/.exec(request.field("range") ?? "")?.[1] ?? 0);
}

Deno.test("an image is in the cache as received, in the directory that its name says", async () => {
  await using here = scene((request) => imageResponse(request, content));
  const image = await here.fetch("trip/day 1/사진.jpg");
  assertEquals([image.source, image.size], ["server", content.length]);
  assertEquals(Deno.readFileSync(image.path), content);
  assertEquals(here.files(), [join("trip", "day 1", "사진.jpg")]);
});

Deno.test("an image without a length, by chunks or until the connection ends, is whole too", async () => {
  await using here = scene(async (request, conn) => {
    const { url } = JSON.parse(request.body);
    if (url === "chunked") {
      return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    }
    await writeAll(conn, "HTTP/1.1 200 OK\r\n\r\nabcde");
    conn.close();
    return null;
  });
  for (const url of ["chunked", "closed"]) {
    assertEquals(Deno.readTextFileSync((await here.fetch(url)).path), "abcde");
  }
});

Deno.test("a cached image is requested with its entity tag, and shown on 304 (RFC 9110 §13.1.2)", async () => {
  await using here = scene((request) => imageResponse(request, content));
  await here.fetch("a.jpg");
  const again = await here.fetch("a.jpg");
  assertEquals(again.source, "cache");
  // It was read for its tag: once is enough.
  assertEquals(again.content, content);
  assertEquals(here.server.requests[1].field("if-none-match"), entityTag(content));
});

Deno.test("the tag of a file is the same whether it is hashed whole or in pieces", async () => {
  await using here = scene((request) => imageResponse(request, content));
  const { path } = await here.fetch("a.jpg");
  for (const [limit, isHeld] of [[undefined, true], [1000, false]] as const) {
    const hashed = await hashFile(path, limit);
    assertEquals(`"${hashed.hash}"`, entityTag(content));
    assertEquals(hashed.content, isHeld ? content : null);
  }
});

Deno.test("if a server sends no entity tags, a cached image is shown without a request", async () => {
  await using here = scene(() => response("200 OK", content));
  await here.fetch("a.jpg", { revalidate: false });
  assertEquals((await here.fetch("a.jpg", { revalidate: false })).source, "cache");
  assertEquals(here.server.requests.length, 1);
});

Deno.test("after a connection that breaks in an image, the rest is requested on another (RFC 9110 §14.2)", async () => {
  await using here = scene(breaking(300_000, 1));
  const image = await here.fetch("a.jpg");
  assertEquals(Deno.readFileSync(image.path), content);
  const [, second] = here.server.requests;
  assertEquals(second.field("range"), "bytes=300000-");
  assertEquals(second.field("if-range"), entityTag(content));
  assertEquals(here.files(), ["a.jpg"]);
});

Deno.test("an interrupted download is resumed in the next run", async () => {
  await using here = scene(breaking(200_000, 2));
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(failure.token, "CONNECTION_LOST");
  assertEquals(here.files().length, 1);
  assert(!here.files().includes("a.jpg"));
  const { en } = CATALOGUES;
  assertEquals(failure.sentence(en), en.downloadStopped(byteSize(400_000)));
  const image = await here.fetch("a.jpg");
  assertEquals(Deno.readFileSync(image.path), content);
  assertEquals(here.server.requests.map(startOf), [0, 200_000, 400_000]);
  assertEquals(here.files(), ["a.jpg"]);
});

Deno.test("an image that changed meanwhile is fetched from its start", async () => {
  let image = content;
  await using here = scene(breaking(200_000, 2, () => image));
  await assertRejects(() => here.fetch("a.jpg"), Failure);
  image = content.slice(0, 1000).reverse();
  assertEquals(Deno.readFileSync((await here.fetch("a.jpg")).path), image);
  assertEquals(here.files(), ["a.jpg"]);
});

Deno.test("parts that do not add up to the image of the entity tag are discarded", async () => {
  let broken = false;
  await using here = scene((request, conn) => {
    if (!broken) {
      broken = true;
      return breaking(200_000, 1)(request, conn);
    }
    if (startOf(request) === 0) return imageResponse(request, content);
    // The right length and the right tag around the wrong bytes.
    return response("206 Partial Content", content.slice(200_000).reverse(), [
      `ETag: ${entityTag(content)}`,
      `Content-Range: bytes 200000-${content.length - 1}/${content.length}`,
    ]);
  });
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(failure.token, "INCOMPLETE");
  assertEquals(here.files(), []);
  assertEquals(Deno.readFileSync((await here.fetch("a.jpg")).path), content);
});

Deno.test("a range that does not begin where the file ends is not appended", async () => {
  let calls = 0;
  await using here = scene((request, conn) => {
    if (calls++ === 0) return breaking(200_000, 1)(request, conn);
    if (startOf(request) === 0) return imageResponse(request, content);
    return response("206 Partial Content", content.slice(100_000), [
      `ETag: ${entityTag(content)}`,
      `Content-Range: bytes 100000-${content.length - 1}/${content.length}`,
    ]);
  });
  await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(Deno.readFileSync((await here.fetch("a.jpg")).path), content);
});

Deno.test("a range that ends before the image does is refused (RFC 9110 §14.4)", async () => {
  // No hash, so that the tag proves nothing about what was put together.
  const tag = 'ETag: "v1"';
  const { length } = content;
  const ranges: [string, number][] = [
    [`200000-299999/${length}`, 300_000],
    [`200000-299999/*`, 300_000],
    [`200000-${length - 1}/${length}`, 300_000],
    [`200000-299999`, 300_000],
    [`100000-${length - 1}/${length}`, length],
  ];
  for (const [range, to] of ranges) {
    let calls = 0;
    await using here = scene(async (request, conn) => {
      if (calls++ === 0) {
        await writeAll(conn, response("200 OK", content, [tag]).subarray(0, -500_000));
        conn.close();
        return null;
      }
      if (startOf(request) === 0) return response("200 OK", content, [tag]);
      const part = content.slice(startOf(request), to);
      return response("206 Partial Content", part, [tag, `Content-Range: bytes ${range}`]);
    });
    const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
    assertEquals([range, failure.token, here.files()], [range, "INCOMPLETE", []]);
    assertEquals(Deno.readFileSync((await here.fetch("a.jpg")).path), content);
  }
});

Deno.test("a range may come without the entity tag, but not with another (RFC 9110 §15.3.7)", async () => {
  for (const [tag, isTaken] of [["", true], ['ETag: "v1"', true], ['ETag: "v2"', false]] as const) {
    let calls = 0;
    await using here = scene(async (request, conn) => {
      if (calls++ === 0) {
        await writeAll(conn, response("200 OK", content, ['ETag: "v1"']).subarray(0, -500_000));
        conn.close();
        return null;
      }
      const range = `Content-Range: bytes 200000-${content.length - 1}/${content.length}`;
      const fields = tag === "" ? [range] : [tag, range];
      return response("206 Partial Content", content.slice(startOf(request)), fields);
    });
    const path = here.fetch("a.jpg").then(({ path }) => path, () => null);
    assertEquals([tag, await path !== null], [tag, isTaken]);
  }
});

Deno.test("a tag that looks like a hash need not be one", async () => {
  await using here = scene(() => response("200 OK", content, [`ETag: "${"0".repeat(64)}"`]));
  assertEquals(Deno.readFileSync((await here.fetch("a.jpg")).path), content);
});

Deno.test("a failure that is no broken connection is not tried again", async () => {
  await using here = scene(() => response("404 Not Found", "Image not found"));
  await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(here.server.requests.length, 1);
});

Deno.test("a connection that breaks before the content is one that breaks", async () => {
  await using here = scene(breaking(0, 2));
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(failure.sentence(CATALOGUES.en), CATALOGUES.en.connectionLost);
  const [first, second, ...others] = here.server.requests;
  assertEquals([first.field("range"), second.field("range"), others], [null, null, []]);
});

Deno.test("a range that was not requested is refused", async () => {
  await using here = scene(() =>
    response("206 Partial Content", content, [
      `Content-Range: bytes 0-${content.length - 1}/${content.length}`,
    ])
  );
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals([failure.token, here.files()], ["INCOMPLETE", []]);
});

Deno.test("without an entity tag, nothing is kept of an interrupted download", async () => {
  await using here = scene(async (_, conn) => {
    await writeAll(conn, response("200 OK", content).subarray(0, 200_000));
    conn.close();
  });
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(failure.sentence(CATALOGUES.en), CATALOGUES.en.connectionLost);
  assertEquals(here.server.requests.map((request) => request.field("range")), [null, null]);
  assertEquals([...Deno.readDirSync(here.web_cash)], []);
});

Deno.test("what another image, or another client, has left unfinished is not taken", async () => {
  let image = content;
  let times = 2;
  await using here = scene((request, conn) => breaking(1000, times--, () => image)(request, conn));
  await assertRejects(() => here.fetch("a.jpg"), Failure);
  const partial = join(here.web_cash, here.files()[0]);
  image = content.slice().reverse();
  await here.fetch("b.jpg");
  assertEquals(here.server.requests.at(-1)!.field("range"), null);
  // Another client is still at it: its file has no tag yet.
  const other = partial.replace(/~[^~]*~$/, "~other");
  Deno.renameSync(partial, other);
  await here.fetch("a.jpg");
  assertEquals(here.server.requests.at(-1)!.field("range"), null);
  assertEquals(Deno.statSync(other).size, 2000);
  Deno.removeSync(join(here.web_cash, "a.jpg"));
  Deno.mkdirSync(partial);
  assertEquals(Deno.readFileSync((await here.fetch("a.jpg")).path), image);
});

Deno.test("a broken download leaves the image that the cache had", async () => {
  let image = content;
  let times = 0;
  await using here = scene((request, conn) => breaking(1000, times--, () => image)(request, conn));
  await here.fetch("a.jpg");
  image = content.slice().reverse();
  times = 2;
  await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(Deno.readFileSync(join(here.web_cash, "a.jpg")), content);
});

Deno.test("an image may be as large as the limit", async () => {
  for (
    const head of [
      "Content-Length: 3\r\n\r\nabc",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ]
  ) {
    await using here = scene(() => `HTTP/1.1 200 OK\r\n${head}`);
    assertEquals((await here.fetch("a.jpg", { limit: 3 })).size, 3);
    const failure = await assertRejects(() => here.fetch("b.jpg", { limit: 2 }), Failure);
    assertEquals(failure.token, "ANSWER_TOO_LARGE");
  }
});

Deno.test("an image that grows beyond the limit while it comes is dropped", async () => {
  // With a tag an unfinished image could be gone on with: this one never ends.
  for (const tag of ["", 'ETag: "t"\r\n']) {
    await using here = scene(async (_, conn) => {
      await writeAll(conn, `HTTP/1.1 200 OK\r\n${tag}\r\n`);
      for (;;) await writeAll(conn, content);
    });
    const failure = await assertRejects(() => here.fetch("a.jpg", { limit: 1_000_000 }), Failure);
    assertEquals(failure.token, "ANSWER_TOO_LARGE");
    assertEquals(here.files(), []);
  }
});

Deno.test("a server that stops sending is a time-out", async () => {
  await using here = scene(
    (request, conn) => writeAll(conn, imageResponse(request, content).subarray(0, 300_000)),
    { readTimeoutMs: 100 },
  );
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(failure.token, "ANSWER_TIMEOUT");
  assertEquals(here.files().length, 1, "the beginning is kept");
});

Deno.test("symbolic links in the cache are neither read nor written through", async () => {
  await using here = scene((request) => imageResponse(request, content));
  using outside = temporaryFolder();
  Deno.mkdirSync(here.web_cash);
  Deno.symlinkSync(outside.path, join(here.web_cash, "linked"));
  Deno.writeTextFileSync(join(outside.path, "file.jpg"), "outside");
  Deno.symlinkSync(join(outside.path, "file.jpg"), join(here.web_cash, "a.jpg"));
  const failure = await assertRejects(() => here.fetch("linked/b.jpg"), Failure);
  assertEquals(failure.token, "CACHE_UNUSABLE");
  const linked = () => here.fetch("linked/file.jpg", { revalidate: false });
  assertEquals((await assertRejects(linked, Failure)).token, "CACHE_UNUSABLE");
  assertEquals((await here.fetch("a.jpg")).source, "server");
  assertEquals(Deno.lstatSync(join(here.web_cash, "a.jpg")).isSymlink, false);
  assertEquals([...Deno.readDirSync(outside.path)].map(({ name }) => name), ["file.jpg"]);
  assertEquals(Deno.readTextFileSync(join(outside.path, "file.jpg")), "outside");
});

Deno.test("unfinished downloads are not taken through a symbolic link", async () => {
  await using here = scene(breaking(1000, 2));
  using outside = temporaryFolder();
  await assertRejects(() => here.fetch("a.jpg"), Failure);
  const partial = join(here.web_cash, ".partial"), linked = join(outside.path, "linked");
  Deno.renameSync(partial, linked);
  Deno.symlinkSync(linked, partial);
  const before = [...walk(linked)];
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals([failure.token, [...walk(linked)]], ["CACHE_UNUSABLE", before]);
});

Deno.test("a file in place of the cache directory gives a sentence, and stays", async () => {
  await using here = scene((request) => imageResponse(request, content));
  Deno.writeTextFileSync(here.web_cash, "mine");
  const failure = await assertRejects(() => here.fetch("a.jpg"), Failure);
  assertEquals(failure.token, "CACHE_UNUSABLE");
  assertEquals(Deno.readTextFileSync(here.web_cash), "mine");
});

Deno.test("clients that store images in one cache at the same time do not disturb each other", async () => {
  using folder = temporaryFolder();
  const web_cash = join(folder.path, "web_cash");
  const keeper = fromFileUrl(new URL("../support/image_keeper.ts", import.meta.url));
  const clients = ["a", "b", "c"].map((url) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-lock", keeper, web_cash, url, "200"],
      stdin: "piped",
      stderr: "piped",
    }).spawn()
  );
  await Promise.all(clients.map((client) => client.stdin.close()));
  for (const { code, stderr } of await Promise.all(clients.map((client) => client.output()))) {
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  }
  assertEquals([...walk(web_cash)].sort(), ["a", "b", "c"]);
});

Deno.test("unfinished downloads are removed after a day, with the next download", async () => {
  await using here = scene(breaking(1000, 2));
  await assertRejects(() => here.fetch("old.jpg"), Failure);
  const [old] = here.files();
  const then = new Date(Date.now() - PARTIAL_KEPT_MS - 1000);
  Deno.utimeSync(join(here.web_cash, old), then, then);
  await here.fetch("new.jpg");
  assertEquals(here.files(), ["new.jpg"]);
});

Deno.test("progress counts what was there before and ends at the whole", async () => {
  await using here = scene(breaking(300_000, 1));
  const seen: [number, number | null, number][] = [];
  await here.fetch("a.jpg", { progress: (...figures) => seen.push(figures) });
  assertEquals(seen.at(-1), [content.length, content.length, 300_000]);
  assert(seen.every(([received], i) => i === 0 || received > seen[i - 1][0]));
});

Deno.test({
  name: "a client ended by Ctrl-C in a download leaves no half image, and resumes",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    const state = { ...photos({ "a.bin": content }), users: new Map([["1", "1"]]) };
    const rightly = photoRoutes(state);
    let hold = true;
    await using server = startWireServer(async (request, conn) => {
      const answer = await rightly(request, conn) as Uint8Array;
      if (request.method !== "GET" || !hold) return answer;
      await writeAll(conn, answer.subarray(0, 500_000));
      return null;
    });
    const at = ["127.0.0.1", `${server.port}`];
    const first = startClient(at, { data: folder.path });
    await first.types("2\n1\n1\n3\n4\na.bin\n");
    const partial = join(folder.path, "web_cash", ".partial");
    // What was received shows in the file system, not on a pipe.
    while ([...walk(partial)].every((name) => Deno.statSync(join(partial, name)).size < 400_000)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    first.kill("SIGINT");
    assertEquals((await first.ended()).code, 130);
    assertEquals([...walk(join(folder.path, "web_cash"))].length, 1);
    hold = false;
    const second = startClient([...at, "image", "a.bin", "--json"], { data: folder.path });
    assertEquals((await second.ends()).code, 0);
    assert(startOf(server.requests.at(-1)!) >= 400_000);
    assertEquals(Deno.readFileSync(join(folder.path, "web_cash", "a.bin")), content);
  },
});
