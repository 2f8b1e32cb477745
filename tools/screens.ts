/**
 * Makes the README's pictures from the real output of the real programs on a pseudo-terminal
 * (`script` of util-linux): docs/screen.svg, docs/menu.svg, docs/debug.svg.
 *
 *     deno run -A tools/screens.ts
 */
import { join } from "@std/path";
import { command, startServer, temporaryDirectory } from "../tests/e2e/programs.ts";
import { DARK, svgOf } from "./capture.ts";
import { screenOf } from "./terminal_screen.ts";

const root = join(import.meta.dirname!, "..");
const COLUMNS = 80, ROWS = 40;

/** A question that waits for an answer at the end of what was written. */
const PROMPT = /(?:> |: )$/;

await using home = await temporaryDirectory();
await using server = await startServer(home.path, ["--images", join(root, "images")]);

/**
 * Runs the client on a terminal, types an answer at each question, and resolves with all that was
 * written there.
 */
async function onTerminal(lang: string, words: string, answers: readonly string[]) {
  const client = command("client").map((word) => `'${word}'`).join(" ");
  const line = `stty cols ${COLUMNS} rows ${ROWS}; ${client} 127.0.0.1 ${server.port} ${words}`;
  const child = new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    cwd: home.path,
    env: {
      ...{ LANG: lang, LC_ALL: "", LC_MESSAGES: "" },
      ...{ COLORTERM: "truecolor", TERM: "xterm-256color", TMUX: "", NO_COLOR: "" },
    },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const left = [...answers];
  let written = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    written += text;
    if (PROMPT.test(written) && left.length > 0) {
      await writer.write(new TextEncoder().encode(`${left.shift()}\n`));
    }
  }
  await child.status;
  await writer.close().catch(() => {});
  return written;
}

/** Draws what a terminal was sent into a file of docs/. */
async function capture(file: string, title: string, written: string) {
  const svg = svgOf(screenOf(written), COLUMNS, DARK, title);
  await Deno.writeTextFile(join(root, "docs", file), svg);
}

const KOREAN = "ko_KR.UTF-8", ENGLISH = "en_US.UTF-8";
const menu = await onTerminal(KOREAN, "", ["1", "1", "1", "2", "1", "1", "3", "99"]);
await capture("menu.svg", "The menu, in Korean", menu);
const debug = await onTerminal(ENGLISH, "privilege --debug", []);
await capture("debug.svg", "An exchange with --debug", debug);
const picture = await onTerminal(ENGLISH, "", ["2", "1", "1", "4", "image.jpg", "99"]);
await capture("screen.svg", "The menu and a picture, in a terminal", picture);
