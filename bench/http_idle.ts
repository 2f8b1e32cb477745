/**
 * What 10,000 idle connections cost: resident memory of each, and the time that a new request takes beside
 * them. Run by itself or from `bench/main.ts`; takes about half a minute.
 */
import { join } from "@std/path";
import { type Running, startDenoServe, startFloor, startOurs } from "./contenders/mod.ts";
import { residentBytes } from "./process_stat.ts";

const CONNECTIONS = 10_000;

/** Memory of one idle connection, bytes, and the median time of a new request, milliseconds. */
async function measure(server: Running): Promise<{ bytes: number; milliseconds: number }> {
  // What a first few connections make a server set up is not what one more costs.
  await withClients(server, 100, () => 0);
  const before = residentBytes(server.pid);
  const { seen, milliseconds } = await withClients(
    server,
    CONNECTIONS,
    () => residentBytes(server.pid),
  );
  return { bytes: (seen - before) / CONNECTIONS, milliseconds };
}

/** Opens so many connections, looks, and lets them measure. */
async function withClients(
  server: Running,
  connections: number,
  look: () => number,
): Promise<{ seen: number; milliseconds: number }> {
  const program = new URL("./contenders/idle_clients.ts", import.meta.url).pathname;
  const command = [Deno.execPath(), "run", "-A", program, server.port, connections, server.key];
  const child = new Deno.Command("sh", {
    args: ["-c", 'ulimit -n 20000 2>/dev/null; exec "$0" "$@"', ...command.map(String)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  const opened = await lines.next();
  if (opened.done) throw new Error("the clients could not connect");
  // What is garbage by now would be collected sooner or later; wait for the sooner.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const seen = look();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode("\n"));
  const said = await lines.next();
  if (said.done) throw new Error("the clients could not measure");
  await child.status;
  await input.close().catch(() => {});
  return { seen, milliseconds: JSON.parse(said.value).median };
}

const directory = await Deno.makeTempDir();
try {
  for (const name of ["ours", "deno", "images"]) await Deno.mkdir(join(directory, name));
  const images = join(directory, "images");
  const picture = join(images, "picture.jpg");
  await Deno.writeFile(picture, new Uint8Array(1000));
  const contenders: [string, () => Promise<Running>][] = [
    ["floor: a loop with 1 KB to read into", () => startFloor(0)],
    ["`Deno.serve`", () => startDenoServe(join(directory, "deno"), picture)],
    [
      "this server",
      () =>
        startOurs(join(directory, "ours"), images, "--max-connections", String(2 * CONNECTIONS)),
    ],
  ];
  console.log(`\n### ${CONNECTIONS.toLocaleString("en")} idle connections\n`);
  console.log("| server | resident memory of each | a new request takes (median) |");
  console.log("|---|--:|--:|");
  for (const [name, start] of contenders) {
    const server = await start();
    try {
      const { bytes, milliseconds } = await measure(server);
      console.log(`| ${name} | ${(bytes / 1024).toFixed(1)} KB | ${milliseconds.toFixed(2)} ms |`);
    } finally {
      await server.stop();
    }
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}
