/**
 * A client of its own, as far as `cookies.json` can tell: saves a cookie of each of some servers.
 */
import { CookieFile } from "../../../lib/client/cookies/cookie_file.ts";
import { CookieJar } from "../../../lib/client/cookies/cookie_jar.ts";
import { serverAddress } from "../../../lib/client/server_address.ts";

/** What the worker is told, once. */
export interface ToSave {
  readonly path: string;
  readonly host: string;
  /** Servers at the ports from 1 on. */
  readonly ports: number;
}

addEventListener("message", (event) => {
  const { path, host, ports } = (event as MessageEvent<ToSave>).data;
  for (let port = 1; port <= ports; port++) {
    const server = serverAddress(host, String(port), false)!;
    const jar = new CookieJar(server);
    jar.receive(["key=k"]);
    new CookieFile(path, server.origin).save(jar);
  }
  (self as unknown as { postMessage(message: null): void }).postMessage(null);
});
