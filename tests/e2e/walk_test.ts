/** The product from end to end: the real server, the real client, curl. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { hasOpenssl, makeCertificate } from "../server/support/certificate.ts";
import {
  admitVisitors,
  admitWithExpiredKey,
  keepCookies,
  registerUsers,
} from "../support/visitors.ts";
import { hasTls, runClient, startServer, temporaryDirectory } from "./support/programs.ts";

const picture = new URL("../../images/image.jpg", import.meta.url);

/** A data directory with the sample picture in `images/`. */
async function directoryWithPicture() {
  const directory = await temporaryDirectory();
  await Deno.mkdir(join(directory.path, "images"));
  await Deno.copyFile(picture, join(directory.path, "images", "image.jpg"));
  return directory;
}

const log = (directory: string) => Deno.readTextFile(join(directory, "server_log.txt"));

/** What somebody new does first. */
const ENTER = [
  ["register", "1", "--password-stdin"],
  ["login", "1", "--password-stdin"],
  ["privilege"],
];

/** Runs client commands, each of which must succeed, and returns their results. */
async function succeed(directory: string, port: number, commands: string[][]) {
  const results = [];
  for (const command of commands) {
    const result = await runClient(directory, ["127.0.0.1", String(port), ...command], {
      input: "1\n",
    });
    assertEquals(result.code, 0, `${command.join(" ")}: ${result.stderr}${result.stdout}`);
    results.push(result);
  }
  return results;
}

Deno.test("the client registers, logs in, raises the privilege and draws, then draws from its cache", async () => {
  await using home = await directoryWithPicture();
  await using server = await startServer(home.path);
  const commands = [...ENTER, ["image", "image.jpg"]];
  const drawn = (await succeed(home.path, server.port, commands)).at(-1)!;
  assert(drawn.stdout.split("\n").length > 5, "the picture has rows");
  assertEquals(
    await Deno.readFile(join(home.path, "web_cash", "image.jpg")),
    await Deno.readFile(picture),
    "the cache holds the bytes as received",
  );
  const [again] = await succeed(home.path, server.port, [["image", "image.jpg"]]);
  assertEquals(again.stdout, drawn.stdout);
  const { stdout } = await server.stop();
  const text = await log(home.path);
  const requests = text.match(/(GET|POST) \/images.*/g)!;
  assertEquals(requests.filter((line) => / 200 /.test(line)).length, 1, "the bytes travelled once");

  // The log has a line for every request, and no secret.
  for (const line of text.trimEnd().split("\n")) {
    assertMatch(line, /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \S/);
  }
  for (const path of ["/register", "/login", "/privilege"]) assertStringIncludes(text, path);
  const cookies = await Deno.readTextFile(join(home.path, "cookies.json"));
  for (const [, value] of cookies.matchAll(/"value":\s*"([^"]+)"/g)) {
    assert(!text.includes(value) && !stdout.includes(value));
  }
});

/** The answers that take the menu of a registered user to a picture. */
const MENU = ["2", "1", "1", "3", "4", "image.jpg", "99"];

Deno.test({
  name: "over TLS the menu walks the whole flow, and keeps the bytes as received",
  ignore: !hasTls || !hasOpenssl,
  async fn() {
    await using home = await directoryWithPicture();
    await registerUsers(home.path, "1");
    const { certFile, keyFile } = await makeCertificate(home.path, "server");
    await using server = await startServer(home.path, [
      ...["--tls-cert", certFile, "--tls-key", keyFile],
    ]);
    const { code, stdout, stderr } = await runClient(
      home.path,
      ["localhost", `${server.port}`, "--tls", "--ca", certFile],
      { input: MENU.join("\n") + "\n" },
    );
    assertEquals(code, 0, stdout + stderr);
    assertEquals(
      await Deno.readFile(join(home.path, "web_cash", "image.jpg")),
      await Deno.readFile(picture),
    );
    assertEquals((await server.stop()).code, 0);
  },
});

Deno.test("the menu over a pipe and curl with a cookie jar walk the whole flow", async () => {
  await using home = await directoryWithPicture();
  await using server = await startServer(home.path);
  const input = ["1", "1", "1", ...MENU].join("\n") + "\n";
  const korean = await runClient(home.path, ["127.0.0.1", String(server.port), "--lang", "ko"], {
    input,
  });
  assertEquals(korean.code, 0, korean.stderr);
  for (
    const label of ["1. 회원가입", "2. 로그인", "3. 권한 상승 요청", "4. 이미지 보기", "99. 종료"]
  ) {
    assertStringIncludes(korean.stdout, label);
  }
  assert(await Deno.stat(join(home.path, "web_cash", "image.jpg")));

  const jar = join(home.path, "jar");
  const curl = async (...args: string[]) => {
    const { stdout } = await new Deno.Command("curl", {
      args: ["-sS", "-b", jar, "-c", jar, "-w", " %{http_code}", ...args],
    }).output();
    return new TextDecoder("latin1").decode(stdout);
  };
  const base = `http://127.0.0.1:${server.port}`;
  const account = '{"username":"curl","password":"1"}';
  assertEquals(await curl(`${base}/register`, "-d", account), "REGISTER_SUCCESS 200");
  assertEquals(
    await curl(`${base}/register`, "-d", account),
    "REGISTER_FAILED: User already exists 400",
  );
  assertEquals(
    await curl(`${base}/login`, "-d", '{"username":"curl","password":"2"}'),
    "LOGIN_FAILED 401",
  );
  assertEquals(await curl(`${base}/images?url=image.jpg`), "INVALID_KEY 401");
  assertEquals(await curl("-X", "PUT", `${base}/privilege`), "LOGIN_REQUIRED 401");
  assertEquals(await curl(`${base}/login`, "-d", account), "LOGIN_SUCCESS 200");
  assertEquals(await curl("-X", "PUT", `${base}/privilege`), "PRIVILEGE_CHANGED 200");
  assertEquals(await curl(`${base}/privilege`, "-d", "{}"), "PRIVILEGE_ALREADY_CHANGED 409");
  assertEquals(await curl("-I", "-o", "/dev/null", `${base}/images`), " 200");
  const saved = join(home.path, "saved.jpg");
  assertEquals(await curl("-o", saved, `${base}/images?url=image.jpg`), " 200");
  assertEquals(await Deno.readFile(saved), await Deno.readFile(picture));
  assertEquals(await curl(`${base}/images?url=none.jpg`), "Image not found 404");
  assertEquals(await curl(`${base}/elsewhere`), "Page not found 404");
});

Deno.test("a restart of the server loses neither user, session nor key", async () => {
  await using home = await directoryWithPicture();
  const [alice] = await admitVisitors(home.path, "alice");
  const first = await startServer(home.path);
  await keepCookies(home.path, first.port, alice);
  await succeed(home.path, first.port, [["image", "image.jpg"]]);
  assertEquals((await first.stop()).code, 0);

  // Cookies belong to host and port, and the port is a new one.
  await using second = await startServer(home.path);
  await keepCookies(home.path, second.port, alice);
  const again = await succeed(home.path, second.port, [["status"], ["image", "image.jpg"]]);
  assertStringIncludes(again[0].stderr, "alice");
});

Deno.test("after the key's lifetime images are refused until the privilege is raised again", async () => {
  await using home = await directoryWithPicture();
  const alice = await admitWithExpiredKey(home.path, "alice");
  await using server = await startServer(home.path, ["--key-ttl", "600"]);
  await keepCookies(home.path, server.port, alice);
  const refused = await runClient(home.path, ["127.0.0.1", `${server.port}`, "image", "image.jpg"]);
  assertEquals(refused.code, 1);
  assertEquals(refused.stdout, "");
  await succeed(home.path, server.port, [["privilege"], ["image", "image.jpg"]]);
  const cookies = JSON.parse(await Deno.readTextFile(join(home.path, "cookies.json")));
  const [{ cookies: { key } }] = Object.values<Stored>(cookies);
  assert(key.expiry_time - Date.now() / 1000 <= 600, "the key has the lifetime of the option");
});

/** What is used here of a server's entry in `cookies.json`. */
interface Stored {
  readonly cookies: { readonly key: { readonly expiry_time: number } };
}

Deno.test("no name makes the server send anything but images", async () => {
  await using home = await directoryWithPicture();
  await Deno.writeTextFile(join(home.path, "outside.jpg"), "outside");
  await Deno.symlink(join(home.path, "outside.jpg"), join(home.path, "images", "link.jpg"));
  await Deno.symlink(join(home.path, "users.json"), join(home.path, "images", "users.png"));
  const [{ key }] = await admitVisitors(home.path, "alice");
  await using server = await startServer(home.path);
  const files = ["users.json", "server_log.txt", "outside.jpg", "server_secret"];
  const names = files.flatMap((file) => [
    file,
    `../${file}`,
    `..%2f${file}`,
    `%2e%2e/${file}`,
    `..\\${file}`,
    `images/../../${file}`,
    `....//${file}`,
    `${home.path}/${file}`,
    `file://${home.path}/${file}`,
    `../${file}\0.jpg`,
    `../${file}%00.jpg`,
    `//${home.path}/${file}`,
  ]).concat(
    "link.jpg",
    "users.png",
    ".",
    "..",
    "",
    "/",
    "image.jpg/",
    ".",
    "/dev/zero",
  );
  const base = `http://127.0.0.1:${server.port}/images`;
  const headers = { cookie: `key=${key}` };
  for (const url of names) {
    for (
      const response of [
        await fetch(`${base}?url=${encodeURIComponent(url)}`, { headers }),
        await fetch(base, { method: "POST", headers, body: JSON.stringify({ url }) }),
      ]
    ) {
      assertEquals([url, response.status, await response.text()], [url, 404, "Image not found"]);
    }
  }
  const allowed = await fetch(`${base}?url=image.jpg`, { headers });
  assertEquals(allowed.status, 200);
  await allowed.body?.cancel();
  for (const path of ["/users.json", "/..%2fusers.json", "/images/../users.json", "//users.json"]) {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers });
    assertEquals([path, response.status], [path, 404]);
    await response.body?.cancel();
  }
});

Deno.test("users.json.example is a working users.json, hashed and plain passwords alike", async () => {
  await using home = await temporaryDirectory();
  const example = new URL("../../users.json.example", import.meta.url);
  await Deno.copyFile(example, join(home.path, "users.json"));
  await using server = await startServer(home.path);
  for (const [name, password] of [["alice", "wonderland"], ["1", "1"]]) {
    const response = await fetch(`http://127.0.0.1:${server.port}/login`, {
      method: "POST",
      body: JSON.stringify({ username: name, password }),
    });
    assertEquals([name, await response.text()], [name, "LOGIN_SUCCESS"]);
  }
  await server.stop();
  assert(!/"pw": "1"/.test(await Deno.readTextFile(join(home.path, "users.json"))));
});
