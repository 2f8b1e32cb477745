/** A TLS listener whose connections can be cut. */
import type { AcceptedStream, StreamListener } from "../http/server.ts";
import { Relay } from "./relay.ts";

/** Where to listen, and with which certificate chain and private key, both PEM. */
export interface TlsListenOptions {
  readonly hostname: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

/** Connections that were closed and are still sending what was written; above, the oldest is cut. */
const CLOSING_AT_ONCE = 256;

/**
 * Accepts TLS over TCP.
 *
 * A connection of the runtime's own TLS listener cannot be cut: closing it waits, without a limit, for
 * the handshake to end and for the peer to take what was written, and keeps its socket until then. Peers
 * that open connections and say nothing would hold descriptor after descriptor, beyond every limit. So the
 * peer's socket stays plain and in this program's hands. Its octets are relayed to a TLS listener on
 * loopback that serves nobody else; when the plain sockets are closed, TLS ends with them.
 */
export class TlsListener implements StreamListener {
  #outside: Deno.TcpListener;
  #inside: Deno.TlsListener;
  #relays = new Set<Relay>();
  /** Of connections that were closed, the oldest first. */
  #closing = new Set<Relay>();

  /** @throws what `Deno.listen` and `Deno.listenTls` throw; those of the second have no `code` */
  constructor({ hostname, port, cert, key }: TlsListenOptions) {
    this.#inside = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert,
      key,
      alpnProtocols: ["http/1.1"],
    });
    try {
      this.#outside = Deno.listen({ hostname, port });
    } catch (error) {
      this.#inside.close();
      throw error;
    }
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    return this.#outside.addr;
  }

  /** How many peers' sockets are open, whatever became of their connections. */
  get open(): number {
    return this.#relays.size;
  }

  async accept(): Promise<AcceptedStream> {
    const outside = await this.#outside.accept();
    let inside: Deno.TcpConn | null = null;
    try {
      const { hostname, port } = this.#inside.addr;
      inside = await Deno.connect({ hostname, port });
      const tls = await this.#acceptFrom(inside.localAddr.port);
      const relay = new Relay(outside, inside, (relay) => {
        this.#relays.delete(relay);
        this.#closing.delete(relay);
      });
      this.#relays.add(relay);
      return new TlsConnection(tls, relay, () => this.#finish(relay));
    } catch (error) {
      outside.close();
      inside?.close();
      throw error;
    }
  }

  close(): void {
    this.#outside.close();
    this.#inside.close();
  }

  /** Closes what is open, and resolves when nothing goes on any more. */
  async cut(): Promise<void> {
    const relays = [...this.#relays];
    for (const relay of relays) relay.cut();
    await Promise.all(relays.map((relay) => relay.finished));
  }

  /** Lets one deliver what it was given, as the system does for a closed socket. */
  #finish(relay: Relay): void {
    relay.end();
    if (relay.isOver) return;
    this.#closing.add(relay);
    if (this.#closing.size <= CLOSING_AT_ONCE) return;
    for (const oldest of this.#closing) return oldest.cut();
  }

  /** The connection that was opened here. Another program's is closed: it has no business here. */
  async #acceptFrom(port: number): Promise<Deno.TlsConn> {
    for (;;) {
      const tls = await this.#inside.accept();
      if (tls.remoteAddr.port === port) return tls;
      tls.close();
    }
  }
}

/** One connection: TLS inside, the relay's plain sockets outside. */
class TlsConnection implements AcceptedStream {
  readonly remoteAddr: Deno.Addr;

  #tls: Deno.TlsConn;
  #relay: Relay;
  #finish: () => void;
  /** Whether TLS has something in hand that only the peer can finish: the handshake, at first. */
  #waiting = true;
  #closed = false;

  /** @param finish has the relay deliver what it was given, and then end */
  constructor(tls: Deno.TlsConn, relay: Relay, finish: () => void) {
    this.remoteAddr = relay.remoteAddr;
    this.#tls = tls;
    this.#relay = relay;
    this.#finish = finish;
  }

  handshake(): Promise<unknown> {
    return this.#wait(this.#tls.handshake());
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#tls.read(into);
  }

  write(octets: Uint8Array): Promise<number> {
    return this.#wait(this.#tls.write(octets));
  }

  closeWrite(): Promise<void> {
    return this.#wait(this.#tls.closeWrite());
  }

  /** At once where the peer holds something up; else when it has what was written, as TCP would. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tls.close();
    if (this.#waiting) this.#relay.cut();
    else this.#finish();
  }

  async #wait<T>(pending: Promise<T>): Promise<T> {
    this.#waiting = true;
    try {
      return await pending;
    } finally {
      this.#waiting = false;
    }
  }
}
