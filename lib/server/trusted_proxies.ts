/** What a proxy in front of the server says of its clients, believed only where the operator says so. */
import type { Request } from "../http/mod.ts";
import { parseAddress } from "../ip_address.ts";

/**
 * An address as a proxy writes it, with or without a port: `192.0.2.7:10000`, `[2001:db8::7]:55`.
 */
const HOP = /^(?:\[([^\]%]+)\](?::\d{1,5})?|([\d.]+)(?::\d{1,5})?|([0-9a-f:.]+))$/i;

/** The address of a hop, without its port; null where it is none: then a client made it up. */
function hopAddress(hop: string): string | null {
  const [, bracketed, ipv4, bare] = HOP.exec(hop) ?? [];
  const address = bracketed ?? ipv4 ?? bare;
  return address !== undefined && parseAddress(address) !== null ? address : null;
}

/** What all ways to write one address have in common. */
function addressKey(address: string): string {
  return parseAddress(address)?.join(".") ?? address;
}

/** The proxies in front of this server, by the addresses that they connect from. */
export class TrustedProxies {
  /** The addresses as they were given, and their keys. */
  readonly #addresses: ReadonlySet<string>;

  /** @param addresses e.g. `127.0.0.1`; none where clients connect directly */
  constructor(addresses: readonly string[]) {
    this.#addresses = new Set([...addresses, ...addresses.map(addressKey)]);
  }

  /** Whether this peer is one of them. */
  trusts(peer: string): boolean {
    if (this.#addresses.size === 0) return false;
    return this.#addresses.has(peer) || this.#addresses.has(addressKey(peer));
  }

  /**
   * The address that a request comes from: the peer's, or, where that is a trusted proxy, the last
   * address in `X-Forwarded-For` that is not. What stands further left is the client's own word.
   */
  clientOf(request: Request): string {
    let client = request.peer;
    if (!this.trusts(client)) return client;
    const hops = request.fields.get("x-forwarded-for")?.split(",") ?? [];
    while (this.trusts(client)) {
      const hop = hopAddress(hops.pop()?.trim() ?? "");
      if (hop === null) break;
      client = hop;
    }
    return client;
  }

  /** The host and port that the client asked for: `Host`, or what a trusted proxy says it was. */
  hostOf(request: Request): string | null {
    const forwarded = this.trusts(request.peer) ? request.fields.get("x-forwarded-host") : null;
    return forwarded?.split(",", 1)[0].trim() ?? request.fields.get("host");
  }

  /** Whether a trusted proxy says that its client came over TLS. */
  saysSecure(request: Request): boolean {
    return this.trusts(request.peer) &&
      request.fields.get("x-forwarded-proto")?.toLowerCase() === "https";
  }
}
