/** What only a terminal has: pictures that move, pixels, colours of --debug, bars. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import { hasPseudoTerminal, startOnTerminal } from "../support/client_process.ts";
import { runClient } from "../support/client_run.ts";
import { photoRoutes, photos } from "../support/photo_routes.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { startWireServer, writeAll } from "../support/wire_server.ts";

const { ko } = CATALOGUES;
const sample = Deno.readFileSync(new URL("../../../images/image.jpg", import.meta.url));

/** A GIF that is black and white in turn, for ever: one pixel on a screen of so many. */
const blinking = (width: number, height: number) =>
  Uint8Array.from([
    ...new TextEncoder().encode("GIF89a"),
    ...[width, 0, height, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255],
    ...[0x21, 0xff, 11, ...new TextEncoder().encode("NETSCAPE2.0"), 3, 1, 0, 0, 0],
    ...[0x21, 0xf9, 4, 0, 3, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0],
    ...[0x21, 0xf9, 4, 0, 3, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0],
    0x3b,
  ]);

const moving = blinking(1, 1);

/** The same, once: without the extension that has it repeat. */
const once = moving.filter((_, at) => at < 19 || at >= 38);

/** A server with pictures, and a directory whose cookies have a live key there. */
async function scene() {
  const folder = temporaryFolder();
  const state = {
    ...photos({
      "a.gif": moving,
      "once.gif": once,
      "a.jpg": sample,
      "tall.gif": blinking(200, 250),
    }),
    users: new Map([["1", "1"]]),
  };
  const server = startWireServer(photoRoutes(state));
  const at = ["127.0.0.1", `${server.port}`];
  await runClient(at, { data: folder.path }, "2\n1\n1\n3\n");
  return {
    server,
    data: folder.path,
    view: (
      url: string,
      args: string[] = [],
      env: Record<string, string> = {},
      after = "",
      before = "",
    ) => startOnTerminal([...at, "image", url, ...args], { data: folder.path, env }, after, before),
    pipe: (url: string) => runClient([...at, "image", url], { data: folder.path }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const terminalTest = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, ignore: !hasPseudoTerminal });

terminalTest("a GIF moves in place until a key is pressed; over a pipe it stands", async () => {
  await using here = await scene();
  const client = here.view("a.gif");
  await client.shows("\x1b[?25l");
  await client.shows(ko.animationHint);
  await client.shows("\r\x1b[1A");
  await client.shows("\r\x1b[1A");
  await client.types("q");
  await client.shows("\x1b[?25h");
  assertEquals((await client.ended()).code, 0);
  const { stdout } = await here.pipe("a.gif");
  assertEquals(stdout.split("\n").length, 2);
  assert(!stdout.includes("\x1b[?25l"));
});

terminalTest("a moving picture stays within the terminal, whatever size is asked for", async () => {
  await using here = await scene();
  const client = here.view("tall.gif", ["--width", "200", "--height", "100"]);
  await client.shows(ko.animationHint);
  const [, first] = client.screen.split("\x1b[?25l");
  await client.shows("\r\x1b[");
  await client.types("q");
  assertEquals((await client.ended()).code, 0);
  assertEquals(first.split("\n").length, 24, "with the sentence below it");
});

terminalTest("a moving picture is fitted anew when the window changes its size", async () => {
  await using here = await scene();
  const signal = join(here.data, "resize");
  const before =
    `(until [ -e '${signal}' ]; do sleep 0.05; done; stty cols 30 rows 8 </dev/tty) & `;
  const client = here.view("tall.gif", [], {}, "", before);
  await client.shows(ko.animationHint);
  await Deno.writeTextFile(signal, "");
  await client.shows("\x1b[2J\x1b[H");
  await client.shows("\r\x1b[");
  await client.types("q");
  const { code, stdout } = await client.ended();
  assertEquals(code, 0);
  const [frame] = stdout.split("\x1b[2J\x1b[H")[1].split("\r\x1b[");
  assert(frame.split("\n").length <= 8, "no more rows than there are");
});

terminalTest("without colours, too, a frame leaves nothing of the one before", async () => {
  await using here = await scene();
  const client = here.view("a.gif", ["--colors", "none"]);
  await client.shows("\r\x1b[1A");
  await client.shows("\r\x1b[1A");
  await client.types("q");
  const { stdout } = await client.ended();
  const [first, second] = stdout.split("\r\x1b[1A").slice(1).map((frame) => frame.split("\r\n")[0]);
  assertEquals([first, second].toSorted(), ["\x1b[K", "█\x1b[K"]);
});

terminalTest("on a terminal whose cursor cannot go back a GIF stands", async () => {
  await using here = await scene();
  const { code, stdout } = await here.view("a.gif", [], { TERM: "dumb" }).ended();
  assertEquals(code, 0);
  assert(!stdout.includes("\x1b"), stdout);
});

terminalTest(
  "Ctrl-C in a moving picture shows the cursor again and turns the echo on",
  async () => {
    await using here = await scene();
    const client = here.view("a.gif", [], {}, "; echo code $?; stty -a");
    await client.shows(ko.animationHint);
    await client.types("\x03");
    await client.shows("\x1b[?25h");
    await client.shows("code 130");
    await client.shows(" echo ");
    await client.ended();
  },
);

terminalTest(
  "Ctrl-C after a picture ends its colours, whose end the terminal may have dropped",
  async () => {
    await using here = await scene();
    const client = startOnTerminal(["127.0.0.1", `${here.server.port}`], {
      data: here.data,
      env: { TERM: "linux" },
    });
    for (
      const [question, answer] of [
        ["> ", "2\n"],
        [ko.askUsername, "1\n"],
        [ko.askPassword, "1\n"],
        ["> ", "4\n"],
        [ko.askUrl, "a.jpg\n"],
        ["> ", "\x03"],
      ]
    ) {
      await client.shows(question);
      await client.types(answer);
    }
    await client.shows("\x1b\\\x1b[0m\x1b[?25h");
    assertEquals((await client.ended()).code, 130);
  },
);

terminalTest("Ctrl-D still ends the menu after a GIF that has played to its end", async () => {
  await using here = await scene();
  const client = startOnTerminal(["127.0.0.1", `${here.server.port}`], { data: here.data });
  for (
    const [question, answer] of [
      ["> ", "2"],
      [ko.askUsername, "1"],
      [ko.askPassword, "1"],
      ["> ", "4"],
      [ko.askUrl, "once.gif"],
    ]
  ) {
    await client.shows(question);
    await client.types(answer + "\n");
  }
  await client.shows("\x1b[?25h");
  await client.shows("> ");
  await client.types("\x04");
  await client.shows(ko.goodbye);
  assertEquals((await client.ended()).code, 0);
});

terminalTest(
  "a terminal that says it draws pixels gets pixels, of the size of its cells",
  async () => {
    await using here = await scene();
    const replies: [string, string][] = [
      ["\x1b_Gi=31;OK\x1b\\\x1b[6;16;8t\x1b[?62c", "\x1b_Ga=T,f=100"],
      ["\x1bP>|WezTerm 2024\x1b\\\x1b[?65;4c", "\x1b]1337;File=inline=1"],
      ["\x1b[6;16;8t\x1b[?62;4;22c", "\x1bP"],
    ];
    for (const [reply, picture] of replies) {
      const client = here.view("a.jpg");
      await client.shows("\x1b[c");
      await client.types(reply);
      await client.shows(picture);
      const { code, stdout } = await client.ended();
      assertEquals(code, 0);
      assert(!stdout.includes("\x1b[38;2;"));
    }
  },
);

terminalTest(
  "blocks where the terminal says no, says nothing, or was not to be asked",
  async () => {
    await using here = await scene();
    const refusing = here.view("a.jpg");
    await refusing.shows("\x1b[c");
    await refusing.types("\x1b[?62;22c");
    await refusing.shows("\x1b[38;2;");
    assertEquals((await refusing.ended()).code, 0);

    const silent = here.view("a.jpg");
    await silent.shows("\x1b[c");
    await silent.shows("\x1b[38;2;");
    assertEquals((await silent.ended()).code, 0);

    for (
      const [args, env] of [
        [["--graphics", "blocks"], {}],
        [["--symbols", "half"], {}],
        [[], { TMUX: "/tmp/tmux" }],
        [[], { TERM: "linux" }],
        [[], { NO_COLOR: "1" }],
      ] as [string[], Record<string, string>][]
    ) {
      const { code, stdout } = await here.view("a.jpg", args, env).ended();
      assertEquals(code, 0);
      assert(!stdout.includes("\x1b[c"), "nothing is asked");
      if (env.NO_COLOR) assert(!stdout.includes("\x1b[38;") && !stdout.includes("\x1b[48;"));
    }
  },
);

terminalTest(
  "in tmux pixels go through to the terminal around it, where they are asked for",
  async () => {
    await using here = await scene();
    const replies: [how: string, reply: string, picture: string][] = [
      ["kitty", "\x1b[?62;22c", "\x1bPtmux;\x1b\x1b_Ga=T"],
      ["sixel", "\x1b[?62;22c", "\x1bPtmux;\x1b\x1bP0;1;0q"],
      ["sixel", "\x1b[?62;4;22c", "\x1b[c\x1bP0;1;0q"],
    ];
    for (const [how, reply, picture] of replies) {
      const client = here.view("a.jpg", ["--graphics", how], { TMUX: "/tmp/tmux" });
      await client.shows("\x1b[16t");
      await client.types(reply);
      const { code, stdout } = await client.ended();
      assertEquals(code, 0);
      assertStringIncludes(stdout, picture);
    }
  },
);

terminalTest("a slow download shows a bar, on a terminal only, and erases it", async () => {
  using folder = temporaryFolder();
  const state = { ...photos({ "a.bin": sample }), users: new Map([["1", "1"]]) };
  const rightly = photoRoutes(state);
  const seen = Promise.withResolvers<void>();
  await using server = startWireServer(async (request, conn) => {
    const answer = await rightly(request, conn) as Uint8Array;
    if (request.method !== "GET") return answer;
    await writeAll(conn, answer.subarray(0, 60_000));
    // Pieces until the bar is there.
    let at = 60_000;
    let stop = false;
    seen.promise.then(() => stop = true);
    while (!stop) {
      await writeAll(conn, answer.subarray(at, ++at));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return answer.subarray(at);
  });
  const at = ["127.0.0.1", `${server.port}`];
  await runClient(at, { data: folder.path }, "2\n1\n1\n3\n");
  const client = startOnTerminal([...at, "image", "a.bin"], { data: folder.path });
  await client.shows(`${ko.downloading} ━`);
  await client.shows("%  ");
  await client.shows("/s");
  seen.resolve();
  await client.shows("\r\x1b[K");
  assertEquals((await client.ended()).code, 0);
  assertEquals(Deno.readFileSync(join(folder.path, "web_cash", "a.bin")), sample);
});

terminalTest("--debug colours the two heads on a terminal, not under NO_COLOR", async () => {
  await using here = await scene();
  const args = ["--debug", "--json"];
  const { stdout } = await here.view("a.jpg", args).ended();
  assertStringIncludes(stdout, "> \x1b[36mHEAD /images HTTP/1.1\x1b[0m");
  assertStringIncludes(stdout, "< \x1b[33mHTTP/1.1 200 OK\x1b[0m");
  const plain = await here.view("a.jpg", args, { NO_COLOR: "1" }).ended();
  assertStringIncludes(plain.stdout, "> HEAD /images HTTP/1.1");
});
