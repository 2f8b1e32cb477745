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
import { ListingThread } from "../../../lib/server/listing/listing_thread.ts";
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
  /** Whether it serves `/list`, and finds names in another normalization (no). */
  lists?: boolean;
  /** The images directory (one of its own). */
  images?: string;
  /** Users, if they are not its own (in files of its data directory). */
  users?: string;
}

/** Starts a server on a free loopback port. */
export async function runServer(
  options: RunningServerOptions & AccessLogOptions = {},
): Promise<RunningServer> {
  const { limits = {}, connections, accounts: accountsOptions = {}, thumbnails } = options;
  const directory = await Deno.makeTempDir({ prefix: "socketprogram-" });
  const imagesDirectory = options.images ?? join(directory, "images");
  await Deno.mkdir(imagesDirectory, { recursive: true });
  const store = await openStore(options.users ?? directory);
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
  const listing = options.lists ? new ListingThread(imagesDirectory) : undefined;
  const images = new ImageStore(imagesDirectory, {
    equivalentName: (name) => listing?.equivalentName(name) ?? Promise.resolve(null),
  });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const rules = {
    secure: false,
    hstsSeconds: null,
    proxies: new TrustedProxies(options.trusted ?? []),
  };
  const server = serve(listener, makeRoutes({ ...rules, accounts, images, listing, thumbnails }), {
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
      listing?.close();
      await thumbnails?.close();
      await log.close();
      await store.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
