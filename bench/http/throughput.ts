/**
 * Requests a second, and bytes a second: this server with its log on, beside a bare loop,
 * `Deno.serve` doing the same work, and nginx with one worker and its access log on. Run by itself
 * or from `bench/main.ts`; needs `wrk`, takes about two minutes.
 */
import { join } from "@std/path";
import { record, type RowName } from "../support/comparison.ts";
import {
  makeTlsFiles,
  type Running,
  startDenoServe,
  startFloor,
  startNginx,
  startOurs,
} from "../support/contenders/mod.ts";
import { median, processorSeconds, residentBytes } from "../support/process_stat.ts";
import { inRounds } from "../support/rounds.ts";
import { hasWrk, type Load, runWrk, WrkTimeoutError } from "../support/wrk.ts";

const ROUNDS = Number(Deno.env.get("ROUNDS") ?? 3);
const SECONDS = Number(Deno.env.get("SECONDS") ?? 3);
const WARM_UP_SECONDS = 1;

const PICTURE_BYTES = 86 * 1000;
const LARGE_BYTES = 256 * 1024 * 1024;

/** Names of the servers beside this one. */
const FLOOR = "floor: a loop that writes a constant";
const DENO_SERVE = "`Deno.serve`, from memory";
const NGINX = "nginx, one worker, no key";

/** A server and what it is asked. */
interface Entry {
  readonly name: string;
  readonly server: Running;
  readonly load: Load;
}

/** What was measured of an entry, the median of its rounds. */
interface Measured {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Processor time of the server for one request, microseconds. */
  readonly processorMicroseconds: number;
}

/** All entries in turn, as many rounds as are wanted, after a warm-up of each. */
async function measure(entries: readonly Entry[]): Promise<Map<string, Measured>> {
  const rounds = await inRounds(entries, ROUNDS + 1, async ({ server, load }, round) => {
    const before = processorSeconds(server.pid);
    const seconds = Math.max(round === 0 ? WARM_UP_SECONDS : SECONDS, load.leastSeconds ?? 0);
    const result = await runWrk(server.port, load, seconds);
    return { ...result, processor: (processorSeconds(server.pid) - before) / result.requests };
  });
  const medians = new Map<string, Measured>();
  for (const [{ name }, [_warmUp, ...results]] of rounds) {
    medians.set(name, {
      requestsPerSecond: median(results.map((result) => result.requestsPerSecond)),
      bytesPerSecond: median(results.map((result) => result.bytesPerSecond)),
      processorMicroseconds: 1e6 * median(results.map((result) => result.processor)),
    });
  }
  return medians;
}

/** The load of an entry with the key that its server accepts. */
function withKey(server: Running, load: Load): Load {
  return server.key === ""
    ? load
    : { ...load, fields: { ...load.fields, Cookie: `key=${server.key}` } };
}

/**
 * Measures servers, prints a table of them, and records the rows of the READMEs' comparison. A table
 * whose servers time out again and again is left out, and makes this program fail at its end.
 *
 * @param rows the row for each server that is compared there, by its name
 */
async function table(
  title: string,
  entries: readonly Entry[],
  unit: "requests" | "bytes",
  rows: Readonly<Record<string, RowName>> = {},
): Promise<void> {
  let measured: Map<string, Measured>;
  try {
    measured = await measure(entries);
  } catch (error) {
    if (!(error instanceof WrkTimeoutError)) throw error;
    console.error(`${title} is left out: ${error.message}`);
    Deno.exitCode = 1;
    return;
  }
  const ours = measured.get("this server")!;
  const rate = (of: Measured) => unit === "requests" ? of.requestsPerSecond : of.bytesPerSecond;
  console.log(`\n### ${title}\n`);
  console.log(`| server | ${unit} a second | this server has | processor time a request |`);
  console.log("|---|--:|--:|--:|");
  for (const [name, of] of measured) {
    const shown = unit === "requests"
      ? Math.round(of.requestsPerSecond).toLocaleString("en")
      : `${(of.bytesPerSecond / 1e9).toFixed(2)} GB`;
    const ratio = of === ours ? "" : `${(rate(ours) / rate(of)).toFixed(2)} ×`;
    if (name in rows) record(rows[name], { ours: rate(ours), peer: rate(of) });
    console.log(`| ${name} | ${shown} | ${ratio} | ${of.processorMicroseconds.toFixed(1)} µs |`);
  }
}

if (!await hasWrk()) {
  console.log("Skipped: there is no wrk (Debian: apt-get install wrk).");
  Deno.exit(0);
}

const directory = await Deno.makeTempDir();
const running: Running[] = [];
/** Remembers what is to be stopped. */
async function start<Server extends Running | null>(starting: Promise<Server>): Promise<Server> {
  const server = await starting;
  if (server !== null) running.push(server);
  return server;
}

try {
  for (const name of ["ours", "ours-tls", "deno", "nginx", "nginx-tls", "images"]) {
    await Deno.mkdir(join(directory, name));
  }
  const images = join(directory, "images");
  const picture = join(images, "picture.jpg");
  await Deno.writeFile(picture, crypto.getRandomValues(new Uint8Array(1000)));
  await Deno.truncate(picture, PICTURE_BYTES);
  await Deno.writeFile(join(images, "large.jpg"), new Uint8Array(LARGE_BYTES).fill(7));

  const ours = await start(startOurs(join(directory, "ours"), images));
  const denoServe = await start(startDenoServe(join(directory, "deno"), picture));
  const nginx = await start(startNginx(join(directory, "nginx"), images));
  if (nginx === null) console.log("nginx is left out: it is not installed.");

  const check: Load = {
    method: "HEAD",
    target: "/images",
    fields: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "alice" }),
    connections: 64,
  };
  const floor = await start(startFloor(0));
  await table(
    "`HEAD /images` with a live key and a JSON body, 64 connections",
    [
      { name: FLOOR, server: floor, load: check },
      {
        name: "`Deno.serve`, the cookie alone",
        server: denoServe,
        load: withKey(denoServe, check),
      },
      { name: "this server", server: ours, load: withKey(ours, check) },
    ],
    "requests",
    { [FLOOR]: "key check floor" },
  );

  const get: Load = { method: "GET", target: "/images?url=picture.jpg", connections: 64 };
  const pictureFloor = await start(startFloor(PICTURE_BYTES));
  const entries: Entry[] = [
    { name: FLOOR, server: pictureFloor, load: get },
    { name: DENO_SERVE, server: denoServe, load: withKey(denoServe, get) },
    { name: "this server", server: ours, load: withKey(ours, get) },
  ];
  if (nginx !== null) {
    const load = { ...get, target: "/picture.jpg" };
    entries.push({ name: NGINX, server: nginx, load });
  }
  await table("`GET /images` of 86 KB, 64 connections", entries, "requests", {
    [NGINX]: "image nginx",
    [DENO_SERVE]: "image Deno.serve",
  });

  const large: Load = {
    method: "GET",
    target: "/images?url=large.jpg",
    connections: 4,
    leastSeconds: 6,
  };
  const largeEntries: Entry[] = [{ name: "this server", server: ours, load: withKey(ours, large) }];
  if (nginx !== null) {
    const load = { ...large, target: "/large.jpg" };
    largeEntries.push({ name: NGINX, server: nginx, load });
  }
  const before = residentBytes(ours.pid);
  await table("`GET` of 256 MB, 4 connections", largeEntries, "bytes", {
    [NGINX]: "large image nginx",
  });
  const grown = (residentBytes(ours.pid) - before) / 2 ** 20;
  console.log(`\nResident memory of this server grew by ${grown.toFixed(1)} MB meanwhile.`);

  const tls = await makeTlsFiles(directory);
  if (tls === null) console.log("TLS is left out: there is no OpenSSL to make a certificate with.");
  else {
    const options = ["--tls-cert", tls.certFile, "--tls-key", tls.keyFile];
    const secure = await start(startOurs(join(directory, "ours-tls"), images, ...options));
    const other = await start(startNginx(join(directory, "nginx-tls"), images, tls));
    const entry = (load: Load): Entry => ({
      name: "this server",
      server: secure,
      load: { ...withKey(secure, load), tls: true },
    });
    await table("TLS: `HEAD /images` with a live key", [entry(check)], "requests");
    const beside = (target: string, load: Load): Entry[] =>
      other === null ? [] : [{
        name: "nginx, one worker, no key",
        server: other,
        load: { ...load, target, tls: true },
      }];
    await table(
      "TLS: `GET /images` of 86 KB, 64 connections",
      [entry(get), ...beside("/picture.jpg", get)],
      "requests",
    );
    await table(
      "TLS: `GET` of 256 MB, 4 connections",
      [entry(large), ...beside("/large.jpg", large)],
      "bytes",
    );
  }
} finally {
  for (const server of running) await server.stop();
  await Deno.remove(directory, { recursive: true });
}
