/** The scripting mode: exit codes, what is on stdout and what on stderr, JSON. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUES } from "../../lib/client/language/language.ts";
import { START_LIMIT } from "../../lib/client/terminal/picture_view.ts";
import { clientCommand, runClientProcess } from "./support/client_process.ts";
import { runClient } from "./support/client_run.ts";
import { photoRoutes, type Photos, photos } from "./support/photo_routes.ts";
import { temporaryFolder } from "./support/temporary_folder.ts";
import { response, startWireServer } from "./support/wire_server.ts";

const { ko, en } = CATALOGUES;
const sample = Deno.readFileSync(new URL("../../images/image.jpg", import.meta.url));
/** The start of a JPEG XL file: a type that is not drawn. */
const jxl = Uint8Array.of(0xff, 0x0a, 0, 0);

const text = new TextEncoder().encode("no picture");

/** A server, a data directory, and a way to run commands there. */
function scene(state: Photos) {
  const folder = temporaryFolder();
  const server = startWireServer(photoRoutes(state));
  return {
    folder,
    server,
    at: ["127.0.0.1", `${server.port}`],
    run: (command: string[], input = "") =>
      runClient(["127.0.0.1", `${server.port}`, ...command], { data: folder.path }, input),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("the cookies carry the state from one call to the next, the picture alone is on stdout", async () => {
  await using here = scene(photos({ "image.jpg": sample }));
  const steps: [string[], string, number, string][] = [
    [["login", "1", "--password-stdin"], "pw\n", 1, ko.loginFailed("1")],
    [["privilege"], "", 1, ko.loginRequired],
    [["image", "image.jpg"], "", 1, ko.loginRequired],
    [["register", "1", "--password-stdin"], "pw\n", 0, ko.registered("1")],
    [["register", "1", "--password-stdin"], "pw\n", 1, ko.userExists("1")],
    [["login", "1"], "pw\n", 0, ko.loggedIn("1")],
    [["image", "image.jpg"], "", 1, ko.noKey],
    [["privilege"], "", 0, ko.privilegeChanged],
    [["privilege"], "", 0, ko.privilegeAlready],
    [["image", "none.jpg"], "", 1, ko.imageNotFound("none.jpg")],
  ];
  for (const [command, input, code, sentence] of steps) {
    const ended = await here.run(command, input);
    assertEquals([command, ended.code, ended.stdout], [command, code, ""], ended.stderr);
    assertStringIncludes(ended.stderr, sentence + "\n");
  }
  const drawn = await here.run(["image", "image.jpg", "--width", "40"]);
  assertEquals(drawn.code, 0);
  for (const line of drawn.stdout.trimEnd().split("\n")) {
    assert(line.startsWith("\x1b[") && line.endsWith("\x1b[m"), line);
  }
  assertStringIncludes(drawn.stderr, "130 KiB");
  assertEquals((await here.run(["logout"])).stderr, ko.loggedOut + "\n");
  assertEquals((await here.run(["image", "image.jpg"])).code, 1);
});

Deno.test("--json prints one line with the result or the error, in tokens that no language changes", async () => {
  await using here = scene(photos({ "image.jpg": sample }));
  const json = async (command: string[], input = "") => {
    const { code, stdout, stderr } = await here.run([...command, "--json", "--lang", "en"], input);
    assertEquals(stderr, "");
    assertMatch(stdout, /^\{.*\}\n$/);
    return { code, ...JSON.parse(stdout) };
  };
  assertEquals(await json(["login", "1", "--password-stdin"], "1\n"), {
    code: 1,
    ok: false,
    command: "login",
    error: "LOGIN_FAILED",
    message: en.loginFailed("1"),
  });
  assertEquals(await json(["register", "1", "--password-stdin"], "1\n"), {
    code: 0,
    ok: true,
    command: "register",
    user: "1",
  });
  await json(["login", "1", "--password-stdin"], "1\n");
  const { expires, ...privilege } = await json(["privilege"]);
  assertEquals(privilege, { code: 0, ok: true, command: "privilege", already: false });
  assert(Math.abs(Date.parse(expires) - Date.now() - 3600_000) < 60_000);
  const image = { code: 0, ok: true, command: "image", url: "image.jpg", bytes: sample.length };
  const path = join(here.folder.path, "web_cash", "image.jpg");
  assertEquals(await json(["image", "image.jpg"]), { ...image, path, source: "server" });
  assertEquals(await json(["image", "image.jpg"]), { ...image, path, source: "cache" });
  assertEquals((await json(["image", "x"])).error, "IMAGE_NOT_FOUND");
  assertEquals((await json(["logout"])).ok, true);
});

Deno.test("cookies that cannot be kept end a command, and are a sentence at the menu", async () => {
  await using here = scene(photos());
  Deno.writeTextFileSync(join(here.folder.path, "cookies.json"), "{");
  const sentence = ko.cookiesDamaged(join(here.folder.path, "cookies.json")) + "\n";
  const register = await here.run(["register", "1", "--password-stdin"], "1\n");
  assertEquals([register.code, register.stderr], [1, sentence]);
  assertEquals(here.server.requests.length, 0);
  const menu = await here.run([], "1\n1\n1\n99\n");
  assertEquals([menu.code, menu.stderr], [0, sentence]);
  assertStringIncludes(menu.stdout, ko.registered("1"));
});

Deno.test("--json escapes control characters, and parses to the same text", async () => {
  const url = "\x1b\x7f\x9b31m\u202ea.jpg";
  await using here = scene({ ...photos({ [url]: sample }), users: new Map([["1", "1"]]) });
  await here.run(["login", "1", "--password-stdin"], "1\n");
  await here.run(["privilege"]);
  const { stdout } = await here.run(["image", url, "--json"]);
  assertMatch(stdout, /^[\x20-\x7e]+\n$/);
  assertEquals(JSON.parse(stdout).url, url);
});

Deno.test("a cached image that changed on the server is fetched again", async () => {
  const state = photos({ "a.gif": new TextEncoder().encode("first") });
  await using here = scene(state);
  await here.run(["register", "1", "--password-stdin"], "1\n");
  await here.run(["login", "1", "--password-stdin"], "1\n");
  await here.run(["privilege"]);
  await here.run(["image", "a.gif", "--json"]);
  state.images.set("a.gif", new TextEncoder().encode("second"));
  assertStringIncludes((await here.run(["image", "a.gif", "--json"])).stdout, '"server"');
  assertEquals(Deno.readTextFileSync(join(here.folder.path, "web_cash", "a.gif")), "second");
});

Deno.test("a type that cannot be drawn is kept and named; a damaged or empty picture is a failure", async () => {
  await using here = scene(
    photos({
      "a.jxl": jxl,
      "jxl.jpg": jxl,
      "a.xyz": text,
      "text.png": text,
      "cut.jpg": sample.slice(0, 300),
      "empty.png": new Uint8Array(),
    }),
  );
  await here.run(["register", "1", "--password-stdin"], "1\n");
  await here.run(["login", "1", "--password-stdin"], "1\n");
  await here.run(["privilege"]);
  const at = (name: string) => join(here.folder.path, "web_cash", name);
  assertEquals(await here.run(["image", "a.jxl"]), {
    code: 0,
    stdout: "",
    stderr: ko.imageUnknownType(at("a.jxl"), "jxl") + "\n",
  });
  assertEquals(Deno.readFileSync(at("a.jxl")), jxl);
  // What a file holds counts, not what it is called.
  for (const [name, type] of [["jxl.jpg", "jxl"], ["a.xyz", "xyz"], ["text.png", "?"]]) {
    const { code, stderr } = await here.run(["image", name]);
    assertEquals([code, stderr], [0, ko.imageUnknownType(at(name), type) + "\n"]);
  }
  for (const name of ["cut.jpg", "empty.png"]) {
    assertEquals(await here.run(["image", name]), {
      code: 1,
      stdout: "",
      stderr: ko.imageDamaged(at(name)) + "\n",
    });
  }
});

Deno.test("an image that lacks its end is drawn, with a sentence and exit code 0", async () => {
  const cut = sample.slice(0, Math.floor(sample.length * 0.6));
  await using here = scene(photos({ "cut.jpg": cut, "whole.jpg": sample }));
  await here.run(["register", "1", "--password-stdin"], "1\n");
  await here.run(["login", "1", "--password-stdin"], "1\n");
  await here.run(["privilege"]);
  const { code, stdout, stderr } = await here.run(["image", "cut.jpg"]);
  assertEquals(code, 0);
  assertEquals(stdout.split("\n").length > 10, true);
  assertStringIncludes(stderr, ko.imagePartial);
  for (const [name, damaged] of [["cut.jpg", true], ["whole.jpg", undefined]] as const) {
    const { stdout } = await here.run(["image", name, "--json"]);
    assertEquals(JSON.parse(stdout).damaged, damaged);
  }
});

/** A red TIFF of 1200 x 1200 pixels as most programs write it: the directory behind the pixels. */
function largeTiff(): Uint8Array<ArrayBuffer> {
  const side = 1200, pixels = side * side * 3, offset = 8 + pixels;
  const fields = [
    ...[[256, side], [257, side], [259, 1], [262, 2], [273, 8], [277, 3], [278, side]],
    [279, pixels],
  ];
  const view = new DataView(new ArrayBuffer(offset + 2 + (fields.length + 1) * 12 + 4 + 6));
  const file = new Uint8Array(view.buffer);
  for (let at = 8; at < offset; at += 3) file[at] = 255;
  view.setUint32(0, 0x4d4d002a);
  view.setUint32(4, offset);
  view.setUint16(offset, fields.length + 1);
  const field = (at: number, tag: number, type: number, count: number, value: number) => {
    view.setUint16(at, tag);
    view.setUint16(at + 2, type);
    view.setUint32(at + 4, count);
    view.setUint32(at + 8, value);
  };
  fields.forEach(([tag, value], i) => field(offset + 2 + i * 12, tag, 4, 1, value));
  const last = offset + 2 + fields.length * 12;
  field(last, 258, 3, 3, last + 16);
  for (let i = 0; i < 3; i++) view.setUint16(last + 16 + i * 2, 8);
  return file;
}

Deno.test("a file of more than 4 MB is drawn wherever its size stands in it", async () => {
  const tiff = largeTiff();
  assert(tiff.length > START_LIMIT);
  await using here = scene(photos({ "a.tif": tiff, "b.tif": tiff.slice(0, -200) }));
  await here.run(["register", "1", "--password-stdin"], "1\n");
  await here.run(["login", "1", "--password-stdin"], "1\n");
  await here.run(["privilege"]);
  const { code, stdout } = await here.run(["image", "a.tif", "--width", "2"]);
  assertEquals([code, stdout], [0, "\x1b[48;2;255;0;0m  \x1b[m\n"]);
  assertEquals((await here.run(["image", "b.tif"])).code, 1, "cut short, it is damaged");
});

Deno.test("wrong usage is a sentence and a line of usage, exit code 2; help and version go to stdout", async () => {
  using folder = temporaryFolder();
  const wrong = await runClient(["localhost"], { data: folder.path });
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertEquals(wrong.stderr, `${ko.hostAndPortMissing}\n${ko.usageHint}\n`);
  const help = await runClient(["--help", "--lang", "en"], { data: folder.path });
  assertEquals(help, { code: 0, stdout: en.usage, stderr: "" });
  const version = await runClient(["--version"], { data: folder.path });
  assertMatch(version.stdout, /^client \d+\.\d+\.\d+\n$/);
});

Deno.test("if the cache cannot be written, an image is shown with a sentence that it is not kept", async () => {
  await using here = scene({ ...photos({ "image.jpg": sample }), users: new Map([["1", "1"]]) });
  await here.run(["login", "1", "--password-stdin"], "1\n");
  await here.run(["privilege"]);
  const cache = join(here.folder.path, "web_cash");
  Deno.writeTextFileSync(cache, "in the way");
  const temporary = join(here.folder.path, "temporary");
  Deno.mkdirSync(temporary);
  const withTemporary = { data: here.folder.path, env: { TMPDIR: temporary } };
  const shown = await runClientProcess([...here.at, "image", "image.jpg"], withTemporary);
  assertEquals(shown.code, 0, shown.stderr);
  assertStringIncludes(shown.stdout, "\x1b[38;2;");
  assertStringIncludes(
    shown.stderr,
    ko.cacheUnusable(
      join(cache, "image.jpg"),
      ko.fileError(
        Object.assign(new Error(), { code: "ENOTDIR" }),
      ),
    ),
  );
  assertEquals([...Deno.readDirSync(temporary)], [], "the temporary copy is gone");
  assertEquals(Deno.readTextFileSync(cache), "in the way");
  const json = await runClientProcess([...here.at, "image", "image.jpg", "--json"], withTemporary);
  assertEquals([json.code, JSON.parse(json.stdout).error], [1, "CACHE_UNUSABLE"]);
  assertEquals([...Deno.readDirSync(temporary)], []);
});

Deno.test("a page in HTML, as proxies send, is not put into a sentence", async () => {
  await using server = startWireServer(() =>
    response("502 Bad Gateway", "<html><h1>502 Bad Gateway</h1></html>", [
      "Content-Type: text/html",
    ])
  );
  using folder = temporaryFolder();
  const args = ["127.0.0.1", `${server.port}`, "login", "1", "--password-stdin"];
  const { stderr } = await runClient(args, { data: folder.path }, "1\n");
  assertEquals(stderr, ko.serverSaid("502 Bad Gateway") + "\n");
});

Deno.test("a reader that closes the pipe early ends the client silently", async () => {
  await using here = scene({ ...photos({ "image.jpg": sample }), users: new Map([["1", "1"]]) });
  await here.run(["login", "1", "--password-stdin"], "1\n");
  await here.run(["privilege"]);
  const client = [...clientCommand(), ...here.at, "--data", here.folder.path]
    .map((word) => `'${word}'`).join(" ");
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", `set -o pipefail; ${client} image image.jpg --width 300 | head -c 10 >/dev/null`],
  }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  assertEquals(text.split("\n").length <= 2 && !text.includes("Broken"), true, text);
});

Deno.test({
  name: "if stdout cannot be written, a sentence on stderr says so, and the exit code is 1",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using folder = temporaryFolder();
    await using server = startWireServer(photoRoutes(photos()));
    const at = ["127.0.0.1", `${server.port}`, "--data", folder.path];
    for (
      const args of [["--help"], at, [...at, "logout", "--json"], [...at, "privilege", "--json"]]
    ) {
      const command = [...clientCommand(), ...args].map((word) => `'${word}'`).join(" ");
      const { code, stderr } = await new Deno.Command("bash", {
        args: ["-c", `${command} --lang en > /dev/full < /dev/null`],
      }).output();
      const sentence = en.outputFailed("the disk is full") + "\n";
      assertEquals([args, code, new TextDecoder().decode(stderr)], [args, 1, sentence]);
    }
  },
});

Deno.test("--debug shows both heads as they are on the wire, and no secret", async () => {
  await using here = scene({ ...photos({ "image.jpg": sample }), users: new Map([["1", "hush"]]) });
  const login = await here.run(["login", "1", "--password-stdin", "--debug"], "hush\n");
  const privilege = await here.run(["privilege", "--debug"]);
  const image = await here.run(["image", "image.jpg", "--debug", "--json"]);
  const shown = login.stderr + privilege.stderr + image.stderr;
  for (
    const line of [
      "> POST /login HTTP/1.1\n",
      `> Host: 127.0.0.1:${here.server.port}\n`,
      '> {"username":"1","password":"***"}\n',
      "< HTTP/1.1 200 OK\n",
      "< Set-Cookie: session=***;HttpOnly;SameSite=Strict; Max-Age=86400\n",
      "< LOGIN_SUCCESS\n",
      "> Cookie: session=***\n",
      "> Cookie: session=***; key=***\n",
      "> HEAD /images HTTP/1.1\n",
      "< [130 KiB]\n",
    ]
  ) assertStringIncludes(shown, line);
  for (const secret of ["hush", "s.1", "k.1"]) assert(!shown.includes(secret), secret);
  assert(!shown.includes("\x1b"), "no colours over a pipe");
});

Deno.test("SERVER_IP replaces the address of a domain; the Host field still names the domain", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes(photos()));
  const { code, stderr } = await runClient(
    ["www.server.com", `${server.port}`, "register", "1", "--password-stdin"],
    { data: folder.path, env: { SERVER_IP: "127.0.0.1" } },
    "1\n",
  );
  assertEquals(code, 0, stderr);
  assertEquals(server.requests[0].field("host"), `www.server.com:${server.port}`);
});

Deno.test("an unreachable or unknown server gives one sentence and exit code 1", async () => {
  using folder = temporaryFolder();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  for (const command of [[], ["privilege"], ["login", "1", "--password-stdin"]]) {
    assertEquals(await runClient(["127.0.0.1", `${port}`, ...command], { data: folder.path }), {
      code: 1,
      stdout: "",
      stderr: ko.connectionRefused(`127.0.0.1:${port}`) + "\n",
    });
  }
  const unknown = await runClient(["no-such-host.invalid", "80"], { data: folder.path });
  assertEquals(unknown, {
    code: 1,
    stdout: "",
    stderr: ko.unknownHost("no-such-host.invalid") + "\n",
  });
});
