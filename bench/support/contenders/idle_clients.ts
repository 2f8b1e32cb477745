/**
 * Opens connections, sends one request on each, and keeps them. Then measures how long a new
 * request takes. A process of its own, so that its descriptors and its memory are its own.
 *
 *     deno run -A bench/support/contenders/idle_clients.ts <port> <connections> <key> [<certificate for TLS>]
 *
 * Says `{"open": …}` once all are open and have a response, waits for a line, says `{"median": …}`
 * in milliseconds.
 */
const [port, connections] = [Number(Deno.args[0]), Number(Deno.args[1])];
const request = new TextEncoder().encode(
  `HEAD /images HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: key=${Deno.args[2]}\r\n\r\n`,
);
const PROBES = 300;
/** Opened at a time: fewer than the queue of a listening socket holds. */
const TOGETHER = 100;

const buffer = new Uint8Array(1024);

const caCerts = Deno.args[3] === undefined ? null : [Deno.readTextFileSync(Deno.args[3])];

async function openOne(): Promise<Deno.Conn> {
  const conn = caCerts === null
    ? await Deno.connect({ hostname: "127.0.0.1", port })
    : await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts });
  await conn.write(request);
  if (await conn.read(buffer) === null) throw new Error("closed instead of a response");
  return conn;
}

const open: Deno.Conn[] = [];
while (open.length < connections) {
  const count = Math.min(TOGETHER, connections - open.length);
  open.push(...await Promise.all(Array.from({ length: count }, openOne)));
}
console.log(JSON.stringify({ open: open.length }));
await Deno.stdin.read(new Uint8Array(1));

const times: number[] = [];
for (let probe = 0; probe < PROBES; probe++) {
  const begun = performance.now();
  (await openOne()).close();
  times.push(performance.now() - begun);
}
console.log(JSON.stringify({ median: times.sort((a, b) => a - b)[PROBES / 2] }));
Deno.exit(0);
