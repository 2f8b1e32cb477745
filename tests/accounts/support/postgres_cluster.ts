/**
 * A private PostgreSQL for the tests: made in a temporary directory by the programs that Debian
 * installs, listening on a free port of the loopback, gone afterwards.
 */
import { join } from "@std/path";

/** A running cluster. */
export interface Cluster {
  /** Empties the database and returns its `postgres://` URL. */
  database(): Promise<string>;
  /** Ends every connection and the server, as in a crash of its machine. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Runs a statement on the database of `url`; the rows, as `psql` prints them. */
  query(url: string, statement: string): Promise<string>;
  /**
   * Stops it and removes its directory; needs no event loop, so that it can be called as the
   * program ends.
   */
  remove(): void;
}

/** The password of the cluster's user: tests make sure that it is never shown. */
export const CLUSTER_PASSWORD = "not-to-be-shown";

/** Where the programs of the newest installed PostgreSQL are, or null where there is none. */
export function findPostgres(): string | null {
  const root = "/usr/lib/postgresql";
  try {
    const versions = [...Deno.readDirSync(root)].map(({ name }) => name)
      .sort((a, b) => Number(b) - Number(a));
    for (const version of versions) {
      const programs = join(root, version, "bin");
      if (exists(join(programs, "initdb")) && exists(join(programs, "postgres"))) return programs;
    }
  } catch {
    // Not a Debian, or none installed.
  }
  return null;
}

let shared: Promise<Cluster> | null = null;

/**
 * Returns the cluster of this isolate's test files, running: made for the first that asks, and
 * removed when the isolate ends. Who stops it starts it again.
 */
export function useCluster(programs: string): Promise<Cluster> {
  return shared ??= (async () => {
    const cluster = await startCluster(programs);
    globalThis.addEventListener("unload", () => cluster.remove());
    return cluster;
  })();
}

/** Makes and starts a cluster. */
export async function startCluster(programs: string): Promise<Cluster> {
  const root = Deno.uid() === 0;
  // PostgreSQL refuses to run as root; Debian's package makes this user.
  const as = root ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  const directory = await Deno.makeTempDir({ prefix: "cluster-" });
  const data = join(directory, "data");
  const passwordFile = join(directory, "password");
  await Deno.writeTextFile(passwordFile, CLUSTER_PASSWORD);
  if (root) await run(["chown", "-R", "postgres", directory]);
  await run([
    ...as,
    join(programs, "initdb"),
    ...["--pgdata", data, "--username", "server", "--pwfile", passwordFile],
    ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
    ...["--wal-segsize", "1"],
  ]);
  const port = freePort();
  const base = `postgres://server:${CLUSTER_PASSWORD}@127.0.0.1:${port}`;
  let server: Deno.ChildProcess | null = null;
  let hasDatabase = false;

  const cluster: Cluster = {
    async database() {
      const url = `${base}/test`;
      // To make another database costs ten times as much as to empty this one.
      if (hasDatabase) await cluster.query(url, "drop schema public cascade; create schema public");
      else await cluster.query(`${base}/postgres`, "create database test");
      hasDatabase = true;
      return url;
    },
    async query(url, statement) {
      return await run([
        join(programs, "psql"),
        "-XAtq",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        url,
        "-c",
        statement,
      ]);
    },
    async stop() {
      server?.kill("SIGQUIT");
      await server?.status;
      server = null;
    },
    async start() {
      if (server !== null) return;
      const [program, ...args] = [...as, join(programs, "postgres"), "-D", data, "-p", `${port}`];
      const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${directory}`];
      settings.push("fsync=off", "max_connections=100", "shared_buffers=16MB");
      server = new Deno.Command(program, {
        args: [...args, ...settings.flatMap((setting) => ["-c", setting])],
        stdin: "null",
        stdout: "null",
        stderr: "piped",
        cwd: directory,
      }).spawn();
      await waitForLine(server.stderr, "ready to accept connections");
    },
    remove() {
      server?.kill("SIGQUIT");
      for (let attempt = 0; exists(join(data, "postmaster.pid")) && attempt < 200; attempt++) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
      Deno.removeSync(directory, { recursive: true });
    },
  };
  await cluster.start();
  return cluster;
}

/**
 * Reads until `text` comes, then goes on reading in the background so that the writer never blocks.
 */
async function waitForLine(stream: ReadableStream<Uint8Array>, text: string): Promise<void> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`PostgreSQL did not start: ${seen}`);
    seen += value;
  }
  (async () => {
    while (!(await reader.read()).done);
  })();
}

async function run([program, ...args]: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd: "/" }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) throw new Error(`${program}: ${text(stderr)}`);
  return text(stdout);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
