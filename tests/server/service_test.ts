/** The server over real connections, in the process of the test. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { createHash } from "node:crypto";
import { openAccounts, openStore } from "../../lib/accounts/mod.ts";
import { MAX_CACHED_IMAGE_BYTES } from "../../lib/server/images/image_store.ts";
import { makeRoutes } from "../../lib/server/routes.ts";
import { Browser } from "./support/browser.ts";
import { fakeRequest } from "./support/request_fake.ts";
import { type RunningServer, runServer } from "./support/running_server.ts";

async function putImage(server: RunningServer, name: string, bytes: Uint8Array): Promise<string> {
  const path = join(server.directory, "images", name);
  await Deno.writeFile(path, bytes);
  return path;
}

/** Bytes that differ from one place to another. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, at) => at ^ (at >> 8) * 31);
}

async function connect(server: RunningServer, text = ""): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await conn.write(new TextEncoder().encode(text));
  return conn;
}

Deno.test("two hundred clients at once, each with its own user, all succeed", async () => {
  await using server = await runServer({ accounts: { hashing: { perAddress: 200 } } });
  const picture = pattern(20_000);
  await putImage(server, "image.jpg", picture);
  await Promise.all(Array.from({ length: 200 }, async (_, number) => {
    using browser = new Browser(`http://127.0.0.1:${server.port}`);
    const username = `user ${number}`;
    const user = { username, password: `password ${number}` };
    assertEquals(await browser.ask("POST", "/register", user), [200, "REGISTER_SUCCESS"]);
    assertEquals(await browser.ask("POST", "/login", user), [200, "LOGIN_SUCCESS"]);
    assertEquals(await browser.ask("PUT", "/privilege", { username }), [200, "PRIVILEGE_CHANGED"]);
    assertEquals(await browser.ask("HEAD", "/images"), [200, ""]);
    const image = await browser.get("/images?url=image.jpg");
    assertEquals(image.status, 200);
    assertEquals(new Uint8Array(await image.arrayBuffer()), picture);
  }));
});

Deno.test("slow, silent and broken clients do not affect others", async () => {
  await using server = await runServer();
  const big = pattern(4 * MAX_CACHED_IMAGE_BYTES);
  await putImage(server, "big.png", big);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  const key = `Cookie: ${browser.cookies}\r\n`;
  const nuisances = await Promise.all(
    [
      "",
      "GET /images HTT",
      "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
      "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS handshake",
      "GET / HTTP/9.9\r\n\r\n",
      "\0".repeat(20_000),
      // These ask for a large image and never read it.
      `GET /images?url=big.png HTTP/1.1\r\nHost: x\r\n${key}\r\n`,
    ].flatMap((text) => Array.from({ length: 10 }, () => connect(server, text))),
  );
  const broken = await connect(server, `GET /images?url=big.png HTTP/1.1\r\nHost: x\r\n${key}\r\n`);
  broken.close();
  const [image, check, login] = await Promise.all([
    browser.get("/images?url=big.png").then((response) => response.arrayBuffer()),
    browser.ask("HEAD", "/images"),
    browser.ask("POST", "/login", { username: "alice", password: "alice" }),
  ]);
  assertEquals(new Uint8Array(image), big);
  assertEquals(check, [200, ""]);
  assertEquals(login, [200, "LOGIN_SUCCESS"]);
  for (const nuisance of nuisances) nuisance.close();
});

Deno.test("a large image is streamed whole, and in part, under the hash of its content", async () => {
  await using server = await runServer();
  const big = pattern(MAX_CACHED_IMAGE_BYTES + 12_345);
  await putImage(server, "big.png", big);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  const whole = await browser.get("/images?url=big.png");
  const etag = `"${createHash("sha256").update(big).digest("hex")}"`;
  assertEquals(whole.headers.get("etag"), etag);
  assertEquals(whole.headers.get("content-length"), String(big.length));
  assertEquals(new Uint8Array(await whole.arrayBuffer()), big);
  const rest = await browser.get("/images?url=big.png", {
    "Range": `bytes=${MAX_CACHED_IMAGE_BYTES}-`,
    "If-Range": etag,
  });
  assertEquals(rest.status, 206);
  assertEquals(new Uint8Array(await rest.arrayBuffer()), big.slice(MAX_CACHED_IMAGE_BYTES));
  const known = await browser.get("/images?url=big.png", { "If-None-Match": etag });
  assertEquals([known.status, await known.text()], [304, ""]);
});

Deno.test("every response has nosniff, also those of the HTTP engine", async () => {
  await using server = await runServer();
  const requests: [string, number][] = [
    ["GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404],
    ["HEAD /images HTTP/1.1\r\nHost: x\r\n\r\n", 401],
    ["OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 204],
    ["BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501],
    ["nonsense\r\n\r\n", 400],
  ];
  for (const [request, status] of requests) {
    const conn = await connect(server, request);
    await conn.closeWrite();
    const response = await new Response(conn.readable).text();
    assert(response.startsWith(`HTTP/1.1 ${status} `), response);
    for (const line of ["X-Content-Type-Options: nosniff", "Cache-Control: no-store"]) {
      assertEquals(response.split(`\r\n${line}\r\n`).length, 2, response);
    }
  }
});

Deno.test("the response for an image that shrinks while it is sent is aborted", async () => {
  await using server = await runServer();
  const path = await putImage(server, "big.png", pattern(32 * MAX_CACHED_IMAGE_BYTES));
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  const response = await browser.get("/images?url=big.png");
  await Deno.truncate(path, 1000);
  await assertRejects(() => response.arrayBuffer());
  await server.logged("error: ");
  assertEquals((await browser.ask("HEAD", "/images"))[0], 200);
});

Deno.test("the log has connections only if requested", async () => {
  for (const connections of [false, true]) {
    await using server = await runServer({ connections });
    const conn = await connect(server, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await new Response(conn.readable).text();
    const lines = await server.logged(connections ? "disconnected" : "GET /a");
    assertEquals(lines.some((line) => /^127\.0\.0\.1:\d+ connected$/.test(line)), connections);
    assertEquals(lines.some((line) => / disconnected$/.test(line)), connections);
  }
});

Deno.test("the log has every request and no secret", async () => {
  await using server = await runServer();
  await putImage(server, "image.jpg", pattern(1234));
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice", "the password");
  await (await browser.get("/images?url=image.jpg&token=query")).arrayBuffer();
  await (await browser.get("/images?url=a%20%22b%22%0a.jpg")).text();
  await (await browser.get("/no%0d%0a%1b[31m%20200")).text();
  const nonsense = await connect(server, "nonsense\r\n\r\n");
  await nonsense.closeWrite();
  await new Response(nonsense.readable).text();
  await server.logged(" 400 ");
  const lines = await server.logged("GET /no");
  const rest = String.raw`bytes \d+\.\d{3} ms`;
  const has = (line: string) => {
    const pattern = new RegExp(`^${line} ${rest}$`);
    assert(lines.some((other) => pattern.test(other)), `${line} in\n${lines.join("\n")}`);
  };
  has(String.raw`127\.0\.0\.1 "alice" POST /register - 200 16`);
  has(String.raw`127\.0\.0\.1 "alice" PUT /privilege - 200 17`);
  has(String.raw`127\.0\.0\.1 "alice" GET /images "image\.jpg" 200 1234`);
  has(String.raw`127\.0\.0\.1 "alice" GET /images "a \\"b\\"\\n\.jpg" 404 15`);
  has(String.raw`127\.0\.0\.1 - GET /no\\r\\n\\x1b\[31m\\x20200 - 404 14`);
  has(String.raw`127\.0\.0\.1 - - - - 400 \d+`);
  const text = lines.join("\n");
  for (const secret of ["the password", "token=query", ...browser.values]) {
    assertEquals(text.includes(secret), false, secret);
  }
});

Deno.test("a download that its client breaks off is logged with the bytes that went out", async () => {
  await using server = await runServer();
  const big = pattern(64 * 1024 * 1024);
  await putImage(server, "big.png", big);
  using browser = new Browser(`http://127.0.0.1:${server.port}`);
  await browser.enter("alice");
  const conn = await connect(
    server,
    `GET /images?url=big.png HTTP/1.1\r\nHost: x\r\nCookie: ${browser.cookies}\r\n\r\n`,
  );
  await conn.read(new Uint8Array(100_000));
  conn.close();
  const line = (await server.logged(" aborted")).find((line) => line.endsWith(" aborted"))!;
  const [, bytes] =
    /^127\.0\.0\.1 "alice" GET \/images "big\.png" 200 (\d+) bytes \d+\.\d{3} ms aborted$/
      .exec(line) ?? [];
  assert(Number(bytes) > 0 && Number(bytes) < big.length, line);
});

Deno.test("behind a trusted proxy, the log has the client's address", async () => {
  for (const trusted of [[], ["127.0.0.1"]]) {
    await using server = await runServer({ trusted });
    const forwarded = "GET /a HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.9\r\n\r\n";
    const conn = await connect(server, forwarded);
    await conn.closeWrite();
    await new Response(conn.readable).text();
    const [line] = await server.logged("GET /a");
    const client = trusted.length > 0 ? "192.0.2.9" : "127.0.0.1";
    assert(line.startsWith(`${client} - GET /a - 404 `), line);
  }
});

Deno.test("a session that was logged out stays ended when the server has started again", async () => {
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  try {
    const ask = async (method: string, path: string, cookie: string, body?: unknown) => {
      const store = await openStore(directory);
      const accounts = await openAccounts(store, { scrypt: { ln: 4, r: 8, p: 1 } });
      const routes = makeRoutes({ accounts, images: { find: () => null }, secure: false });
      const fields: [string, string][] = [["Cookie", cookie]];
      const response = await routes(fakeRequest(method, path, { fields, body }));
      await store.close();
      const cookies = (response.fields ?? []).filter(([name]) => name === "Set-Cookie");
      return { status: response.status, cookies: cookies.map(([, line]) => line.split(";")[0]) };
    };
    const user = { username: "alice", password: "x" };
    assertEquals((await ask("POST", "/register", "", user)).status, 200);
    const [mine] = (await ask("POST", "/login", "", user)).cookies;
    const [other] = (await ask("POST", "/login", "", user)).cookies;
    assertEquals((await ask("GET", "/session", mine)).status, 200);
    assertEquals((await ask("POST", "/logout", mine)).status, 200);
    assertEquals((await ask("GET", "/session", mine)).status, 401);
    assertEquals((await ask("GET", "/session", other)).status, 200);
    const change = { ...user, new_password: "y" };
    assertEquals((await ask("PUT", "/password", "", change)).status, 200);
    assertEquals((await ask("GET", "/session", other)).status, 401);
    assertEquals((await ask("POST", "/login", "", user)).status, 401);
    assertEquals((await ask("POST", "/login", "", { ...user, password: "y" })).status, 200);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
