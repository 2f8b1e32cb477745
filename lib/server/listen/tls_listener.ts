/** A TLS listener: TCP connections with TLS on top, one descriptor each. */
import type { SecureContext } from "node:tls";
import type { AcceptedStream, StreamListener } from "../../http/mod.ts";
import { TlsStream } from "./tls_stream.ts";

/**
 * Accepts TLS over TCP. Connections are accepted by `Deno.listen`: a listener of `node:net` or
 * `node:tls` stops for good when the process runs out of descriptors.
 */
export class TlsListener implements StreamListener {
  readonly #listener: Deno.TcpListener;
  readonly #credentials: { readonly context: SecureContext };

  /**
   * @param listener becomes this listener's to close
   * @param credentials asked for its context at each connection, so that it may change
   */
  constructor(listener: Deno.TcpListener, credentials: { readonly context: SecureContext }) {
    this.#listener = listener;
    this.#credentials = credentials;
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Accepts a connection, without waiting for its handshake. */
  async accept(): Promise<AcceptedStream> {
    return new TlsStream(await this.#listener.accept(), this.#credentials.context);
  }

  /** Stops listening; what was accepted stays open. */
  close(): void {
    this.#listener.close();
  }
}
