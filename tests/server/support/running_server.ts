/** The server composed within the test's own process, with cheap password hashes. */
import { join } from "@std/path";
import {
  type AccountsOptions,
  openAccounts,
  openStore,
  type UserStore,
} from "../../../lib/accounts/mod.ts";
import { serve, type ServerLimits } from "../../../lib/http/mod.ts";
import { accessLog, type AccessLogOptions } from "../../../lib/server/log/access_log.ts";
import { commonFields } from "../../../lib/server/header_rules.ts";
import { ImageStore } from "../../../lib/server/images/image_store.ts";
import { EventLog } from "../../../lib/server/log/event_log.ts";
import { makeRoutes } from "../../../lib/server/routes.ts";
import { TrustedProxies } from "../../../lib/server/trusted_proxies.ts";
import type { Thumbnails } from "../../../lib/server/thumbnails/thumbnails.ts";

/** A server in a directory of its own, gone when the test ends. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  /** Its data directory; `images` is in it. */
  readonly directory: string;
  readonly store: UserStore;
  /** The lines of its log so far, without the timestamp; waits until one holds `text`. */
  logged(text: string): Promise<string[]>;
}

/** How the server differs from the usual one. */
export interface RunningServerOptions {
  limits?: Partial<ServerLimits>;
  accounts?: AccountsOptions;
  /** Addresses of trusted proxies. */
  trusted?: string[];
  /** What scales images (nothing: `fit` is ignored). */
  thumbnails?: Thumbnails;
}

/** Starts a server on a free loopback port. */
export async function runServer(
  { limits = {}, connections, accounts: accountsOptions = {}, trusted = [], thumbnails }:
    & RunningServerOptions
    & AccessLogOptions = {},
): Promise<RunningServer> {
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  await Deno.mkdir(join(directory, "images"));
  const store = await openStore(directory);
  const accounts = await openAccounts(store, { scrypt: { ln: 4, r: 8, p: 1 }, ...accountsOptions });
  let lines = "";
  let newLines = Promise.withResolvers<void>();
  const log = new EventLog({
    console: {
      write(bytes) {
        lines += new TextDecoder().decode(bytes);
        newLines.resolve();
        newLines = Promise.withResolvers();
        return Promise.resolve(bytes.length);
      },
    },
  });
  const images = new ImageStore(join(directory, "images"));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const rules = { secure: false, hstsSeconds: null, proxies: new TrustedProxies(trusted) };
  const server = serve(listener, makeRoutes({ ...rules, accounts, images, thumbnails }), {
    limits,
    observer: accessLog(log, { connections }),
    fields: commonFields(rules),
  });
  return {
    port: listener.addr.port,
    directory,
    store,
    async logged(text) {
      while (!lines.includes(text)) await newLines.promise;
      return lines.split("\n").map((line) => line.replace(/^\[[^\]]*\] /, ""));
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown(1000);
      await thumbnails?.close();
      await log.close();
      await store.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
