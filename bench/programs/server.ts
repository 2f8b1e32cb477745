/**
 * The server as its users meet it: how soon after its start it responds, and two hundred clients at
 * once, each registering, logging in, raising its privilege, checking its key and fetching a
 * picture.
 *
 *     deno run -A bench/programs/server.ts            the source
 *     SOCKETPROGRAM_SERVER=build/server deno run -A bench/programs/server.ts
 */
import { join } from "@std/path";
import { command, startServer, temporaryDirectory } from "../../tests/e2e/support/programs.ts";
import { Browser } from "../../tests/server/support/browser.ts";

const STARTS = 9;
const CLIENTS = 200;
const PICTURE_BYTES = 86 * 1024;

/** The middle of the values, and the largest. */
function spread(values: number[]): string {
  values.sort((a, b) => a - b);
  const middle = values[Math.floor(values.length / 2)];
  return `median ${middle.toFixed(1)} ms, at most ${values[values.length - 1].toFixed(1)} ms`;
}

/** Milliseconds from the start of the process to its first response. */
async function timeStart(): Promise<number> {
  await using home = await temporaryDirectory();
  const [executable, ...first] = command("server");
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const begun = performance.now();
  const process = new Deno.Command(executable, {
    args: [...first, String(port), "--host", "127.0.0.1", "--data", home.path],
    stdout: "null",
  }).spawn();
  let conn: Deno.TcpConn | null = null;
  while (conn === null) {
    conn = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
  }
  await conn.write(new TextEncoder().encode("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"));
  await conn.read(new Uint8Array(1000));
  const received = performance.now() - begun;
  conn.close();
  process.kill("SIGTERM");
  await process.status;
  return received;
}

/** One client's whole flow; returns the milliseconds of the steps that hash no password. */
async function walk(port: number, number: number): Promise<number[]> {
  using browser = new Browser(`http://127.0.0.1:${port}`);
  const user = { username: `user${number}`, password: `password${number}` };
  const times: number[] = [];
  const steps = [["POST", "/register"], ["POST", "/login"], ["PUT", "/privilege"]];
  for (const [method, path] of [...steps, ["HEAD", "/images"]]) {
    const begun = performance.now();
    const [status, text] = await browser.ask(method, path, method === "HEAD" ? undefined : user);
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
    if (path === "/privilege" || path === "/images") times.push(performance.now() - begun);
  }
  const begun = performance.now();
  const picture = await (await browser.get("/images?url=image.jpg")).arrayBuffer();
  if (picture.byteLength !== PICTURE_BYTES) throw new Error("not the whole picture");
  return [...times, performance.now() - begun];
}

const starts: number[] = [];
for (let start = 0; start < STARTS; start++) starts.push(await timeStart());
console.log(`${command("server").join(" ")}`);
console.log(`start to first response: ${spread(starts)} of ${STARTS}`);

await using home = await temporaryDirectory();
await Deno.mkdir(join(home.path, "images"));
await Deno.writeFile(join(home.path, "images", "image.jpg"), new Uint8Array(PICTURE_BYTES));
await using server = await startServer(home.path, ["--quiet"]);
const begun = performance.now();
const times = await Promise.all(
  Array.from({ length: CLIENTS }, (_, number) => walk(server.port, number)),
);
const seconds = ((performance.now() - begun) / 1000).toFixed(1);
console.log(
  `${CLIENTS} clients at once, all succeeded: ${seconds} s, ${2 * CLIENTS} hashes included`,
);
console.log(`their steps that hash no password, meanwhile: ${spread(times.flat())}`);
