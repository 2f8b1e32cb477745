/** A server that says who asked for what: `deno run -A lib/http/examples/server.ts 8000` */
import { serve } from "../mod.ts";

const listener = Deno.listen({ port: Number(Deno.args[0] ?? 8000) });
const server = serve(listener, (request) => ({
  status: 200,
  fields: [["Content-Type", "text/plain; charset=utf-8"]],
  body: `${request.peer} sent ${request.method} ${request.path}\n`,
}));
console.log(`http://localhost:${listener.addr.port}/`);

// Requests in flight get their responses, within five seconds.
Deno.addSignalListener("SIGINT", () => server.shutdown(5_000));
await server.finished;
