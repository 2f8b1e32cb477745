/** What a proxy in front of the server says of its clients, believed only where the operator says so. */
import type { Request } from "../http/message.ts";

/** An address as a proxy writes it; whatever else is there was made up by a client. */
const ADDRESS = /^[0-9a-fA-F:.]{2,45}$/;

/** The proxies in front of this server, by the addresses that they connect from. */
export class TrustedProxies {
  readonly #addresses: ReadonlySet<string>;

  /** @param addresses e.g. `127.0.0.1`; none where clients connect directly */
  constructor(addresses: readonly string[]) {
    this.#addresses = new Set(addresses);
  }

  /** Whether this peer is one of them. */
  trusts(peer: string): boolean {
    return this.#addresses.has(peer);
  }

  /**
   * The address that a request comes from: the peer's, or, where that is a trusted proxy, the last
   * address in `X-Forwarded-For` that is not. What stands further left is the client's own word.
   */
  clientOf(request: Request): string {
    let client = request.peer;
    if (!this.#addresses.has(client)) return client;
    const hops = request.fields.get("x-forwarded-for")?.split(",") ?? [];
    while (this.#addresses.has(client)) {
      const hop = hops.pop()?.trim();
      if (hop === undefined || !ADDRESS.test(hop)) break;
      client = hop;
    }
    return client;
  }

  /** The host and port that the client asked for: `Host`, or what a trusted proxy says it was. */
  hostOf(request: Request): string | null {
    const forwarded = this.#addresses.has(request.peer)
      ? request.fields.get("x-forwarded-host")
      : null;
    return forwarded?.split(",", 1)[0].trim() ?? request.fields.get("host");
  }

  /** Whether a trusted proxy says that its client came over TLS. */
  saysSecure(request: Request): boolean {
    return this.#addresses.has(request.peer) &&
      request.fields.get("x-forwarded-proto")?.toLowerCase() === "https";
  }
}
