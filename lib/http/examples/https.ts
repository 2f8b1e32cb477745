/** A server over TLS: `deno run -A lib/http/examples/https.ts CERT.pem KEY.pem 8443` */
import { serve } from "../mod.ts";

const [certificate, key, port = "8443"] = Deno.args;
const listener = Deno.listenTls({
  port: Number(port),
  cert: Deno.readTextFileSync(certificate),
  key: Deno.readTextFileSync(key),
  alpnProtocols: ["http/1.1"],
});
console.log(`https://localhost:${listener.addr.port}/`);
await serve(listener, () => ({ status: 200, body: "This came over TLS\n" })).finished;
