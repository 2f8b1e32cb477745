/**
 * The server that the command line names.
 */

/** A server. */
export interface ServerAddress {
  /** A domain in ASCII form, or an IPv4 or IPv6 address without brackets. */
  readonly hostname: string;
  /** The TCP port, 1–65535. */
  readonly port: number;
  /** Whether TLS is spoken. */
  readonly tls: boolean;
  /** Whether `hostname` is a domain rather than an address. */
  readonly isDomain: boolean;
  /**
   * The value of the `Host` field (RFC 9110 §7.2), without the default port.
   */
  readonly authority: string;
  /** The origin (RFC 6454 §6.2), e.g. `http://localhost:8080`: cookies are kept under it. */
  readonly origin: string;
}

/** Returns the server of these words, or null if `host` or `port` is invalid. */
export function serverAddress(host: string, port: string, tls: boolean): ServerAddress | null {
  if (!/^[0-9]{1,5}$/.test(port)) return null;
  const number = Number(port);
  if (number < 1 || number > 65535) return null;

  const literal = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  const isIpv6 = literal.includes(":");
  // A zone (`fe80::1%eth0`) means something on this machine alone: the socket needs it, the server
  // must not see it.
  const [address, zone] = isIpv6 ? literal.split("%", 2) as [string, string?] : [literal];
  const uriHost = hostOfUri(isIpv6 ? `[${address}]` : address);
  if (uriHost === null || (host !== literal && !isIpv6)) return null;

  const plain = uriHost.replace(/^\[|\]$/g, "");
  const scheme = tls ? "https" : "http";
  return {
    hostname: zone === undefined ? plain : `${plain}%${zone}`,
    port: number,
    tls,
    isDomain: !isIpv6 && !/^[0-9.]+$/.test(plain),
    authority: number === (tls ? 443 : 80) ? uriHost : `${uriHost}:${number}`,
    origin: `${scheme}://${uriHost}:${number}`,
  };
}

/** Returns the host as a URI writes it (lower case, IDNA, IPv6 in brackets), or null if invalid. */
function hostOfUri(host: string): string | null {
  if (host === "" || /[\s/?#@\\%]/.test(host)) return null;
  try {
    const url = new URL(`http://${host}/`);
    return url.port === "" && url.username === "" && url.pathname === "/" ? url.hostname : null;
  } catch {
    return null;
  }
}
