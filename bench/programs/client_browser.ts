/**
 * The browser of images as a person meets it, on a pseudo-terminal (`script` of util-linux): how
 * soon thumbnails are there, how long a key takes to redraw with ten and with 100,000 images, and
 * the same over a line of 1 MB/s and 200 ms.
 *
 *     SOCKETPROGRAM_SERVER=build/server SOCKETPROGRAM_CLIENT=build/client \
 *       deno run -A bench/programs/client_browser.ts
 */
import { join } from "@std/path";
import {
  command,
  runClient,
  startServer,
  temporaryDirectory,
} from "../../tests/e2e/support/programs.ts";
import { median, residentBytes } from "../support/process_stat.ts";
import { slowLink } from "../support/slow_link.ts";

const FEW = 10, MANY = 100_000;
/** Presses of each key, and how long nothing must come before the next, milliseconds. */
const PRESSES = 20, QUIET_MS = 150;
/** Files that share one inode: file systems allow 65,000. */
const LINKS = 60_000;
const LINE = { roundTripMs: 200, bytesPerSecond: 1_000_000 };

/** The end of a thumbnail: nothing else has a colour of its own. */
const PAINTED = "\x1b[38;2;";
const FRAME_END = "\x1b[?2026l";

await using home = await temporaryDirectory();
const sample = new URL("../../images/image.jpg", import.meta.url).pathname;
for (const [folder, count] of [["few", FEW], ["many", MANY]] as const) {
  await Deno.mkdir(join(home.path, "images", folder), { recursive: true });
  let first = "";
  for (let i = 0; i < count; i++) {
    const path = join(home.path, "images", folder, `${i}.jpg`);
    if (i % LINKS === 0) await Deno.copyFile(sample, first = path);
    else await Deno.link(first, path);
  }
}

await using server = await startServer(home.path, ["--quiet"]);
const address = (port: number) => ["127.0.0.1", `${port}`];
const logIn = (port: number) =>
  runClient(home.path, address(port), { input: "1\n1\n1\n2\n1\n1\n3\n99\n" });
await logIn(server.port);

for (const folder of ["few", "many"]) {
  await using browser = await open(server.port, folder);
  const { first, painted } = await browser.start();
  console.log(
    `${folder}: first screen after ${first.toFixed(0)} ms, first thumbnail ` +
      `${(painted - first).toFixed(0)} ms later`,
  );
  if (folder === "many") {
    await browser.shows(`${MANY}`);
    const took = performance.now() - browser.begun;
    const memory = (residentBytes(browser.pid) / 2 ** 20).toFixed(0);
    console.log(`many: all names listed after ${(took / 1000).toFixed(1)} s, ${memory} MiB`);
  }
  for (
    const [name, key, back] of [
      ["cursor", "\x1b[C", "\x1b[D"],
      ["a page on", "\x1b[6~", "\x1b[5~"],
      ["a letter of the search", "1", "\x7f"],
    ] as const
  ) {
    if (key === "1") await browser.press("/");
    const times: number[] = [], sizes: number[] = [];
    for (let i = 0; i < PRESSES; i++) {
      const { took, bytes } = await browser.press(i % 2 === 0 ? key : back);
      times.push(took);
      sizes.push(bytes);
    }
    console.log(
      `${folder}: ${name}: median ${median(times).toFixed(1)} ms, worst ` +
        `${Math.max(...times).toFixed(1)} ms, ${median(sizes)} bytes`,
    );
  }
}

const line = slowLink(server.port, LINE);
await logIn(line.port);
{
  await using browser = await open(line.port, "many");
  const { first, painted } = await browser.start();
  const key = await browser.press("\x1b[C", false);
  await browser.paints(12);
  console.log(
    `over 1 MB/s and 200 ms: first screen after ${first.toFixed(0)} ms, first thumbnail ` +
      `${(painted - first).toFixed(0)} ms later, all twelve ` +
      `${(performance.now() - browser.begun - first).toFixed(0)} ms later; a key meanwhile ` +
      `${key.took.toFixed(1)} ms`,
  );
  const views: number[] = [];
  for (const key of ["\r", "n", "n"]) views.push(await browser.view(key));
  const [entered, ...next] = views.map((took) => took.toFixed(1));
  console.log(`the same: Enter to a picture ${entered} ms, n ${next.join(" and ")} ms`);
}
line.close();

/** Starts the browser on a terminal of 80 × 24. */
function open(port: number, folder: string) {
  const words = [...command("client"), ...address(port), "browse", folder, "--data", home.path];
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const begun = performance.now();
  const child = new Deno.Command("script", {
    args: ["-qefc", `stty cols 80 rows 24; exec ${quoted} --graphics blocks`, "/dev/null"],
    env: { COLORTERM: "truecolor", TERM: "xterm-256color", LC_ALL: "C", TMUX: "", NO_COLOR: "" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let written = "", length = 0, at = 0;
  const waiting: (() => void)[] = [];
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      written += text;
      length += text.length;
      at = performance.now();
      for (const resolve of waiting.splice(0)) resolve();
    }
  })();
  const arrival = () => new Promise<void>((resolve) => waiting.push(resolve));
  const shows = async (text: string) => {
    while (!written.includes(text)) await arrival();
  };
  const quiet = async () => {
    for (;;) {
      const before = length;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      if (before === length) return;
    }
  };
  return Promise.resolve({
    begun,
    /** The client, a child of `script`. */
    get pid() {
      const children = `/proc/${child.pid}/task/${child.pid}/children`;
      return Number(Deno.readTextFileSync(children).trim());
    },
    shows,
    /** Milliseconds to the first screen and to the first thumbnail. */
    async start() {
      await shows(FRAME_END);
      const first = at - begun;
      await shows(PAINTED);
      return { first, painted: at - begun };
    },
    /** Waits until so many thumbnails are drawn. */
    async paints(count: number) {
      // deno-lint-ignore no-control-regex -- moves and colours
      const painted = () => new Set(written.match(/\x1b\[\d+;\d+H[^H]*38;2;/g) ?? []).size;
      // Six rows of each have colours.
      while (painted() < count * 5) await arrival();
    },
    /** Presses a key, and waits for the frame that it draws. */
    async press(key: string, isQuiet = true) {
      if (isQuiet) await quiet();
      const before = written.length;
      const pressed = performance.now();
      await writer.write(new TextEncoder().encode(key));
      while (!written.slice(before).includes(FRAME_END)) await arrival();
      const frame = written.indexOf(FRAME_END, before);
      return { took: at - pressed, bytes: frame - before };
    },
    /** Milliseconds from a key to the first of a picture. */
    async view(key: string) {
      await quiet();
      const before = written.length;
      const pressed = performance.now();
      await writer.write(new TextEncoder().encode(key));
      while (!written.slice(before).includes(PAINTED)) await arrival();
      return at - pressed;
    },
    async [Symbol.asyncDispose]() {
      await writer.write(new TextEncoder().encode("\x03"));
      await reading;
      await child.status;
      await writer.close().catch(() => {});
    },
  });
}
