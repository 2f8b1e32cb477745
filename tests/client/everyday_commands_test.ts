/** list, status, passwd, logout, several images, --output and completion. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runCommand } from "../../lib/client/commands.ts";
import { completionScript } from "../../lib/client/completion.ts";
import { Failure } from "../../lib/client/failure.ts";
import { CATALOGUES } from "../../lib/client/language/language.ts";
import type { Session } from "../../lib/client/session.ts";
import { runClient } from "./support/client_run.ts";
import { photoRoutes, photos } from "./support/photo_routes.ts";
import { temporaryFolder } from "./support/temporary_folder.ts";
import { response, startWireServer } from "./support/wire_server.ts";

const { en } = CATALOGUES;
const sample = Deno.readFileSync(new URL("../../images/image.jpg", import.meta.url));
const bytes = (text: string) => new TextEncoder().encode(text);

/** A server with images in folders, and a client that is logged in with a raised privilege. */
async function scene() {
  const folder = temporaryFolder();
  const state = {
    ...photos({
      "a.jpg": sample,
      "b.jpg": sample,
      "c.png": bytes("c"),
      "d.gif": bytes("d"),
      "trip/jeju/sea.jpg": bytes("sea"),
      "trip/wall.jpg": bytes("wall"),
      "여행/바다.jpg": bytes("바다"),
    }),
    users: new Map([["1", "1"]]),
  };
  const server = startWireServer(photoRoutes(state));
  const run = (command: string[], input = "") =>
    runClient(
      ["127.0.0.1", `${server.port}`, ...command, "--lang", "en"],
      { data: folder.path },
      input,
    );
  await run(["login", "1", "--password-stdin"], "1\n");
  await run(["privilege"]);
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await server[Symbol.asyncDispose]();
    isStopped = true;
  };
  return {
    state,
    server,
    folder,
    run,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("list gives names into a pipe, all pages, folders first with a slash", async () => {
  await using here = await scene();
  const { code, stdout } = await here.run(["list"]);
  assertEquals([code, stdout], [0, "trip/\n여행/\na.jpg\nb.jpg\nc.png\nd.gif\n"]);
  assertEquals((await here.run(["list", "trip/"])).stdout, "trip/jeju/\ntrip/wall.jpg\n");
  const json = (await here.run(["list", "여행", "--json"])).stdout;
  assertEquals(JSON.parse(json), {
    url: "여행/바다.jpg",
    type: "image/jpeg",
    bytes: 6,
    modified: 1_700_000_000,
    width: 640,
    height: 480,
  });
  const missing = await here.run(["list", "none"]);
  assertEquals([missing.code, missing.stderr], [1, en.folderNotFound("none") + "\n"]);
});

Deno.test("list gives sizes and dates on a terminal, and nothing where they are not known", async () => {
  let shown = "";
  const session = {
    options: { json: false },
    screen: { outIsTerminal: true, put: (text: string) => Promise.resolve(void (shown += text)) },
    server: {
      list: () =>
        Promise.resolve({
          folders: [{ name: "trip", images: 3 }],
          images: [{ url: "a.jpg", bytes: 2048, modified: 0 }, {
            url: "b.jpg",
            bytes: 5,
            modified: null,
          }],
          next: null,
        }),
    },
  } as unknown as Session;
  assertEquals(await runCommand(session, { name: "list", folder: "" }), true);
  assertEquals(shown.split("\n").map((line) => line.replace(/[0-9]{4}-.{11}/, "(when)")), [
    "                             trip/",
    " 2.00 KiB  (when)  a.jpg",
    "      5 B                    b.jpg",
    "",
  ]);
});

Deno.test("a server without a list gives one sentence, and is not asked if it issues no sessions", async () => {
  await using server = startWireServer((request) =>
    request.method === "POST"
      ? response("200 OK", "LOGIN_SUCCESS", ["Set-Cookie: session=s"])
      : response("404 Not Found", "Page not found")
  );
  using folder = temporaryFolder();
  const run = (...command: string[]) =>
    runClient(
      ["127.0.0.1", `${server.port}`, ...command, "--lang", "en"],
      { data: folder.path },
      "1\n",
    );
  const unsupported = { code: 1, stdout: "", stderr: en.notSupported("list") + "\n" };
  // Before the first login nobody knows which server it is.
  assertEquals((await run("list")).stderr, en.loginRequired + "\n");
  assertEquals(server.requests.length, 0);
  await run("login", "1", "--password-stdin");
  assertEquals(await run("list"), unsupported);
  assertEquals(server.requests.length, 2);
});

Deno.test("status says who is logged in and until when, logout ends it on the server", async () => {
  await using here = await scene();
  const { stderr } = await here.run(["status"]);
  assert(/^1 · privilege until \d\d:\d\d \(\d+ min\)\n$/.test(stderr), stderr);
  const { user, expires, key_expires } = JSON.parse((await here.run(["status", "--json"])).stdout);
  assert(user === "1" && Date.parse(expires) > Date.parse(key_expires));
  assertEquals((await here.run(["logout"])).stderr, en.loggedOut + "\n");
  assertEquals(here.server.requests.at(-1)!.target, "/logout");
  const after = await here.run(["status"]);
  assertEquals([after.code, after.stderr], [1, en.nobodyLoggedIn + "\n"]);
  assertEquals((await here.run(["logout"])).stderr, en.nobodyLoggedIn + "\n");
});

Deno.test("logout removes the cookies even if the server cannot be reached", async () => {
  await using here = await scene();
  await here.stop();
  const { code, stderr } = await here.run(["logout"]);
  assertEquals([code, stderr], [0, en.loggedOutHere + "\n"]);
  const cookies = Deno.readTextFileSync(join(here.folder.path, "cookies.json"));
  assert(!cookies.includes("s.1") && !cookies.includes("k.1"), cookies);
});

Deno.test("passwd takes the old and the new password, and ends the login", async () => {
  await using here = await scene();
  const wrong = await here.run(["passwd", "1", "--password-stdin"], "no\nnew\n");
  assertEquals([wrong.code, wrong.stderr], [1, en.loginFailed("1") + "\n"]);
  const { code, stderr } = await here.run(["passwd", "1", "--password-stdin"], "1\nnew\n");
  assertEquals([code, stderr], [0, en.passwordChanged("1") + "\n"]);
  assertEquals(here.state.users.get("1"), "new");
  assertEquals((await here.run(["status"])).code, 1);
  const none = await here.run(["passwd", "1", "--password-stdin"], "1\n");
  assertEquals(none.stderr, en.noPassword + "\n");
});

Deno.test("several images and patterns are shown; one that fails does not stop the others", async () => {
  await using here = await scene();
  const out = join(here.folder.path, "out");
  const written = await here.run(["image", "*.jpg", "none.jpg", "trip/**", "--output", out]);
  assertEquals(written.code, 1);
  assertStringIncludes(written.stderr, en.imageNotFound("none.jpg"));
  assertEquals(Deno.readFileSync(join(out, "a.jpg")), sample);
  assertEquals(Deno.readTextFileSync(join(out, "trip", "jeju", "sea.jpg")), "sea");
  assertEquals([...Deno.readDirSync(out)].map(({ name }) => name).sort(), [
    "a.jpg",
    "b.jpg",
    "trip",
  ]);
  const drawn = await here.run(["image", "a.jpg", "b.jpg", "--width", "4", "--colors", "none"]);
  assertEquals(drawn.code, 0);
  assertEquals(drawn.stderr.trimEnd().split("\n").length, 2);
});

Deno.test("of several images the rest is left out if nothing more can come of it", async () => {
  for (const [token, tried] of [["IMAGE_NOT_FOUND", 2], ["NO_KEY", 1], ["OUTPUT_FAILED", 1]]) {
    let tries = 0;
    const session = {
      messages: en,
      options: { json: true, output: null },
      screen: { put: () => Promise.resolve() },
      server: { checkKey: () => Promise.resolve({ hasEntityTags: true }) },
      expand: (name: string) => Promise.resolve([name]),
      find() {
        tries++;
        return Promise.reject(new Failure(token as never, () => ""));
      },
    } as unknown as Session;
    const ended = runCommand(session, { name: "image", images: ["a", "b"] });
    assertEquals(await ended.catch(({ token }) => token), tried === 2 ? false : token);
    assertEquals([token, tries], [token, tried]);
  }
});

Deno.test("--output writes the bytes to a file, into a directory or to stdout", async () => {
  await using here = await scene();
  const file = join(here.folder.path, "x", "copy.jpg");
  assertEquals((await here.run(["image", "trip/wall.jpg", "--output", file])).code, 0);
  assertEquals(Deno.readTextFileSync(file), "wall");
  await here.run(["image", "trip/wall.jpg", "--output", join(here.folder.path, "x")]);
  assertEquals(Deno.readTextFileSync(join(here.folder.path, "x", "wall.jpg")), "wall");
  const piped = await here.run(["image", "여행/바다.jpg", "--output", "-"]);
  assertEquals([piped.code, piped.stdout, piped.stderr], [0, "바다", ""]);
  const several = await here.run(["image", "a.jpg", "b.jpg", "--output", "-"]);
  assertEquals([several.code, several.stdout, several.stderr], [1, "", en.outputOne + "\n"]);
  const blocked = await here.run(["image", "a.jpg", "--output", join(file, "below")]);
  assertStringIncludes(blocked.stderr, join(file, "below"));
  assertEquals([...Deno.readDirSync(join(here.folder.path, "x"))].length, 2, "nothing is left");
});

Deno.test("an image is found in each form in which people write its name", async () => {
  await using here = await scene();
  const { port } = here.server;
  for (
    const name of [
      "/trip/wall.jpg",
      "./trip/wall.jpg",
      "images/trip/wall.jpg",
      '"trip/wall.jpg"',
      `http://127.0.0.1:${port}/images/trip/wall.jpg`,
      `http://127.0.0.1:${port}/images?url=trip%2Fwall.jpg`,
    ]
  ) {
    const { stdout, stderr } = await here.run(["image", name, "--output", "-"]);
    assertEquals([name, stdout, stderr], [name, "wall", ""]);
  }
});

Deno.test("a near miss of a name is suggested, and another server's URL is not found", async () => {
  await using here = await scene();
  const sentence = async (name: string) => (await here.run(["image", name])).stderr.trimEnd();
  assertEquals(
    await sentence("trip/wal.jpg"),
    `${en.imageNotFound("trip/wal.jpg")} ${en.didYouMean("trip/wall.jpg")}`,
  );
  assertEquals(
    await sentence("trap/wal.jpg"),
    `${en.imageNotFound("trap/wal.jpg")} ${en.didYouMean("trip/wall.jpg")}`,
  );
  assertEquals(await sentence("A.JPG"), `${en.imageNotFound("A.JPG")} ${en.didYouMean("a.jpg")}`);
  assertEquals(
    await sentence("http://other.example/a.jpg"),
    en.imageNotFound("http://other.example/a.jpg"),
  );
});

Deno.test("each shell gets a script that knows the commands, and that the shell can read", async () => {
  using folder = temporaryFolder();
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await runClient(["completion", shell], { data: folder.path });
    assertEquals(code, 0);
    for (const word of ["passwd", "output", "sextant"]) assertStringIncludes(stdout, word);
    if (shell !== "fish") continue;
    for (const name of ["data", "output", "ca"]) {
      assertStringIncludes(stdout, `complete -c client -l ${name} -r -F\n`);
    }
    for (const line of ["-l width -x\n", "-l tls\n", '-l lang -x -a "ko en"\n']) {
      assertStringIncludes(stdout, `complete -c client ${line}`);
    }
  }
});

/** What runs the script in a shell, in which `client` gives the names of one folder. */
const SHELLS = {
  zsh: (words: readonly string[]) => `
client() { [ "$*" = "--data d h:1 list trip" ] && print -l trip/wall.jpg trip/x; }
compdef() { :; }; compadd() { print -l -- \${@:#-*}; }
${completionScript("zsh")}
words=(client ${words.map((word) => `'${word}'`).join(" ")}); CURRENT=${words.length + 1}; _client`,
  fish: (words: readonly string[]) => `
function client; test "$argv" = "--data d h:1 list trip"; and printf "%s\\n" trip/wall.jpg trip/x; end
${completionScript("fish")}
complete -C 'client ${words.join(" ")}'`,
};

for (const [shell, code] of Object.entries(SHELLS)) {
  Deno.test({
    name: `${shell} completes after a server in one word and options before the command`,
    ignore: !await exists(`/usr/bin/${shell}`),
    async fn() {
      const complete = async (...words: string[]) => {
        const args = [shell === "zsh" ? "-f" : "--no-config", "-c", code(words)];
        const { stdout } = await new Deno.Command(shell, { args, stderr: "null" }).output();
        return new TextDecoder().decode(stdout).trim().split("\n");
      };
      const server = ["--data", "d", "--lang", "ko", "h:1"];
      assert((await complete(...server, "")).includes("privilege"));
      assertEquals(await complete(...server, "image", "trip/"), ["trip/wall.jpg", "trip/x"]);
      if (shell === "zsh") {
        assertEquals(await complete(...server, "image", `"trip/`), ["trip/wall.jpg", "trip/x"]);
      }
      assertEquals((await complete("completion", "")).toSorted(), ["bash", "fish", "zsh"]);
    },
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test({
  name: "bash completes commands, values of options and images",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    const { stdout: script } = await runClient(["completion", "bash"], { data: folder.path });
    const complete = async (...words: string[]) => {
      const shell = `client() {
  case "$*" in
    "h 1 list trip"|"--data d h:1 list trip") printf '%s\\n' trip/wall.jpg trip/x trip/w:1.jpg 'trip/a b.jpg' ;;
  esac
}
${script}
COMP_WORDS=(client ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}
_client; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await new Deno.Command("bash", { args: ["-c", shell], stderr: "null" })
        .output();
      return new TextDecoder().decode(stdout).trim().split("\n");
    };
    assertEquals(await complete("h", "1", "pa"), ["passwd"]);
    assertEquals(await complete("h", "1", "image", "--symbols", "q"), ["quadrant"]);
    assertEquals(await complete("h", "1", "image", "trip/wa"), ["trip/wall.jpg"]);
    assertEquals(await complete("h", "1", "image", `"trip/wa`), ["trip/wall.jpg"]);
    assertEquals(await complete("h", "1", "image", "trip/a\\ "), ["trip/a\\ b.jpg"]);
    assertEquals(await complete("h", "1", "image", `"trip/a b`), ["trip/a b.jpg"]);
    // A server in one word, which bash parts at its colon, and options before the command.
    const server = ["--data", "d", "--lang", "ko", "h", ":", "1"];
    assertEquals(await complete(...server, "pr"), ["privilege"]);
    assertEquals(await complete(...server, "image", "a.jpg", "trip/wa"), ["trip/wall.jpg"]);
    assertEquals(await complete(...server, "image", "trip/w", ":"), ["1.jpg"]);
    assertEquals(await complete("comp"), ["completion"]);
    assertEquals(await complete("completion", "f"), ["fish"]);
  },
});
