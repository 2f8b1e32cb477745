/** Servers that mean harm, or are merely broken: each is a sentence, and harmless. */
import { assert, assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { type Ended } from "../support/client_process.ts";
import { runClient } from "../support/client_run.ts";
import { photoRoutes, photos } from "../support/photo_routes.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { type Answer, response, startWireServer, writeAll } from "../support/wire_server.ts";

const { ko } = CATALOGUES;

/** Cookies of a user with a live key. */
function loggedIn(folder: string, port: number): void {
  const cookies = Object.fromEntries(
    ["session", "key"].map((name) => [name, {
      value: `${name[0]}.1`,
      expiry_time: Date.now() / 1000 + 60,
    }]),
  );
  const content = { [`http://127.0.0.1:${port}`]: { user: "1", cookies } };
  Deno.writeTextFileSync(join(folder, "cookies.json"), JSON.stringify(content));
}

/** Asks for an image from a server that answers HEAD rightly and GET as it likes. */
async function getImage(url: string, answer: Answer, ...options: string[]) {
  using folder = temporaryFolder();
  const root = join(folder.path, "data");
  Deno.mkdirSync(root);
  const rightly = photoRoutes(photos());
  await using server = startWireServer((request, conn) =>
    request.method === "HEAD" ? rightly(request, conn) : answer(request, conn)
  );
  loggedIn(root, server.port);
  const ended = await runClient(
    ["127.0.0.1", `${server.port}`, "image", url, ...options],
    { data: root },
  );
  return { ...ended, files: filesIn(folder.path), connections: server.connections };
}

/** Every file below, relative. */
function filesIn(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(join(folder, prefix))].flatMap((entry) =>
    entry.isDirectory ? filesIn(folder, join(prefix, entry.name)) : [join(prefix, entry.name)]
  ).sort();
}

/** One sentence, no escape, no stack trace, exit code 1. */
function assertSentence({ code, stdout, stderr }: Ended, sentence?: string): void {
  assertEquals([code, stdout], [1, ""], stderr);
  // deno-lint-ignore no-control-regex
  assertNotMatch(stderr.slice(0, -1), /[\x00-\x1f\x7f-\x9f]|\bat .*:\d+:\d+/);
  if (sentence !== undefined) assertEquals(stderr, sentence + "\n");
}

/** Writes for as long as it is read. */
async function endlessly(conn: Deno.Conn, head: string, piece: string): Promise<void> {
  await writeAll(conn, head);
  const block = piece.repeat(Math.ceil(65536 / piece.length));
  for (;;) await writeAll(conn, block);
}

Deno.test("a head without end is refused", async () => {
  const ended = await getImage(
    "a.jpg",
    (_, conn) => endlessly(conn, "HTTP/1.1 200 OK\r\n", "X: y\r\n"),
  );
  assertSentence(ended);
  assertEquals(ended.files, ["data/cookies.json"]);
});

Deno.test("a head without a line end is refused", async () => {
  assertSentence(await getImage("a.jpg", (_, conn) => endlessly(conn, "HTTP/1.1 200 ", "x")));
});

Deno.test("a text without end is refused", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer((_, conn) =>
    endlessly(conn, "HTTP/1.1 200 OK\r\n\r\n", "REGISTER_")
  );
  const ended = await runClient(
    ["127.0.0.1", `${server.port}`, "register", "1", "--password-stdin"],
    { data: folder.path },
    "1\n",
  );
  assertSentence(ended);
});

Deno.test("an image whose announced length exceeds the limit is not downloaded", async () => {
  const ended = await getImage(
    "a.jpg",
    (_, conn) => writeAll(conn, `HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 40}\r\n\r\nabc`),
  );
  assertSentence(ended, ko.responseTooLarge("1.00 GiB"));
  assertEquals(ended.files, ["data/cookies.json"]);
});

Deno.test("lengths that cannot be are refused (RFC 9112 §6.3)", async () => {
  for (
    const fields of [
      "Content-Length: -1",
      "Content-Length: 1e3",
      "Content-Length: 5\r\nContent-Length: 6",
      "Content-Length: 99999999999999999999",
      "Transfer-Encoding: chunked\r\n\r\nZZ",
      "Transfer-Encoding: gzip",
    ]
  ) {
    const ended = await getImage("a.jpg", async (_, conn) => {
      await writeAll(conn, `HTTP/1.1 200 OK\r\n${fields}\r\n\r\nabcde`);
      conn.close();
    });
    assertEquals([fields, ended.code, ended.stdout], [fields, 1, ""], ended.stderr);
    assertSentence(ended);
    assertEquals(ended.files, ["data/cookies.json"]);
  }
});

Deno.test("a response that is not HTTP gives a sentence", async () => {
  for (const text of ["SSH-2.0-OpenSSH_9.2\r\n", "\0\x01\x02\r\n\r\n", "HTTP/2 200\r\n\r\n"]) {
    assertSentence(
      await getImage("a.jpg", (_, conn) => writeAll(conn, text).then(() => conn.close())),
    );
  }
});

Deno.test("control characters and escapes in any text are not passed on to the terminal", async () => {
  const evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt";
  for (
    const [status, fields] of [
      ["500 " + evil, []],
      ["418 Teapot", []],
      ["302 Found", [`Location: http://evil.example/${evil}`]],
      ["404 Not Found", []],
    ] as [string, string[]][]
  ) {
    assertSentence(await getImage("a.jpg", () => response(status, evil, fields)));
  }
  assertSentence(await getImage(`${evil}.jpg`, () => response("404 Not Found", "Image not found")));
  using folder = temporaryFolder();
  await using server = startWireServer(() =>
    response("400 Bad Request", `REGISTER_FAILED: ${evil}`)
  );
  const register = ["127.0.0.1", `${server.port}`, "register", evil, "--password-stdin"];
  const ended = await runClient(register, { data: folder.path }, "1\n");
  assertSentence(ended);
  assertStringIncludes(ended.stderr, "owned");
});

Deno.test("--debug strips them too", async () => {
  const evil = "\x1b]0;owned\x07";
  const { stderr } = await getImage(
    "a.jpg",
    () => response(`404 ${evil}`, evil, [`X: ${evil}`]),
    "--debug",
  );
  // deno-lint-ignore no-control-regex
  assertNotMatch(stderr, /[\x00-\x09\x0b-\x1f\x7f]/);
});

Deno.test("an image whose name would leave web_cash is kept inside", async () => {
  for (const url of ["../../escaped.bin", "/tmp/escaped.bin", "a/../../../escaped.bin", "..\\up"]) {
    const { code, files } = await getImage(url, () => response("200 OK", "content"));
    assertEquals([url, code], [url, 0]);
    assertEquals(files.length, 2);
    assert(files.every((file) => file.startsWith("data/")), files.join());
  }
});

Deno.test("a redirect is not followed: no cookie goes to another host or port", async () => {
  await using elsewhere = startWireServer(() => response("200 OK", "x"));
  const to = `http://127.0.0.1:${elsewhere.port}/images`;
  for (
    const status of ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
  ) {
    const ended = await getImage("a.jpg", () => response(status, "", [`Location: ${to}`]));
    assertSentence(ended, ko.redirected(to));
  }
  assertEquals(elsewhere.connections, 0);
});

Deno.test("cookies of one server are not sent to another port of the same host", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes(photos()));
  loggedIn(folder.path, server.port + 1);
  const ended = await runClient(
    ["127.0.0.1", `${server.port}`, "register", "1", "--password-stdin"],
    { data: folder.path },
    "1\n",
  );
  assertEquals(ended.code, 0);
  assertEquals(server.requests[0].field("cookie"), null);
});

Deno.test("a cookie for another host is refused, and the number of cookies is limited", async () => {
  using folder = temporaryFolder();
  const fields = Array.from({ length: 300 }, (_, i) => `Set-Cookie: c${i}=${"v".repeat(100)}`);
  fields.unshift("Set-Cookie: evil=1; Domain=bank.example; Max-Age=60");
  await using server = startWireServer(() => response("200 OK", "LOGIN_SUCCESS", fields));
  await runClient(
    ["127.0.0.1", `${server.port}`, "login", "1", "--password-stdin"],
    { data: folder.path },
    "1\n",
  );
  const text = Deno.readTextFileSync(join(folder.path, "cookies.json"));
  assert(!text.includes("evil"));
  assertEquals(
    Object.keys(Object.values<{ cookies: object }>(JSON.parse(text))[0].cookies).length,
    50,
  );
});

Deno.test("a picture that claims a billion pixels gives a sentence, and takes no memory", async () => {
  const png = new Uint8Array(57);
  png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(png.buffer).setUint32(16, 60_000);
  new DataView(png.buffer).setUint32(20, 60_000);
  png.set([8, 6, 0, 0, 0], 24);
  const ended = await getImage("bomb.png", () => response("200 OK", png));
  assertEquals([ended.code, ended.stdout], [1, ""]);
  assertStringIncludes(ended.stderr, "bomb.png");
});

Deno.test("bytes behind a response are not taken for the next response", async () => {
  using folder = temporaryFolder();
  const rightly = photoRoutes({ ...photos(), users: new Map([["1", "1"]]) });
  await using server = startWireServer(async (request, conn) => {
    const answer = await rightly(request, conn) as Uint8Array;
    const stray = new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
    return new Uint8Array([...answer, ...stray]);
  });
  const { stdout } = await runClient(
    ["127.0.0.1", `${server.port}`],
    { data: folder.path },
    "2\n1\n1\n3\n3\n99\n",
  );
  assertStringIncludes(stdout, ko.loggedIn("1"));
  assertStringIncludes(stdout, ko.privilegeChanged);
  assertStringIncludes(stdout, ko.privilegeAlready);
});
