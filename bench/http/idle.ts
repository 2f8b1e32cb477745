/**
 * What 10,000 idle connections cost: resident memory of each, and the time that a new request takes
 * beside them. Run by itself or from `bench/main.ts`; takes about a minute and a half.
 */
import { join } from "@std/path";
import { record } from "../support/comparison.ts";
import {
  makeTlsFiles,
  type Running,
  startDenoServe,
  startFloor,
  startOurs,
  type TlsFiles,
} from "../support/contenders/mod.ts";
import { residentBytes } from "../support/process_stat.ts";

const CONNECTIONS = 10_000;

/** Memory of one idle connection, bytes, and the median time of a new request, milliseconds. */
async function measure(
  server: Running,
  tls: TlsFiles | null,
): Promise<{ bytes: number; milliseconds: number }> {
  // What a first few connections make a server set up is not what one more costs.
  await withClients(server, tls, 100, () => 0);
  const before = residentBytes(server.pid);
  const look = () => residentBytes(server.pid);
  const { seen, milliseconds } = await withClients(server, tls, CONNECTIONS, look);
  return { bytes: (seen - before) / CONNECTIONS, milliseconds };
}

/** Opens so many connections, looks, and lets them measure. */
async function withClients(
  server: Running,
  tls: TlsFiles | null,
  connections: number,
  look: () => number,
): Promise<{ seen: number; milliseconds: number }> {
  const program = new URL("../support/contenders/idle_clients.ts", import.meta.url).pathname;
  const command = [Deno.execPath(), "run", "-A", program, server.port, connections, server.key];
  if (tls !== null) command.push(tls.certFile);
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
  for (const name of ["ours", "ours-tls", "deno", "images"]) {
    await Deno.mkdir(join(directory, name));
  }
  const images = join(directory, "images");
  const picture = join(images, "picture.jpg");
  await Deno.writeFile(picture, new Uint8Array(1000));
  const tls = await makeTlsFiles(directory);
  const room = ["--max-connections", String(2 * CONNECTIONS)];
  const contenders: [string, () => Promise<Running>, TlsFiles | null][] = [
    ["floor: a loop with 1 KB to read into", () => startFloor(0), null],
    ["`Deno.serve`", () => startDenoServe(join(directory, "deno"), picture), null],
    [
      "this server",
      () => startOurs(join(directory, "ours"), images, ...room),
      null,
    ],
  ];
  if (tls !== null) {
    const secure = [...room, "--tls-cert", tls.certFile, "--tls-key", tls.keyFile];
    contenders.push([
      "this server, TLS",
      () => startOurs(join(directory, "ours-tls"), images, ...secure),
      tls,
    ]);
  }
  console.log(`\n### ${CONNECTIONS.toLocaleString("en")} idle connections\n`);
  console.log("| server | resident memory of each | a new request takes (median) |");
  console.log("|---|--:|--:|");
  const memory = new Map<string, number>();
  for (const [name, start, files] of contenders) {
    const server = await start();
    try {
      const { bytes, milliseconds } = await measure(server, files);
      memory.set(name, bytes);
      console.log(`| ${name} | ${(bytes / 1024).toFixed(1)} KB | ${milliseconds.toFixed(2)} ms |`);
    } finally {
      await server.stop();
    }
  }
  record("idle connection", {
    ours: memory.get("this server")!,
    peer: memory.get("`Deno.serve`")!,
  });
} finally {
  await Deno.remove(directory, { recursive: true });
}
