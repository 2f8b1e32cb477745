/** Fetches a URL and prints it: `deno run -A lib/http/examples/client.ts http://localhost:8000/` */
import { HttpClient } from "../mod.ts";

const url = new URL(Deno.args[0] ?? "http://localhost:8000/");
const client = new HttpClient({
  connect: () => Deno.connect({ hostname: url.hostname, port: Number(url.port || 80) }),
  host: url.host,
});
const response = await client.request({ method: "GET", target: url.pathname + url.search });
console.log(response.status, response.reason);
for (const [name, value] of response.fields) console.log(`${name}: ${value}`);

// Reads the content piece by piece, so that its size does not matter.
const piece = new Uint8Array(64 * 1024);
for (let read; (read = await response.read(piece)) !== null;) {
  await Deno.stdout.write(piece.subarray(0, read));
}
client.close();
