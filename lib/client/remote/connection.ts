/**
 * Opens the connection to the server: name, address, TCP, TLS. Each failure has its sentence.
 */
import type { ByteStream } from "../../http/mod.ts";
import { Failure } from "../failure.ts";
import { strip } from "../../text/printable.ts";
import type { ServerAddress } from "../server_address.ts";

/** Longest time to open a connection, TLS included, milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** How to connect. */
export interface ConnectOptions {
  /** The address to connect to instead of asking the resolver (`SERVER_IP`); for domains only. */
  readonly serverIp?: string;
  /** PEM certificates of authorities to trust beside the system's. */
  readonly caCerts?: string[];
  /** Replaces `CONNECT_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/**
 * Connects to the server.
 *
 * @throws {Failure} with the reason: unknown host, refused, unreachable, certificate, timeout
 */
export async function connect(
  server: ServerAddress,
  options: ConnectOptions = {},
): Promise<ByteStream> {
  const { serverIp, caCerts, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  const where = strip(server.authority);
  const hostname = server.isDomain && serverIp ? serverIp : server.hostname;
  let open: Deno.Conn | null = null;
  const opening = (async () => {
    const tcp = await Deno.connect({ hostname, port: server.port });
    open = tcp;
    tcp.setNoDelay(true);
    if (!server.tls) return tcp;
    const tls = await Deno.startTls(tcp, { hostname: server.hostname, caCerts });
    open = tls;
    await tls.handshake();
    return tls;
  })();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        open === null
          ? new Failure("CONNECT_TIMEOUT", (m) => m.connectTimeout(where, timeoutMs / 1000))
          : new Failure("TLS_FAILED", (m) => m.tlsFailed(where)),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([opening, timeout]);
  } catch (error) {
    const isOpen = open !== null;
    (open as Deno.Conn | null)?.close();
    // A connection that opens after the timeout is closed; its failure no longer matters.
    opening.then((conn) => conn.close()).catch(() => {});
    throw explain({ error, server, hostname, isOpen });
  } finally {
    clearTimeout(timer);
  }
}

/** Turns an error of the runtime into a failure. */
function explain(
  { error, server, hostname, isOpen }: {
    readonly error: unknown;
    readonly server: ServerAddress;
    /** The name or address that was connected to. */
    readonly hostname: string;
    /** Whether the TCP connection had been opened. */
    readonly isOpen: boolean;
  },
): Failure {
  const where = strip(server.authority);
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.ConnectionRefused) {
    return new Failure("CONNECTION_REFUSED", (m) => m.connectionRefused(where));
  }
  if (/certificate|UnknownIssuer|NotValidForName/i.test(text)) {
    return new Failure("TLS_CERTIFICATE", (m) => {
      if (/expired|NotValidYet|not valid yet/i.test(text)) return m.tlsCertificateTime(where);
      if (/NotValidForName|not valid for/i.test(text)) return m.tlsCertificateName(where);
      if (/CaUsedAsEndEntity/i.test(text)) return m.tlsCertificateKind(where);
      return m.tlsCertificate(where, strip(text, 120));
    });
  }
  // TCP was open, so what failed is TLS.
  if (isOpen && server.tls) {
    return new Failure("TLS_FAILED", (m) => m.tlsFailed(where));
  }
  if (/lookup|resolve|name or service|no address/i.test(text)) {
    return new Failure("UNKNOWN_HOST", (m) => m.unknownHost(strip(hostname)));
  }
  return new Failure("UNREACHABLE", (m) => m.unreachable(where));
}
