/** A way to a server over a long and narrow line, in this process. */

/** What a line is like. */
export interface LinkShape {
  /** From one end to the other and back, milliseconds. */
  readonly roundTripMs: number;
  /** Towards the client, of all connections together. */
  readonly bytesPerSecond: number;
}

/** Bytes that go out at a time: what a line at a megabyte a second takes in 4 ms. */
const PIECE = 4096;

/** Opens a port that leads to another one of this machine over such a line. */
export function slowLink(port: number, { roundTripMs, bytesPerSecond }: LinkShape): {
  readonly port: number;
  close(): void;
} {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  /** When the line is free for the next piece, milliseconds. */
  let freeAt = 0;
  const until = (time: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));

  /** Carries what comes from one end to the other, late; pieces overtake nothing. */
  const carry = async (from: Deno.TcpConn, to: Deno.TcpConn, isNarrow: boolean) => {
    let last: Promise<unknown> = Promise.resolve();
    const buffer = new Uint8Array(PIECE);
    for (let count; (count = await from.read(buffer)) !== null;) {
      const piece = buffer.slice(0, count);
      let due = performance.now() + roundTripMs / 2;
      if (isNarrow) {
        freeAt = Math.max(freeAt, performance.now()) + 1000 * count / bytesPerSecond;
        due = freeAt + roundTripMs / 2;
        await until(freeAt);
      }
      last = last.then(() => until(due)).then(async () => {
        for (let at = 0; at < piece.length;) at += await to.write(piece.subarray(at));
      });
      last.catch(() => {});
    }
    await last.catch(() => {});
    await to.closeWrite();
  };

  const serve = async (client: Deno.TcpConn) => {
    // The handshake takes a round trip, too.
    await until(performance.now() + roundTripMs);
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    await Promise.allSettled([carry(client, server, false), carry(server, client, true)]);
    for (const end of [client, server]) end.close();
  };
  (async () => {
    for await (const client of listener) serve(client).catch(() => {});
  })();
  return { port: listener.addr.port, close: () => listener.close() };
}
