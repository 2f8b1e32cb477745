/** Reads what a proxy says about its clients, if the operator trusts the proxy. */
import type { Request } from "../http/mod.ts";
import { parseAddress } from "../text/ip_address.ts";

/**
 * Matches an address as proxies write it, with or without a port: `192.0.2.7:10000`,
 * `[2001:db8::7]:55`.
 */
const HOP = /^(?:\[([^\]%]+)\](?::\d{1,5})?|([\d.]+)(?::\d{1,5})?|([0-9a-f:.]+))$/i;

/** Returns the address of a hop without its port, or null if it is not one: a client made it up. */
function hopAddress(hop: string): string | null {
  const [, bracketed, ipv4, bare] = HOP.exec(hop) ?? [];
  const address = bracketed ?? ipv4 ?? bare;
  return address !== undefined && parseAddress(address) !== null ? address : null;
}

/** Returns the same key for every spelling of an address. */
function addressKey(address: string): string {
  return parseAddress(address)?.join(".") ?? address;
}

/** The trusted proxies, by the addresses that they connect from. */
export class TrustedProxies {
  /** The addresses as given, and their keys. */
  readonly #addresses: ReadonlySet<string>;

  /** @param addresses e.g. `127.0.0.1`; empty if clients connect directly */
  constructor(addresses: readonly string[]) {
    this.#addresses = new Set([...addresses, ...addresses.map(addressKey)]);
  }

  /** Returns whether the peer is a trusted proxy. */
  trusts(peer: string): boolean {
    if (this.#addresses.size === 0) return false;
    return this.#addresses.has(peer) || this.#addresses.has(addressKey(peer));
  }

  /**
   * Returns the address that a request comes from: the peer's or, if that is a trusted proxy, the
   * last address in `X-Forwarded-For` that is not a trusted proxy. Addresses further left may be
   * forged.
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

  /**
   * Returns the host and port that the client requested: from a trusted proxy, `X-Forwarded-Host`.
   */
  hostOf(request: Request): string | null {
    const forwarded = this.trusts(request.peer) ? request.fields.get("x-forwarded-host") : null;
    return forwarded?.split(",", 1)[0].trim() ?? request.fields.get("host");
  }

  /** Returns whether a trusted proxy says that its client uses TLS. */
  saysSecure(request: Request): boolean {
    return this.trusts(request.peer) &&
      request.fields.get("x-forwarded-proto")?.toLowerCase() === "https";
  }
}
