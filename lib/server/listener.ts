/** The listening socket, plain or TLS. */
import { StartError, systemReason } from "./failure.ts";
import type { ServeOptions } from "./options.ts";
import { TlsListener } from "./tls_listener.ts";

/** What accepts connections. */
export type ServerListener = Deno.TcpListener | TlsListener;

/** The certificate chain and its private key, PEM. */
interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * Opens the socket that the options ask for: without a host, on every interface, IPv6 and IPv4 through
 * one socket, or IPv4 alone where the system has no IPv6.
 *
 * @throws StartError where the port is taken or not permitted, or the TLS files do not serve
 */
export function openListener({ host, port, tls }: ServeOptions): ServerListener {
  const files = tls === null ? null : {
    cert: readPem(tls.certFile),
    key: readPem(tls.keyFile),
  };
  try {
    if (host !== null) return listen(host, port, files);
    // A socket on :: accepts IPv4 too, except on Windows, where the two are apart by default.
    if (Deno.build.os === "windows") return listen("0.0.0.0", port, files);
    try {
      return listen("::", port, files);
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse || error instanceof StartError) throw error;
      return listen("0.0.0.0", port, files);
    }
  } catch (error) {
    throw startError(error, host, port);
  }
}

/** The port that a listener really has. */
export function listenerPort(listener: ServerListener): number {
  return (listener.addr as Deno.NetAddr).port;
}

function readPem(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new StartError(`The TLS file ${path} cannot be read: ${systemReason(error)}.`);
  }
}

function listen(hostname: string, port: number, files: TlsFiles | null): ServerListener {
  if (files === null) return Deno.listen({ hostname, port });
  try {
    return new TlsListener({ hostname, port, ...files });
  } catch (error) {
    // What the socket refuses has a code; what the certificate or the key lacks has none.
    if ((error as { code?: string }).code !== undefined) throw error;
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new StartError(
      `The certificate and key of --tls-cert and --tls-key cannot be used: ${systemReason(error)}.`,
    );
  }
}

function startError(error: unknown, host: string | null, port: number): unknown {
  if (error instanceof StartError) return error;
  const where = host === null ? `port ${port}` : `${host} port ${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new StartError(`Another program already listens on ${where}.`);
  }
  if (
    error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable
  ) {
    return new StartError(`Listening on ${where} is not permitted.`);
  }
  return new StartError(`Listening on ${where} is not possible: ${systemReason(error)}.`);
}
