/**
 * `server --check`: asks a running server for its health, for containers without an HTTP client.
 */
import { connect as connectTls } from "node:tls";
import { type ByteStream, HttpClient } from "../http/mod.ts";
import { systemReason } from "./failure.ts";

/** How long the server may take to respond, milliseconds: less than container probes wait. */
const TIMEOUT_MS = 4000;

/** Most bytes of a response that are read. */
const MAX_TEXT_BYTES = 1024;

/** Which server to ask. */
export interface HealthCheckOptions {
  /** The address that the server listens on, or null for all. */
  readonly host: string | null;
  readonly port: number;
  /** Whether the server uses TLS. */
  readonly isTls: boolean;
}

/**
 * Asks a server for `/health`.
 *
 * @returns null if it is healthy, else a sentence that says what is wrong
 */
export async function checkHealth(
  { host, port, isTls }: HealthCheckOptions,
): Promise<string | null> {
  const hostname = reachable(host);
  const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const where = `The server at ${authority}`;
  const limits = { responseTimeoutMs: TIMEOUT_MS, readTimeoutMs: TIMEOUT_MS };
  const connect = () => isTls ? openTls(hostname, port) : Deno.connect({ hostname, port });
  const http = new HttpClient({ connect, host: authority, limits });
  try {
    const response = await within(TIMEOUT_MS, http.request({ method: "GET", target: "/health" }));
    if (response.status === 200) return null;
    const text = await response.text(MAX_TEXT_BYTES).catch(() => "");
    return `${where} responds with ${response.status} ${/^[A-Z_]+$/.test(text) ? text : ""}`
      .trimEnd() +
      ".";
  } catch (error) {
    return `${where} does not respond: ${systemReason(error)}.`;
  } finally {
    http.close();
  }
}

/** Returns an address at which a server that listens on `host` can be reached from its machine. */
function reachable(host: string | null): string {
  if (host === null || host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no response within ${milliseconds / 1000} s`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Opens a TLS connection without verifying the certificate: it names the server's public host, not
 * this address, and the request holds no secret.
 */
function openTls(host: string, port: number): Promise<ByteStream> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false }, () => {
      const chunks = socket[Symbol.asyncIterator]();
      let chunk = new Uint8Array(0);
      resolve({
        async read(into) {
          if (chunk.length === 0) chunk = (await chunks.next()).value ?? chunk;
          const part = chunk.subarray(0, into.length);
          into.set(part);
          chunk = chunk.subarray(part.length);
          // Nothing more comes after the end.
          return part.length || null;
        },
        write: (bytes) =>
          new Promise((resolve, reject) => {
            socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
          }),
        closeWrite: () => new Promise((resolve) => socket.end(resolve)),
        close: () => socket.destroy(),
      });
    });
    socket.on("error", reject);
  });
}
