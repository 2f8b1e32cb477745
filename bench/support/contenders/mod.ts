/** Starts and stops the servers that are measured against each other. */
import { join } from "@std/path";
import { HttpClient } from "../../../lib/http/mod.ts";

/** A server that is running. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  /** The value of a cookie `key` that it accepts; empty where it asks for none. */
  readonly key: string;
  stop(): Promise<void>;
}

const here = (path: string) => new URL(path, import.meta.url).pathname;

/** Descriptors that a server may open: more than any measurement uses. */
const DESCRIPTORS = 20_000;

/** Starts a program in its own process, with room for many connections. */
function spawn(program: string, args: string[], stdout: "piped" | "null"): Deno.ChildProcess {
  const script = `ulimit -n ${DESCRIPTORS} 2>/dev/null; exec "$0" "$@"`;
  return new Deno.Command("sh", {
    args: ["-c", script, program, ...args],
    stdout,
    stderr: "inherit",
  }).spawn();
}

/** A certificate for localhost and its key, PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a certificate with OpenSSL; returns null if OpenSSL is not installed. */
export async function makeTlsFiles(directory: string): Promise<TlsFiles | null> {
  const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const line = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 " +
    "-subj /CN=localhost -addext basicConstraints=critical,CA:FALSE " +
    "-addext subjectAltName=DNS:localhost,IP:127.0.0.1";
  const args = [...line.split(" "), "-out", certFile, "-keyout", keyFile];
  try {
    const { success } = await new Deno.Command("openssl", { args, stderr: "null" }).output();
    return success ? { certFile, keyFile } : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Reads what a program says until it matches. */
async function firstMatch(child: Deno.ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the server has ended: ${text}`);
    text += value;
    const match = pattern.exec(text);
    if (match === null) continue;
    reader.releaseLock();
    return match;
  }
}

async function stop(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGINT");
  // A reader of its output may have been left behind, and the status comes all the same.
  await child.status;
}

/** A program that says `{"port": …, "key": …}` once it listens. */
async function startProgram(file: string, ...args: string[]): Promise<Running> {
  const child = spawn(Deno.execPath(), ["run", "-A", here(file), ...args], "piped");
  const [line] = await firstMatch(child, /^\{.*\}$/m);
  const { port, key = "" } = JSON.parse(line);
  return { port, key, pid: child.pid, stop: () => stop(child) };
}

/** The bare loop; see `floor.ts`. */
export function startFloor(contentBytes: number): Promise<Running> {
  return startProgram("./floor.ts", String(contentBytes));
}

/** `Deno.serve`; see `deno_serve.ts`. */
export function startDenoServe(directory: string, picture: string): Promise<Running> {
  return startProgram("./deno_serve.ts", directory, picture);
}

/**
 * This project's server with its log on, as a user starts it.
 *
 * @param images the images directory
 */
export async function startOurs(
  directory: string,
  images: string,
  ...options: string[]
): Promise<Running> {
  const args = ["run", "-A", here("../../../server.ts"), "0", "--host", "127.0.0.1", "--quiet"];
  args.push("--data", directory, "--images", images, ...options);
  const child = spawn(Deno.execPath(), args, "piped");
  const [, port] = await firstMatch(child, /^Server started at (\d+)$/m);
  const at = options.indexOf("--tls-cert");
  const key = await obtainKey(Number(port), at < 0 ? null : options[at + 1]);
  return { port: Number(port), key, pid: child.pid, stop: () => stop(child) };
}

/** Registers, logs in and raises the privilege, as a client does. */
async function obtainKey(port: number, certFile: string | null): Promise<string> {
  const caCerts = certFile === null ? null : [await Deno.readTextFile(certFile)];
  const client = new HttpClient({
    connect: () =>
      caCerts === null
        ? Deno.connect({ hostname: "127.0.0.1", port })
        : Deno.connectTls({ hostname: "127.0.0.1", port, caCerts }),
    host: `127.0.0.1:${port}`,
  });
  let cookie = "";
  for (const target of ["/register", "/login", "/privilege"]) {
    const response = await client.request({
      method: "POST",
      target,
      fields: cookie === "" ? [] : [["Cookie", cookie]],
      body: JSON.stringify({ username: "alice", password: "password" }),
    });
    await response.text(1000);
    cookie = /^[^;]+/.exec(response.fields.get("set-cookie") ?? "")?.[0] ?? cookie;
  }
  client.close();
  return cookie.replace(/^key=/, "");
}

/**
 * nginx with one worker and its access log, serving the files of a directory; null where there is
 * none.
 *
 * @param tls what to serve TLS with; null for plain HTTP
 */
export async function startNginx(
  directory: string,
  files: string,
  tls: TlsFiles | null = null,
): Promise<Running | null> {
  const port = freePort();
  const path = (name: string) => join(directory, name);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${path(kind)};`).join(" ");
  // As root, its worker would become somebody who may not read a temporary directory.
  const user = Deno.uid() === 0 ? "user root;" : "";
  await Deno.writeTextFile(
    path("nginx.conf"),
    `${user} worker_processes 1; daemon off; pid ${path("nginx.pid")}; error_log ${
      path("error.log")
    };
    worker_rlimit_nofile ${DESCRIPTORS};
    events { worker_connections 20000; }
    http {
      ${temporary} access_log ${path("access.log")}; default_type image/jpeg;
      sendfile on; keepalive_requests 1000000000;
      server { listen 127.0.0.1:${port}${
      tls === null
        ? ""
        : ` ssl; ssl_certificate ${tls.certFile}; ssl_certificate_key ${tls.keyFile}`
    }; root ${files}; }
    }`,
  );
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("nginx", {
      args: ["-e", path("error.log"), "-c", path("nginx.conf")],
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  for (let tries = 0;; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { port, key: "", pid: child.pid, stop: () => stop(child) };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
