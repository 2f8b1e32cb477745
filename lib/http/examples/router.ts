/** A server with routes: `deno run -A lib/http/examples/router.ts 8000` */
import { type Handler, HttpError, type Request, serve } from "../mod.ts";

type Methods = Partial<Record<string, Handler>>;

const routes = new Map<string, Methods>([
  ["/", { GET: () => ({ status: 200, body: "Try /hello?name=you, or POST /echo\n" }) }],
  ["/hello", {
    GET: ({ query }) => ({ status: 200, body: `Hello ${query.get("name") ?? "stranger"}\n` }),
  }],
  ["/echo", { POST: ({ text }) => ({ status: 200, body: text }) }],
]);

function route(request: Request) {
  const methods = routes.get(request.path);
  if (methods === undefined) throw new HttpError(404, "Page not found");
  // The engine sends no content in response to HEAD, so GET serves it, too.
  const handler = methods[request.method === "HEAD" ? "GET" : request.method];
  if (handler !== undefined) return handler(request);
  throw new HttpError(405, "Method not allowed", [["Allow", Object.keys(methods).join(", ")]]);
}

const listener = Deno.listen({ port: Number(Deno.args[0] ?? 8000) });
console.log(`http://localhost:${listener.addr.port}/`);
await serve(listener, route).finished;
