/** The menu over a pipe and on a terminal, in both languages, against a server of the contract. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUES, type Language } from "../../lib/client/language/language.ts";
import {
  clientCommand,
  hasPseudoTerminal,
  runClientProcess,
  startClient,
  startOnTerminal,
} from "./support/client_process.ts";
import { runClient } from "./support/client_run.ts";
import { photoRoutes, photos } from "./support/photo_routes.ts";
import { temporaryFolder } from "./support/temporary_folder.ts";
import { response, startWireServer } from "./support/wire_server.ts";

const sample = Deno.readFileSync(new URL("../../images/image.jpg", import.meta.url));

for (const language of ["ko", "en"] as Language[]) {
  const messages = CATALOGUES[language];

  Deno.test(`the menu walks the whole flow over a pipe (${language})`, async () => {
    using folder = temporaryFolder();
    await using server = startWireServer(photoRoutes(photos({ "image.jpg": sample })));
    const answers = ["3", "1", "1", "pw", "2", "1", "wrong", "2", "1", "pw", "7", "4", "3", "3"];
    answers.push("4", "image.jpg", "4", "image.jpg", "4", "../none.jpg", "4", "", "8", "99", "8");
    const { code, stdout, stderr } = await runClient(
      ["127.0.0.1", `${server.port}`, "--lang", language],
      { data: folder.path },
      answers.join("\n") + "\n",
    );
    assertEquals([code, stderr], [0, ""]);
    const cached = join(folder.path, "web_cash", "image.jpg");
    let from = 0;
    for (
      const sentence of [
        messages.chooseService + "\n" + messages.menuRegister + "\n" + messages.menuLogin + "\n" +
        messages.menuExit + "\n> ",
        messages.loginFirst + "\n\n" + messages.chooseService,
        messages.askUsername,
        messages.askPassword,
        messages.registered("1"),
        messages.loginFailed("1"),
        messages.loggedIn("1"),
        messages.status("1") + "\n" + messages.chooseService + "\n" + messages.menuPrivilege +
        "\n" + messages.menuImage + "\n" + messages.menuLogout + "\n" + messages.menuExit + "\n> ",
        messages.notOnMenu,
        messages.noKey,
        messages.privilegeChanged,
        messages.statusRaised("1", "§", 60).split("§")[0],
        messages.privilegeAlready,
        messages.askUrl,
        "\x1b[38;2;",
        messages.imageFetched(cached, "130 KiB"),
        "\x1b[38;2;",
        messages.imageFromCache(cached),
        messages.imageNotFound("../none.jpg"),
        messages.emptyAnswer,
        messages.notOnMenu,
        "> \n" + messages.goodbye + "\n",
      ]
    ) {
      const at = stdout.indexOf(sentence, from);
      assert(at >= 0, `${sentence} after ${stdout.slice(from, from + 300)}`);
      from = at + sentence.length;
    }
    assertEquals(stdout.split(messages.chooseService).length - 1, 14, "once for each choice");
    assertEquals(Deno.readFileSync(cached), sample);
    assertEquals([...Deno.readDirSync(join(folder.path, "web_cash"))].length, 1);
    assertEquals(server.connections, 1);
    const asked = server.requests.map(({ method, target }) => `${method} ${target}`);
    assertEquals(asked.slice(-8), [
      "HEAD /images",
      "GET /images?url=image.jpg",
      "HEAD /images",
      "GET /images?url=image.jpg",
      "HEAD /images",
      "GET /images?url=..%2Fnone.jpg",
      "GET /list?folder=",
      "HEAD /images",
    ]);
  });
}

Deno.test("after 3 the menu says in local time when the key ends", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes({ ...photos(), users: new Map([["1", "1"]]) }));
  const { stdout } = await runClientProcess(
    ["127.0.0.1", `${server.port}`],
    { data: folder.path, env: { TZ: "Asia/Seoul" } },
    "2\n1\n1\n3\n",
  );
  const [, when] = /만료 시각: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\n/.exec(stdout)!;
  const seconds = Date.parse(when.replace(" ", "T") + "+09:00") / 1000;
  assert(Math.abs(seconds - (Date.now() / 1000 + 3600)) < 10, when);
});

Deno.test("after a session has ended on the server, the menu offers to log in again", async () => {
  using folder = temporaryFolder();
  const rightly = photoRoutes({ ...photos(), users: new Map([["1", "1"]]) });
  await using server = startWireServer((request, conn) =>
    request.target === "/privilege"
      ? response("401 Unauthorized", "LOGIN_REQUIRED")
      : rightly(request, conn)
  );
  const at = ["127.0.0.1", `${server.port}`, "--lang", "en"];
  const { en } = CATALOGUES;
  const { stdout } = await runClient(at, { data: folder.path }, "2\n1\n1\n3\n");
  const [, after] = stdout.split(en.loginRequired);
  assertStringIncludes(after, `${en.chooseService}\n${en.menuRegister}\n${en.menuLogin}\n`);
});

Deno.test("a session of an earlier run counts as logged in, and the menu names its user", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes({ ...photos(), users: new Map([["1", "1"]]) }));
  const at = ["127.0.0.1", `${server.port}`, "--lang", "en"];
  const { en } = CATALOGUES;
  await runClient(at, { data: folder.path }, "2\n1\n1\n3\n");
  const { stdout } = await runClient(at, { data: folder.path }, "5\n3\n");
  assert(/^1 · privilege until \d\d:\d\d \(\d+ min\)\n/.test(stdout), stdout);
  const [, after] = stdout.split(en.loggedOut);
  assertStringIncludes(after, `${en.menuRegister}\n`);
  assertStringIncludes(after, en.loginFirst);
});

Deno.test({
  name: "a privilege that ran out while the name was typed is raised, and the name is kept",
  ignore: !hasPseudoTerminal,
  async fn() {
    using folder = temporaryFolder();
    const rightly = photoRoutes({
      ...photos({ "image.jpg": sample }),
      users: new Map([["1", "1"]]),
    });
    let hasEnded = false;
    await using server = startWireServer((request, conn) => {
      if (request.target === "/privilege") hasEnded = false;
      return hasEnded && request.target.startsWith("/images")
        ? response("401 Unauthorized", "INVALID_KEY")
        : rightly(request, conn);
    });
    const { ko } = CATALOGUES;
    await runClient(["127.0.0.1", `${server.port}`], { data: folder.path }, "2\n1\n1\n3\n");
    const client = startOnTerminal(["127.0.0.1", `${server.port}`], { data: folder.path });
    await client.shows("> ");
    await client.types("4\r");
    await client.shows(ko.askUrl);
    hasEnded = true;
    await client.types("image.jpg\r");
    await client.shows(ko.askRaise);
    await client.types("y\r");
    await client.shows(ko.privilegeAlready);
    await client.shows("130 KiB");
    await client.types("99\r");
    assertEquals((await client.ended()).code, 0);
  },
});

Deno.test("end of input ends the menu cleanly, also in the middle of a question", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes(photos()));
  for (const input of ["", "1", "1\n", "2\nname\n", "1\nname\npw"]) {
    const ended = await runClient(["127.0.0.1", `${server.port}`], { data: folder.path }, input);
    assertEquals([ended.code, ended.stderr], [0, ""], input);
    assert(ended.stdout.endsWith(CATALOGUES.ko.goodbye + "\n"), ended.stdout);
  }
});

Deno.test("the language follows the environment where --lang does not say it", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes(photos()));
  const first = async (env: Record<string, string>) => {
    const args = ["127.0.0.1", `${server.port}`];
    return (await runClient(args, { data: folder.path, env })).stdout.split("\n")[0];
  };
  assertEquals(await first({ LANG: "en_US.UTF-8" }), CATALOGUES.en.chooseService);
  assertEquals(await first({ LANG: "" }), CATALOGUES.ko.chooseService);
});

Deno.test({
  name: "an environment variable that is not valid UTF-8 counts as unset",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const command = clientCommand().map((word) => `'${word}'`).join(" ");
    const variables = ["LC_ALL", "SERVER_IP", "NO_COLOR"].map((name) => `${name}=$'en\\xff'`).join(
      " ",
    );
    const { code, stdout } = await new Deno.Command("bash", {
      args: ["-c", `LANG= ${variables} ${command} --help`],
    }).output();
    assertEquals([code, new TextDecoder().decode(stdout)], [0, CATALOGUES.ko.usage]);
  },
});

Deno.test("a server that dies mid-way gives one sentence, and the menu goes on with the next", async () => {
  using folder = temporaryFolder();
  const state = photos();
  const answer = photoRoutes(state);
  let dying = true;
  await using server = startWireServer((request, conn) => {
    if (request.target === "/login" && dying) return conn.close();
    return answer(request, conn);
  });
  const client = startClient(["127.0.0.1", `${server.port}`], { data: folder.path });
  await client.types("1\n1\n1\n2\n1\n1\n");
  await client.shows(CATALOGUES.ko.connectionLost);
  await client.shows("> ");
  dying = false;
  await client.types("2\n1\n1\n");
  await client.shows(CATALOGUES.ko.loggedIn("1"));
  assertEquals((await client.ends()).code, 0);
});

Deno.test("a connection that the server closed while idle is replaced silently", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes(photos()));
  const client = startClient(["127.0.0.1", `${server.port}`], { data: folder.path });
  await client.types("1\n1\n1\n");
  await client.shows(CATALOGUES.ko.registered("1"));
  await client.shows("> ");
  await server.drop();
  await client.types("2\n1\n1\n");
  await client.shows(CATALOGUES.ko.loggedIn("1"));
  const { code, stdout } = await client.ends();
  assertEquals([code, server.connections], [0, 2]);
  assert(!stdout.includes(CATALOGUES.ko.connectionLost));
});

Deno.test("a connection that the server closed before the first request is opened again", async () => {
  using folder = temporaryFolder();
  await using server = startWireServer(photoRoutes({ ...photos(), users: new Map([["1", "1"]]) }));
  const client = startClient(["127.0.0.1", `${server.port}`], { data: folder.path });
  await client.shows("> ");
  await server.accepted(1);
  await server.drop();
  await client.types("2\n1\n1\n");
  await client.shows(CATALOGUES.ko.loggedIn("1"));
  assertEquals([(await client.ends()).code, server.connections], [0, 2]);
});

Deno.test({
  name: "on a terminal the menu walks the same way, and the password is not echoed",
  ignore: !hasPseudoTerminal,
  async fn() {
    using folder = temporaryFolder();
    await using server = startWireServer(photoRoutes(photos({ "image.jpg": sample })));
    const { ko } = CATALOGUES;
    const client = startOnTerminal(["127.0.0.1", `${server.port}`], { data: folder.path });
    for (const [choice, sentence] of [["1", ko.registered("철수")], ["2", ko.loggedIn("철수")]]) {
      await client.shows("> ");
      await client.types(`${choice}\n`);
      await client.shows(ko.askUsername);
      await client.types("철수\n");
      await client.shows(ko.askPassword);
      // Backspace takes one character, Ctrl-U all of them, an arrow key none.
      const password = "abc\x15비밀번호x\x7f\x1b[D호\x7f\r";
      await client.types(password);
      if (choice === "1") {
        await client.shows(ko.askPasswordAgain);
        await client.types(password);
      }
      await client.shows(sentence);
    }
    assertEquals(JSON.parse(server.requests[0].body), { username: "철수", password: "비밀번호" });
    assertEquals(server.requests[0].body, server.requests[1].body);
    await client.shows("> ");
    await client.types("3\n");
    await client.shows(ko.privilegeChanged);
    await client.types("4\n");
    await client.shows(ko.askUrl);
    await client.types("image.jpg\n");
    await client.shows("\x1b[38;2;");
    await client.shows("130 KiB");
    await client.shows("> ");
    await client.types("4\n");
    await client.shows(ko.askUrl);
    await client.types("none.jpg\n");
    await client.shows(`${ko.imageNotFound("none.jpg")}\r\n`);
    await client.shows("> ");
    await client.types("99\n");
    await client.shows(ko.goodbye);
    const { code, stdout } = await client.ended();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "철수");
    // The label has the word too; what is typed after it must not show.
    assert(!stdout.replaceAll(ko.askPassword, "").includes("비밀번호"));
    // 80 × 24 leaves 16 rows for the picture.
    assert(stdout.split("\n").filter((line) => line.includes("\x1b[38;2;")).length <= 16);
  },
});

Deno.test({
  name: "Ctrl-C ends the client with 130 wherever it is, and leaves echo on and the cursor visible",
  ignore: !hasPseudoTerminal,
  async fn() {
    using folder = temporaryFolder();
    let hanging = Promise.withResolvers<void>();
    await using server = startWireServer(async (request) => {
      if (request.target === "/login") await hanging.promise;
    });
    const { ko } = CATALOGUES;
    const places: [string, string][][] = [
      [["> ", "\x03"]],
      [["> ", "2\n"], [ko.askUsername, "\x03"]],
      [["> ", "2\n"], [ko.askUsername, "1\n"], [ko.askPassword, "1\x03"]],
      [["> ", "2\n"], [ko.askUsername, "1\n"], [ko.askPassword, "1\n"], [ko.waitingLogin, "\x03"]],
    ];
    for (const place of places) {
      hanging = Promise.withResolvers();
      const client = startOnTerminal(
        ["127.0.0.1", `${server.port}`],
        { data: folder.path },
        "; echo code $?; stty -a",
      );
      for (const [shown, typed] of place) {
        await client.shows(shown);
        await client.types(typed);
      }
      await client.shows("code 130");
      await client.shows(" echo ");
      hanging.resolve();
      await client.ended();
      assert(!client.screen.includes("\x1b[?25l") || client.screen.includes("\x1b[?25h"));
    }
  },
});

Deno.test({
  name: "SIGTERM ends the client with 143 and keeps its cookies",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    await using server = startWireServer(
      photoRoutes({ ...photos(), users: new Map([["1", "1"]]) }),
    );
    const client = startClient(["127.0.0.1", `${server.port}`], { data: folder.path });
    await client.types("2\n1\n1\n");
    await client.shows(CATALOGUES.ko.loggedIn("1"));
    await client.shows("> ");
    client.kill("SIGTERM");
    assertEquals((await client.ended()).code, 143);
    assertStringIncludes(Deno.readTextFileSync(join(folder.path, "cookies.json")), "s.1");
  },
});
