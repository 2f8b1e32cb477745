/** The web page's files as the server sends them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { serve } from "../../../lib/http/mod.ts";
import { pageRoutes } from "../../../lib/server/page/page.ts";
import { makeRouter } from "../../../lib/server/router.ts";

/** Serves the page on a free loopback port. */
function servePage({ secure = false } = {}) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = serve(listener, makeRouter(pageRoutes(() => secure)));
  return {
    origin: `http://127.0.0.1:${listener.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(1000),
  };
}

/** Fetches without the client's own decompression. */
async function fetchRaw(url: string, fields: Record<string, string> = {}, method = "GET") {
  const { hostname, port, pathname } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await connection.write(new TextEncoder().encode(
    `${method} ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n${lines}\r\n`,
  ));
  const bytes = new Uint8Array(await new Response(connection.readable).arrayBuffer());
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  const [statusLine, ...fieldLines] = text.slice(0, end).split("\r\n");
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: new Headers(fieldLines.map((line) => line.split(": ", 2) as [string, string])),
    content: bytes.subarray(end + 4),
  };
}

/** The addresses that the document names. */
async function assetPaths(origin: string): Promise<string[]> {
  const html = await (await fetch(`${origin}/`)).text();
  return [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path);
}

Deno.test("the document and its assets come compressed as the client accepts, with the same content", async () => {
  await using server = servePage();
  for (const path of ["", ...await assetPaths(server.origin)]) {
    const plain = await fetchRaw(`${server.origin}/${path}`);
    const gzip = await fetchRaw(`${server.origin}/${path}`, { "Accept-Encoding": "gzip" });
    const brotli = await fetchRaw(`${server.origin}/${path}`, { "Accept-Encoding": "gzip, br" });
    assertEquals(plain.status, 200);
    assertEquals(plain.headers.get("content-encoding"), null);
    assertEquals(gzip.headers.get("content-encoding"), "gzip");
    assertEquals(brotli.headers.get("content-encoding"), "br");
    assertEquals(Uint8Array.from(gunzipSync(gzip.content)), plain.content);
    assertEquals(Uint8Array.from(brotliDecompressSync(brotli.content)), plain.content);
    assertEquals(plain.headers.get("vary"), "Accept-Encoding");
    assertEquals(new Set([plain, gzip, brotli].map((it) => it.headers.get("etag"))).size, 3);
  }
});

Deno.test("the whole first load is at most 45 KB compressed", async () => {
  await using server = servePage();
  let bytes = 0;
  for (const path of ["", ...await assetPaths(server.origin)]) {
    bytes +=
      (await fetchRaw(`${server.origin}/${path}`, { "Accept-Encoding": "gzip" })).content.length;
  }
  assert(bytes <= 45_000, `${bytes} bytes`);
});

Deno.test("an unchanged file is 304, for the same coding only", async () => {
  await using server = servePage();
  const first = await fetchRaw(`${server.origin}/`, { "Accept-Encoding": "br" });
  const etag = first.headers.get("etag")!;
  const again = await fetchRaw(`${server.origin}/`, {
    "Accept-Encoding": "br",
    "If-None-Match": etag,
  });
  assertEquals(again.status, 304);
  assertEquals(again.content.length, 0);
  const plain = await fetchRaw(`${server.origin}/`, { "If-None-Match": etag });
  assertEquals(plain.status, 200);
});

Deno.test("assets are immutable and named by their content, the document is revalidated", async () => {
  await using server = servePage();
  const [asset] = await assetPaths(server.origin);
  assertMatch(asset, /^assets\/[a-z]+-[0-9a-f]{12}\.[a-z]+$/);
  const { headers } = await fetchRaw(`${server.origin}/${asset}`);
  assertStringIncludes(headers.get("cache-control")!, "immutable");
  assertEquals((await fetchRaw(`${server.origin}/`)).headers.get("cache-control"), "no-cache");
});

Deno.test("the document's policy allows nothing from elsewhere, nothing inline and no frame", async () => {
  await using server = servePage();
  const { headers } = await fetchRaw(`${server.origin}/`);
  const policy = headers.get("content-security-policy")!;
  assertStringIncludes(policy, "default-src 'none'");
  assertStringIncludes(policy, "frame-ancestors 'none'");
  for (const word of ["unsafe-", "http:", "https:", "data:", "*"]) {
    assert(!policy.includes(word), word);
  }
  assertEquals(headers.get("referrer-policy"), "no-referrer");
});

Deno.test("the opener policy is sent only where the browser trusts the origin", async () => {
  for (const secure of [false, true]) {
    await using server = servePage({ secure });
    const { headers } = await fetchRaw(`${server.origin}/`);
    assertEquals(headers.has("cross-origin-opener-policy"), secure);
  }
});

Deno.test("HEAD gives the fields of GET without content, another method is 405", async () => {
  await using server = servePage();
  const get = await fetchRaw(`${server.origin}/`);
  const head = await fetchRaw(`${server.origin}/`, {}, "HEAD");
  assertEquals(head.content.length, 0);
  assertEquals(head.headers.get("content-length"), String(get.content.length));
  assertEquals((await fetchRaw(`${server.origin}/`, {}, "POST")).status, 405);
});
