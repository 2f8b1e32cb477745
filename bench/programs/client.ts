/**
 * The client as its users meet it: how soon its menu is there, how long a cached picture takes from
 * the start of the process to its end, and what a large download costs in memory.
 *
 *     deno run -A bench/programs/client.ts            the source
 *     SOCKETPROGRAM_SERVER=build/server SOCKETPROGRAM_CLIENT=build/client deno run -A bench/programs/client.ts
 */
import { join } from "@std/path";
import {
  command,
  runClient,
  startServer,
  temporaryDirectory,
} from "../../tests/e2e/support/programs.ts";
import { record } from "../support/comparison.ts";
import { median, residentBytes } from "../support/process_stat.ts";

const ROUNDS = 11;
const LARGE_BYTES = 256 * 1024 * 1024;
/** A picture of the sample's proportions, large enough that decoding it is most of the work. */
const LARGE_PICTURE = "6000x4000!";

await using home = await temporaryDirectory();
await Deno.mkdir(join(home.path, "images"));
const sample = new URL("../../images/image.jpg", import.meta.url).pathname;
await Deno.copyFile(sample, join(home.path, "images", "image.jpg"));
await writeLarge(join(home.path, "images", "large.webp"));
const pictures: ("image.jpg" | "large.jpg")[] = ["image.jpg"];
const large = join(home.path, "images", "large.jpg");
if (await succeeds("convert", sample, "-resize", LARGE_PICTURE, large)) pictures.push("large.jpg");
else console.log("Without ImageMagick there is no large picture.");
const hasChafa = await succeeds("chafa", "--version");
if (!hasChafa) console.log("Without chafa there is nothing to compare with.");

await using server = await startServer(home.path, ["--quiet"]);
const at = ["127.0.0.1", `${server.port}`];
await runClient(home.path, at, { input: "1\n1\n1\n2\n1\n1\n3\n99\n" });
const [executable, ...first] = command("client");
const client = (...args: string[]) => [executable, ...first, ...at, "--data", home.path, ...args];
console.log(`${executable} ${first.join(" ")}`);

const starts: number[] = [];
for (let round = 0; round < ROUNDS; round++) starts.push(await timeMenu());
console.log(`start to menu: median ${median(starts).toFixed(1)} ms`);

// What a cached picture's time is made of: the process alone, then with all but the drawing.
const idle: number[] = [], undrawn: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  idle.push(await time([executable, ...first, "--version"]));
  undrawn.push(await time(client("image", "image.jpg", "--json")));
}
console.log(
  `start and end of the process: median ${median(idle).toFixed(1)} ms; with cookies, connection, ` +
    `two requests and cache: ${median(undrawn).toFixed(1)} ms`,
);

for (const picture of pictures) {
  const show = client("image", picture, "--width", "80", "--height", "40");
  const peer = ["chafa", "-s", "80x40", "-f", "symbols", join(home.path, "images", picture)];
  await time(show);
  const ours: number[] = [], theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await time(show));
    if (hasChafa) theirs.push(await time(peer));
  }
  if (hasChafa) record(`cached ${picture}`, { ours: median(ours), peer: median(theirs) });
  const alone = `cached ${picture}: median ${median(ours).toFixed(1)} ms`;
  console.log(
    hasChafa
      ? `${alone}, chafa ${median(theirs).toFixed(1)} ms, ratio ${
        (median(ours) / median(theirs)).toFixed(2)
      }`
      : alone,
  );
}

const small = await peakMemory(client("image", "image.jpg", "--json"));
const big = await peakMemory(client("image", "large.webp", "--json"));
console.log(
  `download of ${LARGE_BYTES / 2 ** 20} MiB: ${((big - small) / 2 ** 20).toFixed(1)} MiB more ` +
    `resident memory than for a small picture`,
);

/** Milliseconds from the start of a program to its end, which must be a success. */
async function time([program, ...args]: string[]): Promise<number> {
  const begun = performance.now();
  const { success } = await new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    env: { COLORTERM: "truecolor", TERM: "xterm-256color" },
  }).spawn().status;
  if (!success) throw new Error(`${program} ${args.join(" ")} failed`);
  return performance.now() - begun;
}

/** Milliseconds from the start of the client to the first of its menu. */
async function timeMenu(): Promise<number> {
  const [program, ...args] = client();
  const begun = performance.now();
  const process = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  const shown = performance.now() - begun;
  await process.stdin.close();
  while (!(await reader.read()).done);
  await process.status;
  return shown;
}

/** The most resident memory a program was seen with, bytes. */
async function peakMemory([program, ...args]: string[]): Promise<number> {
  const process = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  let peak = 0, running = true;
  process.status.then(() => running = false);
  while (running) {
    try {
      peak = Math.max(peak, residentBytes(process.pid));
    } catch {
      // It has just ended.
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return peak;
}

async function succeeds(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/**
 * Bytes that do not repeat, in a file of a type that the server gives out and the client does not
 * draw.
 */
async function writeLarge(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const block = new Uint8Array(65536);
  for (let written = 0; written < LARGE_BYTES; written += block.length) {
    crypto.getRandomValues(block);
    for (let at = 0; at < block.length;) at += await file.write(block.subarray(at));
  }
}
