/**
 * Load at a fixed rate that does not wait for responses ("open loop"): a request is due when it is
 * due, and its latency counts from then, even if the generator or the server was late. A closed
 * loop, which sends the next request after the last response, would leave out just the requests
 * that suffer.
 */

/** What to send, and how often. */
export interface OpenLoop {
  readonly port: number;
  readonly request: Uint8Array;
  readonly perSecond: number;
  readonly seconds: number;
}

/** Latencies in milliseconds, in ascending order. */
export async function openLoop(
  { port, request, perSecond, seconds }: OpenLoop,
): Promise<Float64Array> {
  const latencies = new Float64Array(perSecond * seconds);
  const idle: Deno.TcpConn[] = [];
  const all: Deno.TcpConn[] = [];
  let received = 0;
  const done = Promise.withResolvers<void>();

  /** Sends the request that was due at that time, and waits for its response. */
  async function send(due: number): Promise<void> {
    let conn = idle.pop();
    if (conn === undefined) {
      conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.setNoDelay(true);
      all.push(conn);
    }
    await conn.write(request);
    const buffer = new Uint8Array(1024);
    const read = await conn.read(buffer);
    if (read === null || buffer[9] !== 0x32) throw new Error("no response, or no success");
    latencies[received++] = performance.now() - due;
    idle.push(conn);
    if (received === latencies.length) done.resolve();
  }

  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(latencies.length, (performance.now() - begun) * perSecond / 1000);
    while (sent < due) send(begun + sent++ * 1000 / perSecond).catch(done.reject);
    if (sent === latencies.length) clearInterval(timer);
  }, 1);
  try {
    await done.promise;
  } finally {
    clearInterval(timer);
    for (const conn of all) conn.close();
  }
  return latencies.sort();
}

/** The latency that the given part of the requests stays below. */
export function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
