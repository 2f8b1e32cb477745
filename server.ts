/** The photo server: options → stores, routes → serve. */
import { join } from "@std/path";
import { openAccounts, openStore, StoreUnusable } from "./lib/accounts/mod.ts";
import { serve } from "./lib/http/server.ts";
import { accessLog } from "./lib/server/access_log.ts";
import { ImageStore } from "./lib/server/image_store.ts";
import { listenerPort, openListener } from "./lib/server/listener.ts";
import { EventLog } from "./lib/server/log.ts";
import { LogFile } from "./lib/server/log_file.ts";
import { parseOptions, type ServeOptions, USAGE, UsageError } from "./lib/server/options.ts";
import { makeRoutes } from "./lib/server/routes.ts";
import { StartError } from "./lib/server/start_error.ts";
import { GRACE_MS, stopSignal } from "./lib/server/stop_signal.ts";
import { VERSION } from "./lib/version.ts";

/** Serves until a signal, then finishes what is in flight and writes everything down. */
async function serveUntilStopped(options: ServeOptions): Promise<void> {
  const listener = openListener(options);
  const store = await openStore(options.users ?? options.dataDirectory);
  const accounts = await openAccounts(store, { keyTtlSeconds: options.keyTtlSeconds });
  const log = new EventLog({
    file: new LogFile(join(options.dataDirectory, "server_log.txt")),
    console: options.quiet ? undefined : Deno.stdout,
    complain: console.error,
  });
  const images = new ImageStore(options.imagesDirectory);
  const routes = makeRoutes({ accounts, images, secure: options.tls !== null });
  const server = serve(listener, routes, { limits: options.limits, observer: accessLog(log) });
  const stopped = stopSignal();

  const port = listenerPort(listener);
  console.log(`Server started at ${port}`);
  log.write(`server ${VERSION} started, port ${port}`);
  log.write(`server stopping: ${await stopped}`);
  await server.shutdown(GRACE_MS);
  await store.close();
  log.write("server stopped");
  await log.close();
}

/** Does what the command line says; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    switch (options.command) {
      case "help":
        console.log(USAGE.trimEnd());
        return 0;
      case "version":
        console.log(`server ${VERSION}`);
        return 0;
      case "user":
        throw new UsageError("not yet");
      case "serve":
        await serveUntilStopped(options);
        return 0;
    }
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE.trimEnd()}`);
      return 2;
    }
    if (error instanceof StartError) {
      console.error(error.message);
      return 1;
    }
    if (error instanceof StoreUnusable) {
      console.error(`The server cannot start: ${error.message}.`);
      return 1;
    }
    throw error;
  }
}

Deno.exit(await main(Deno.args));
