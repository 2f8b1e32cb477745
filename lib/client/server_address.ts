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

/**
 * Takes the server from the words of a command line: `<host> <port>`, `<host>:<port>` or a URL.
 *
 * @param words the words that are no options
 * @param tls whether TLS is asked for; a URL of the scheme https asks for it, too
 * @returns the server and the words behind it; null for the server if it is invalid, and for both
 * if words are missing
 */
export function takeServer(
  words: readonly string[],
  tls: boolean,
): { server: ServerAddress | null; named: string; rest: readonly string[] } | null {
  const [first, second] = words;
  if (first === undefined) return null;
  const rest = words.slice(1);
  const scheme = /^(https?):\/\//i.exec(first)?.[1].toLowerCase();
  if (scheme !== undefined) {
    const [, host, port] = /^\w+:\/\/(\[[^\]]*\]|[^:/?#]*)(?::([0-9]*))?\/?$/.exec(first) ?? [];
    const isTls = tls || scheme === "https";
    const server = serverAddress(host ?? "", port || (isTls ? "443" : "80"), isTls);
    return { server, named: first, rest };
  }
  const [, host, port] = /^(\[.*\]|[^:]*):([0-9]+)$/.exec(first) ?? [];
  if (port !== undefined) return { server: serverAddress(host, port, tls), named: first, rest };
  if (second === undefined) return null;
  const named = `${first} ${second}`;
  return { server: serverAddress(first, second, tls), named, rest: words.slice(2) };
}

/** Returns the host as a URI writes it (lower case, IDNA, IPv6 in brackets), or null if invalid. */
function hostOfUri(host: string): string | null {
  if (host === "" || /[\s/?#@\\%]/.test(host)) return null;
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return null;
  }
}
