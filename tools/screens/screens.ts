/**
 * Makes the README's pictures from the real output of the real programs on a pseudo-terminal
 * (`script` of util-linux): docs/screen.svg, docs/menu.svg, docs/browse.svg, docs/browse-ko.svg,
 * docs/debug.svg, docs/progress.svg, and of each the same screen in a light terminal,
 * docs/…-light.svg. The pictures are the samples in `images/`; ImageMagick crops some of them.
 *
 *     deno run -A tools/screens/screens.ts
 */
import { join } from "@std/path";
import { command, startServer, temporaryDirectory } from "../../tests/e2e/support/programs.ts";
import { DARK, LIGHT, svgOf } from "./capture.ts";
import { screenOf } from "./terminal_screen.ts";

const root = join(import.meta.dirname!, "..", "..");
const COLUMNS = 80, ROWS = 40;

/** The terminal of the contact sheets. */
const SHEET_COLUMNS = 100, SHEET_ROWS = 32;

/** How long nothing must have moved before a key is pressed, milliseconds. */
const QUIET_MS = 1500;

/** A question that waits for an answer at the end of what was written. */
const PROMPT = /(?:> |: )$/;

/** How fast the slow server of `docs/progress.svg` sends, and for how long. */
const SLOW_BYTES_PER_SECOND = 6 * 1024 * 1024, SLOW_SECONDS = 4;

await using home = await temporaryDirectory();
const images = join(home.path, "images");
await Deno.mkdir(images);
const sample = await Deno.readFile(join(root, "images", "image.jpg"));
await Deno.writeFile(join(images, "image.jpg"), sample);
await Deno.writeFile(join(images, "panorama.jpg"), sample);
// What follows the end of a JPEG is no part of the picture.
await Deno.truncate(join(images, "panorama.jpg"), SLOW_SECONDS * SLOW_BYTES_PER_SECOND);
await using server = await startServer(home.path);

/**
 * Runs the client on a terminal, types an answer at each question, and resolves with all that was
 * written there.
 */
async function onTerminal(lang: string, port: number, words: string, answers: readonly string[]) {
  const client = command("client").map((word) => `'${word}'`).join(" ");
  const line = `stty cols ${COLUMNS} rows ${ROWS}; ${client} 127.0.0.1 ${port} ${words}`;
  const child = new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    cwd: home.path,
    env: {
      ...{ LANG: lang, LC_ALL: "", LC_MESSAGES: "" },
      // The working directory, so that paths are short.
      SOCKETPROGRAM_DATA: ".",
      ...{ COLORTERM: "truecolor", TERM: "xterm-256color", TMUX: "", NO_COLOR: "" },
    },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const left = [...answers];
  let written = "", answeredTo = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    written += text;
    const shown = plain(written);
    if (PROMPT.test(shown.slice(answeredTo)) && left.length > 0) {
      answeredTo = shown.length;
      await writer.write(new TextEncoder().encode(`${left.shift()}\n`));
    }
  }
  await child.status;
  await writer.close().catch(() => {});
  return written;
}

/** What was written, without its control sequences. */
function plain(written: string): string {
  // deno-lint-ignore no-control-regex -- that is what they are made of
  return written.replace(/\x1b\[[0-9;:?]*[@-~]/g, "");
}

/**
 * Runs the browser of images, presses each key once nothing moves any more, and resolves with what
 * was written before the last one.
 */
async function browse(lang: string, words: string, keys: readonly string[]): Promise<string> {
  const client = command("client").map((word) => `'${word}'`).join(" ");
  const line =
    `stty cols ${SHEET_COLUMNS} rows ${SHEET_ROWS}; ${client} 127.0.0.1 ${port} browse ${words}`;
  const child = new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    cwd: home.path,
    env: { LC_ALL: lang, SOCKETPROGRAM_DATA: home.path, COLORTERM: "truecolor", TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  let written = "", shown = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const left = [...keys];
  const press = async () => {
    shown = written;
    if (left.length > 0) await writer.write(new TextEncoder().encode(left.shift()!));
  };
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    written += text;
    clearTimeout(timer);
    timer = setTimeout(press, QUIET_MS);
    if (left.length === 0) clearTimeout(timer);
  }
  clearTimeout(timer);
  await child.status;
  await writer.close().catch(() => {});
  return shown;
}

/** Makes a folder of pictures out of the samples: for each name, its sample and how it is cropped. */
async function makeFolder(name: string, pictures: Record<string, readonly string[]>) {
  await Deno.mkdir(join(images, name), { recursive: true });
  for (const [file, [sample, ...changes]] of Object.entries(pictures)) {
    const args = [join(root, "images", sample), ...changes, join(images, name, file)];
    await new Deno.Command("convert", { args }).output();
  }
}

/** A way to the server that is slow in the direction of the client. */
function slowWay(): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const piece = SLOW_BYTES_PER_SECOND / 100;
  (async () => {
    for await (const client of listener) {
      const ahead = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      client.readable.pipeTo(ahead.writable).catch(() => {});
      const slow = new TransformStream<Uint8Array, Uint8Array>({
        async transform(bytes, controller) {
          await new Promise((resolve) => setTimeout(resolve, 10 * bytes.length / piece));
          controller.enqueue(bytes);
        },
      });
      ahead.readable.pipeThrough(slow).pipeTo(client.writable).catch(() => {});
    }
  })();
  return listener;
}

/** Draws what a terminal was sent into files of docs/, in a dark and in a light one. */
async function capture(name: string, title: string, written: string, columns = COLUMNS) {
  for (const [ending, theme] of [["", DARK], ["-light", LIGHT]] as const) {
    const svg = svgOf(screenOf(written), columns, theme, title);
    await Deno.writeTextFile(join(root, "docs", `${name}${ending}.svg`), svg);
  }
}

const KOREAN = "ko_KR.UTF-8", ENGLISH = "en_US.UTF-8";
const { port } = server;
const menu = await onTerminal(KOREAN, port, "", ["1", "1", "1", "1", "2", "1", "1", "3", "99"]);
await capture("menu", "The menu, in Korean", menu);

const CROPS = {
  panorama: ["image.jpg", "-crop", "100%x35%+0+200"],
  sunset: ["image.jpg", "-crop", "60%x60%+0+200"],
  hills: ["image.jpg", "-crop", "45%x30%+0+250"],
  light: ["image.jpg", "-crop", "40%x60%+700+100"],
  reeds: ["image.jpg", "-crop", "35%x55%+0+370"],
};
await makeFolder("coast", {
  "boat.jpg": ["coast/boat.jpg"],
  "cliff.jpg": ["coast/cliff.jpg"],
  "dusk.jpg": ["image.jpg"],
  "hills.jpg": CROPS.hills,
  "lantern.jpg": ["coast/lantern.jpg"],
  "light.jpg": CROPS.light,
  "night.jpg": ["coast/night.jpg"],
  "panorama.jpg": CROPS.panorama,
  "reeds.jpg": CROPS.reeds,
  "sunset.jpg": CROPS.sunset,
  "water.jpg": ["coast/water.jpg"],
});
await makeFolder("coast/harbour", { "1.jpg": ["image.jpg"], "2.jpg": ["image.jpg"] });
await makeFolder("여행/바다", {
  "갈대.jpg": CROPS.reeds,
  "돛단배.jpg": ["coast/boat.jpg"],
  "등대.jpg": ["coast/lantern.jpg"],
  "등대 불빛.jpg": CROPS.light,
  "물결.jpg": ["coast/water.jpg"],
  "밤하늘.jpg": ["coast/night.jpg"],
  "먼 산.jpg": CROPS.hills,
  "절벽.jpg": ["coast/cliff.jpg"],
  "파노라마.jpg": CROPS.panorama,
  "해넘이.jpg": CROPS.sunset,
  "해질녘.jpg": ["image.jpg"],
});
await makeFolder("여행/바다/항구", { "1.jpg": ["image.jpg"], "2.jpg": ["image.jpg"] });
const RIGHT = "\x1b[C";
const title = "A contact sheet of the images in a folder";
const sheet = await browse(ENGLISH, "coast", [RIGHT, RIGHT, RIGHT, "q"]);
await capture("browse", title, sheet, SHEET_COLUMNS);
const koreanSheet = await browse(KOREAN, "여행/바다", [RIGHT, RIGHT, "q"]);
await capture("browse-ko", title, koreanSheet, SHEET_COLUMNS);

await onTerminal(ENGLISH, port, "register alice --data alice", ["secret", "secret"]);
await onTerminal(ENGLISH, port, "login alice --data alice", ["secret"]);
const debug = await onTerminal(ENGLISH, port, "privilege --debug --data alice", []);
await capture("debug", "An exchange with --debug", debug);

const picture = await onTerminal(ENGLISH, port, "", ["4", "image.jpg", "99"]);
await capture("screen", "The menu and a picture, in a terminal", picture);

const slow = slowWay();
const slowPort = (slow.addr as Deno.NetAddr).port;
await onTerminal(ENGLISH, slowPort, "login alice --data alice", ["secret"]);
await onTerminal(ENGLISH, slowPort, "privilege --data alice", []);
const download = await onTerminal(ENGLISH, slowPort, "image panorama.jpg --data alice", []);
slow.close();
// The bar erases itself in the end: shown is what stood there when most had come.
const most = /^[^]*?(?:[6-9]\d%)[^\r]*/.exec(download)![0];
await capture(
  "progress",
  "A download and how far it is",
  `$ client 127.0.0.1 ${port} image panorama.jpg\r\n${most}`,
);
