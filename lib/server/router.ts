/** Dispatches requests to handlers by path and method. */
import { type Handler, PreparedResponse, type Request, type Response } from "../http/mod.ts";
import { NO_STORE } from "./header_rules.ts";

/** A handler for each method of each path, e.g. `{"/login": {POST: logIn}}`. */
export type RouteTable = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

const TEXT = ["Content-Type", "text/plain; charset=utf-8"] as const;

/** Returns a response with a short text. */
export function textResponse(
  status: number,
  text: string,
  ...fields: (readonly [string, string])[]
): Response & { readonly body: string } {
  return { status, fields: [TEXT, NO_STORE, ...fields], body: text };
}

/** Returns a response with a short text, encoded once and sent many times. */
export function fixedResponse(
  status: number,
  text: string,
  ...fields: (readonly [string, string])[]
): Response {
  return new PreparedResponse(textResponse(status, text, ...fields));
}

const NOT_FOUND = fixedResponse(404, "Page not found");

/** One path of the table: its methods, and the responses to other methods. */
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
 * Returns a handler that dispatches over the table. An unknown path gets 404, an unknown method 405
 * with `Allow` (RFC 9110 §15.5.6), `OPTIONS` 204 with `Allow`. `OPTIONS *` concerns the whole
 * server (§9.3.7): its `Allow` lists the methods of all paths.
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
