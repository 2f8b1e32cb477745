/** From a path and a method to what answers them. */
import { type Handler, PreparedResponse, type Request, type Response } from "../http/mod.ts";
import { NO_STORE } from "./header_rules.ts";

/** What answers each method of each path, e.g. `{"/login": {POST: logIn}}`. */
export type RouteTable = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

const TEXT = ["Content-Type", "text/plain; charset=utf-8"] as const;

/** A short answer in words. */
export function textResponse(
  status: number,
  text: string,
  ...fields: (readonly [string, string])[]
): Response & { readonly body: string } {
  return { status, fields: [TEXT, NO_STORE, ...fields], body: text };
}

/** A short answer in words that is given as it is, time and again. */
export function fixedResponse(
  status: number,
  text: string,
  ...fields: (readonly [string, string])[]
): Response {
  return new PreparedResponse(textResponse(status, text, ...fields));
}

const NOT_FOUND = fixedResponse(404, "Page not found");

/** One path of the table: its methods, and the answers to what is not a method of it. */
interface Route {
  readonly methods: ReadonlyMap<string, Handler>;
  readonly options: Response;
  readonly notAllowed: Response;
}

function makeRoute(methods: Readonly<Record<string, Handler>>): Route {
  const allow = ["Allow", [...Object.keys(methods), "OPTIONS"].join(", ")] as const;
  return {
    methods: new Map(Object.entries(methods)),
    options: new PreparedResponse({ status: 204, fields: [NO_STORE, allow] }),
    notAllowed: fixedResponse(405, "Method not allowed", allow),
  };
}

/**
 * A handler that dispatches over the table. Another path is answered 404, another method 405 with
 * `Allow` (RFC 9110 §15.5.6), `OPTIONS` 204 with `Allow`. `OPTIONS *` is about the server as a whole
 * (§9.3.7): its `Allow` lists each method that some path has.
 */
export function makeRouter(table: RouteTable): Handler {
  const routes = new Map(Object.entries(table).map(([path, row]) => [path, makeRoute(row)]));
  const everyMethod = Object.assign({}, ...Object.values(table));
  routes.set("*", { ...makeRoute(everyMethod), methods: new Map() });
  return (request: Request) => {
    const route = routes.get(request.path);
    if (route === undefined) return NOT_FOUND;
    const handler = route.methods.get(request.method);
    if (handler !== undefined) return handler(request);
    return request.method === "OPTIONS" ? route.options : route.notAllowed;
  };
}
