/** A TLS listener: TCP connections with TLS on top, one descriptor each. */
import type { SecureContext } from "node:tls";
import type { AcceptedStream, StreamListener } from "../../http/mod.ts";
import { TlsStream } from "./tls_stream.ts";

/**
 * Accepts TLS connections over TCP. `Deno.listen` accepts them: a listener of `node:net` or
 * `node:tls` stops for good when the process runs out of descriptors.
 */
export class TlsListener implements StreamListener {
  readonly #listener: Deno.TcpListener;
  readonly #credentials: { readonly context: SecureContext };

  /**
   * @param listener owned and closed by this listener
   * @param credentials read for each connection, so that its context may change
   */
  constructor(listener: Deno.TcpListener, credentials: { readonly context: SecureContext }) {
    this.#listener = listener;
    this.#credentials = credentials;
  }

  /** The address that it listens on. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Accepts a connection without waiting for its TLS handshake. */
  async accept(): Promise<AcceptedStream> {
    return new TlsStream(await this.#listener.accept(), this.#credentials.context);
  }

  /** Stops listening; accepted connections stay open. */
  close(): void {
    this.#listener.close();
  }
}
