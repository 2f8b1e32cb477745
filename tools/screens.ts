/**
 * Makes the README's pictures from the real output of the real programs on a pseudo-terminal
 * (`script` of util-linux): docs/screen.svg, docs/menu.svg, docs/debug.svg.
 *
 *     deno run -A tools/screens.ts
 */
import { join } from "@std/path";
import { TextLineStream } from "@std/streams/text-line-stream";

const root = join(import.meta.dirname!, "..");
const COLUMNS = 80, ROWS = 40;

/** A question that waits for an answer at the end of what was written. */
const PROMPT = /(?:> |: )$/;

/**
 * Runs a command line on a terminal, types an answer at each question, and resolves with all that was
 * written there.
 */
async function onTerminal(line: string, answers: string[], lang: string): Promise<Uint8Array> {
  const child = new Deno.Command("script", {
    args: ["-qec", `stty cols ${COLUMNS} rows ${ROWS}; cd '${home}'; ${line}`, "/dev/null"],
    env: { LANG: lang, LC_ALL: "", LC_MESSAGES: "", TERM: "xterm-256color", TMUX: "" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  let written = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    written += text;
    if (PROMPT.test(text) && answers.length > 0) {
      await writer.write(new TextEncoder().encode(`${answers.shift()}\n`));
    }
  }
  await child.status;
  await writer.close().catch(() => {});
  return new TextEncoder().encode(written);
}

/** Draws what a terminal was sent, as tools/capture.ts does. */
async function capture(file: string, title: string, written: Uint8Array, ...options: string[]) {
  const args = ["run", "-A", "--quiet", join(root, "tools", "capture.ts")];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, "--columns", String(COLUMNS), "--title", title, ...options],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(written);
  await writer.close();
  await Deno.writeFile(join(root, "docs", file), (await child.output()).stdout);
}

const home = await Deno.makeTempDir({ prefix: "socketprogram-screens-" });
const server = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "--quiet", join(root, "server.ts"), "0", "--data", home].concat(
    ["--host", "127.0.0.1", "--images", join(root, "images")],
  ),
  stdin: "null",
  stdout: "piped",
}).spawn();
try {
  const lines = server.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const { value = "" } = await lines.read();
  lines.releaseLock();
  const port = value.match(/^Server started at (\d+)$/)![1];
  const client = `COLORTERM=truecolor '${Deno.execPath()}' run -A --quiet ` +
    `'${join(root, "client.ts")}' 127.0.0.1 ${port}`;
  const english = "en_US.UTF-8";
  const menu = await onTerminal(client, ["1", "1", "1", "2", "1", "1", "3", "99"], "ko_KR.UTF-8");
  await capture("menu.svg", "The menu, in Korean", menu);
  const debug = await onTerminal(`${client} privilege --debug`, [], english);
  await capture("debug.svg", "An exchange with --debug", debug);
  const picture = await onTerminal(client, ["2", "1", "1", "4", "image.jpg", "99"], english);
  await capture("screen.svg", "The menu and a picture, in a terminal", picture);
} finally {
  server.kill("SIGTERM");
  await server.status;
  await Deno.remove(home, { recursive: true });
}
