/**
 * Latency of `HEAD /images` at 1,000 requests a second, with and without logins that keep the
 * processor hashing. Run by itself or from `bench/main.ts`; takes about half a minute.
 */
import { join } from "@std/path";
import { HttpClient } from "../../lib/http/mod.ts";
import { type Running, startOurs } from "../support/contenders/mod.ts";
import { openLoop, percentile } from "../support/open_loop.ts";

const PER_SECOND = 1000;
const SECONDS = 10;
/** Logins at a time. */
const LOGINS = 4;

/** Logs in again and again; `stop` makes it end, and says how many logins there were. */
function logInMeanwhile(server: Running): { stop(): Promise<number> } {
  let stopping = false;
  let count = 0;
  const loops = Array.from({ length: LOGINS }, async () => {
    const client = new HttpClient({
      connect: () => Deno.connect({ hostname: "127.0.0.1", port: server.port }),
      host: "127.0.0.1",
    });
    while (!stopping) {
      const body = JSON.stringify({ username: "alice", password: "password" });
      const response = await client.request({ method: "POST", target: "/login", body });
      await response.text(1000);
      if (response.status === 200) count++;
    }
    client.close();
  });
  return {
    async stop() {
      stopping = true;
      await Promise.all(loops);
      return count;
    },
  };
}

const directory = await Deno.makeTempDir();
try {
  for (const name of ["data", "images"]) await Deno.mkdir(join(directory, name));
  const server = await startOurs(join(directory, "data"), join(directory, "images"));
  try {
    const body = '{"username":"alice"}';
    const request = new TextEncoder().encode(
      `HEAD /images HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: key=${server.key}\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    const load = { port: server.port, request, perSecond: PER_SECOND };
    await openLoop({ ...load, seconds: 2 });

    console.log(`\n### \`HEAD /images\` at ${PER_SECOND.toLocaleString("en")} requests a second\n`);
    console.log("| meanwhile | median | 99th percentile | 99.9th | logins a second |");
    console.log("|---|--:|--:|--:|--:|");
    for (const busy of [false, true]) {
      const logins = busy ? logInMeanwhile(server) : null;
      const latencies = await openLoop({ ...load, seconds: SECONDS });
      const count = await logins?.stop() ?? 0;
      const cells = [0.5, 0.99, 0.999].map((part) =>
        `${percentile(latencies, part).toFixed(2)} ms`
      );
      const name = busy ? `${LOGINS} clients log in without pause` : "nothing else";
      console.log(`| ${name} | ${cells.join(" | ")} | ${(count / SECONDS).toFixed(1)} |`);
    }
  } finally {
    await server.stop();
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}
