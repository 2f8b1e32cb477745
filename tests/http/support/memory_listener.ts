/** A listener in memory. */
import type { AcceptedStream, StreamListener } from "../../../lib/http/mod.ts";
import { type MemoryStream, streamPair } from "./memory_stream.ts";

/** A listener without a socket: a test connects from whatever address it likes. */
export class MemoryListener implements StreamListener {
  #waiting: AcceptedStream[] = [];
  #accepts: PromiseWithResolvers<AcceptedStream>[] = [];
  #faults: Error[] = [];
  #closed = false;

  accept(): Promise<AcceptedStream> {
    if (this.#closed) return Promise.reject(new Deno.errors.BadResource("closed"));
    const fault = this.#faults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    const stream = this.#waiting.shift();
    if (stream !== undefined) return Promise.resolve(stream);
    const accept = Promise.withResolvers<AcceptedStream>();
    this.#accepts.push(accept);
    return accept.promise;
  }

  close(): void {
    if (this.#closed) throw new Deno.errors.BadResource("closed twice");
    this.#closed = true;
    for (const accept of this.#accepts) accept.reject(new Deno.errors.BadResource("closed"));
  }

  /** The next calls of `accept` fail, one after the other. */
  failWith(...errors: Error[]): void {
    this.#faults.push(...errors);
    const accept = this.#accepts.shift();
    if (accept !== undefined) accept.reject(this.#faults.shift());
  }

  /** Connects; the other end is accepted by the server. */
  connect(hostname = "192.0.2.7", port = 50000, capacity = Infinity): MemoryStream {
    if (this.#closed) throw new Deno.errors.ConnectionRefused("closed");
    const [near, far] = streamPair(capacity);
    const accepted = Object.assign(far, {
      remoteAddr: { transport: "tcp", hostname, port } as Deno.NetAddr,
    });
    const accept = this.#accepts.shift();
    if (accept !== undefined) accept.resolve(accepted);
    else this.#waiting.push(accepted);
    return near;
  }
}
