/** Octets carried from one socket to another, both ways. */

/** A buffer's first size and its largest: it grows when a read fills it, and shrinks again. */
const LEAST_BYTES = 4 * 1024, MOST_BYTES = 64 * 1024;

/** How long the outer peer may take none of what is left for it after `end`, milliseconds. */
const STALL_MS = 30_000;

/** Carries octets between two sockets until both directions have ended, or either socket has failed. */
export class Relay {
  /** Resolves when nothing of it goes on any more. */
  readonly finished: Promise<unknown>;
  /** The address of the outer peer. */
  readonly remoteAddr: Deno.Addr;
  /** Whether both sockets are closed. */
  isOver = false;

  #outside: Deno.TcpConn;
  #inside: Deno.TcpConn;
  /** Octets that the outer peer has been sent, to see whether it takes any. */
  #sent = 0;
  /** Whether it has been sent everything. */
  #isDelivered = false;
  #hasEnded = false;
  #patience: ReturnType<typeof setInterval> | undefined;
  #over: () => void;

  /**
   * @param outside comes from the peer
   * @param inside leads to where its octets go
   * @param over told once, when both are closed
   */
  constructor(outside: Deno.TcpConn, inside: Deno.TcpConn, over: (relay: Relay) => void) {
    this.remoteAddr = outside.remoteAddr;
    this.#outside = outside;
    this.#inside = inside;
    this.#over = () => over(this);
    const inward = this.#carry(outside, inside, () => {});
    const outward = this.#carry(inside, outside, (octets) => this.#sent += octets).then(() => {
      this.#isDelivered = true;
      if (this.#hasEnded) this.cut();
    });
    const both = [inward, outward];
    // Where one direction fails, the other has nobody to talk to.
    for (const direction of both) direction.catch(() => this.cut());
    this.finished = Promise.allSettled(both).then(() => this.cut());
  }

  /** The inner side is done: what it has sent is still delivered, as long as the peer takes some. */
  end(): void {
    if (this.isOver || this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#isDelivered) return this.cut();
    let sent = this.#sent;
    this.#patience = setInterval(() => {
      if (sent === this.#sent) this.cut();
      sent = this.#sent;
    }, STALL_MS);
  }

  /** Closes both sockets at once. */
  cut(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.#patience);
    this.#outside.close();
    this.#inside.close();
    this.#over();
  }

  async #carry(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    carried: (octets: number) => void,
  ): Promise<void> {
    to.setNoDelay(true);
    let buffer = new Uint8Array(LEAST_BYTES);
    for (let read; (read = await from.read(buffer)) !== null;) {
      for (let at = 0; at < read;) {
        const wrote = await to.write(buffer.subarray(at, read));
        carried(wrote);
        at += wrote;
      }
      const size = buffer.length;
      if (read === size && size < MOST_BYTES) buffer = new Uint8Array(2 * size);
      else if (read < size / 4 && size > LEAST_BYTES) buffer = new Uint8Array(LEAST_BYTES);
    }
    await to.closeWrite();
  }
}
