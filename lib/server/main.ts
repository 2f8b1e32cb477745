/** Puts the parts of the server together and does what the command line says. */
import { join } from "@std/path";
import { administer, openAccounts, openStore, StoreAdministration } from "../accounts/mod.ts";
import { serve } from "../http/mod.ts";
import { openAdministration } from "./admin/admin_client.ts";
import { serveAdministration } from "./admin/admin_socket.ts";
import { accessLog, describeFault } from "./log/access_log.ts";
import { print, readPassword } from "./console.ts";
import { explainFailure } from "./failure.ts";
import { commonFields } from "./header_rules.ts";
import { Health } from "./health.ts";
import { checkHealth } from "./health_check.ts";
import { ImageStore } from "./images/image_store.ts";
import { FolderIndex } from "./listing/folder_index.ts";
import { ImageHeaders } from "./listing/image_headers.ts";
import { Listing } from "./listing/listing.ts";
import { openListener } from "./listen/listener.ts";
import { escapeForLog, EventLog } from "./log/event_log.ts";
import { LogFile } from "./log/log_file.ts";
import {
  parseOptions,
  type ServeOptions,
  USAGE,
  USAGE_LINE,
  UsageError,
  type UserOptions,
} from "./options.ts";
import { makeRoutes } from "./routes.ts";
import { GRACE_MS, onHangup, stopSignal } from "./stop_signal.ts";
import { TlsCredentials } from "./listen/tls_credentials.ts";
import { TlsListener } from "./listen/tls_listener.ts";
import { ThumbnailCache } from "./thumbnails/thumbnail_cache.ts";
import { Thumbnails } from "./thumbnails/thumbnails.ts";
import { TrustedProxies } from "./trusted_proxies.ts";
import { VERSION } from "../version.ts";

const say = (text: string) => print(Deno.stdout, text);
const complain = (text: string) => print(Deno.stderr, text);

/** Serves until a signal, then finishes what is in flight and writes everything down. */
async function serveUntilStopped(options: ServeOptions): Promise<void> {
  // From here on: a terminal that goes away, or a reload that comes early, must not end the server.
  let hangUp = () => {};
  onHangup(() => hangUp());
  const credentials = options.tls === null ? null : await TlsCredentials.load(options.tls);
  const socket = openListener(options);
  const listener = credentials === null ? socket : new TlsListener(socket, credentials);
  const { log, logFile } = await openLog(options);
  /** What an operator must not overlook, whoever looks where. */
  const warn = (sentence: string) => {
    log.write(`warning: ${escapeForLog(sentence)}`);
    complain(`Warning: ${sentence}.\n`);
  };
  const store = await openStore(options.users ?? options.dataDirectory, { warn });
  const accounts = await openAccounts(store, { keyTtlSeconds: options.keyTtlSeconds });
  const images = new ImageStore(options.imagesDirectory);
  const rules = {
    secure: options.tls !== null,
    hstsSeconds: options.hstsSeconds,
    proxies: new TrustedProxies(options.proxies),
  };
  const report = (error: unknown) => log.write(`error: ${describeFault(error)}`);
  const notice = (sentence: string) => log.write(`notice: ${escapeForLog(sentence)}`);
  const thumbnails = await openThumbnails(options, notice, report);
  // Reading any user, even one that cannot exist, is what logins and key checks stand on.
  const health = new Health({ probe: () => store.find(""), report });
  const routes = makeRoutes({
    ...rules,
    accounts,
    images,
    listing: new Listing(
      new FolderIndex(options.imagesDirectory),
      new ImageHeaders(options.imagesDirectory),
    ),
    thumbnails,
    page: options.page,
    isWell: () => health.isWell(),
    report,
  });
  const observer = accessLog(log, { connections: options.logConnections });
  const fields = commonFields(rules);
  const servers = [serve(listener, routes, { limits: options.limits, observer, fields })];
  // PostgreSQL may be administered beside its servers.
  const admin = options.users === null
    ? serveAdministration({
      dataDirectory: options.dataDirectory,
      administration: new StoreAdministration(store),
      observer,
      notice,
    })
    : null;
  if (admin !== null) servers.push(admin);
  const stopped = stopSignal();
  const logLine = (line: string) => log.write(escapeForLog(line));
  credentials?.watch(logLine);
  hangUp = () => {
    logFile.reopen();
    log.write("SIGHUP: the log is reopened");
    credentials?.reload(logLine);
  };

  const { port } = listener.addr;
  say(`Server started at ${port}\n`);
  log.write(`server ${VERSION} started, port ${port}`);
  if (!images.exists()) log.write("notice: the images directory does not exist (yet)");
  log.write(`server stopping: ${await stopped}`);
  await Promise.all(servers.map((server) => server.shutdown(GRACE_MS)));
  await thumbnails.close();
  try {
    await store.close();
  } catch (error) {
    report(error);
    throw error;
  } finally {
    log.write("server stopped");
    await log.close();
  }
}

/** Opens what scales images, and where the results are kept. */
async function openThumbnails(
  { dataDirectory, thumbnailBytes }: ServeOptions,
  log: (sentence: string) => void,
  report: (error: unknown) => void,
): Promise<Thumbnails> {
  const cache = thumbnailBytes === 0
    ? null
    : await ThumbnailCache.open(dataDirectory, { maxBytes: thumbnailBytes, log });
  return new Thumbnails({ cache, log, report });
}

/** Opens the event log, and its file, which can be reopened. */
async function openLog({ dataDirectory, logBytes, quiet }: ServeOptions) {
  const sinks = { complain: (sentence: string) => complain(`${sentence}\n`) };
  const path = join(dataDirectory, "server_log.txt");
  const logFile = new LogFile(path, { ...sinks, maxBytes: logBytes });
  await logFile.open();
  const console = quiet ? undefined : Deno.stdout;
  return { logFile, log: new EventLog({ ...sinks, file: logFile, console }) };
}

/** `server user …`; returns the exit code. */
function administerUsers(options: UserOptions): Promise<number> {
  return administer(options.words, {
    open: () => openAdministration(options, (sentence) => complain(`Warning: ${sentence}.\n`)),
    readPassword,
    out: say,
    err: complain,
  });
}

/**
 * Runs the program. Returns the exit code: 0 done, 1 failed with a sentence on stderr, 2 wrong usage.
 *
 * @param args the arguments, without the program's name
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    switch (options.command) {
      case "help":
        say(USAGE);
        return 0;
      case "version":
        say(`server ${VERSION}\n`);
        return 0;
      case "check": {
        const fault = await checkHealth(options);
        if (fault !== null) complain(`${fault}\n`);
        return fault === null ? 0 : 1;
      }
      case "user":
        return await administerUsers(options);
      case "serve":
        await serveUntilStopped(options);
        return 0;
    }
  } catch (error) {
    if (error instanceof UsageError) {
      complain(`${error.message}\n${USAGE_LINE}\nsee --help\n`);
      return 2;
    }
    complain(`${explainFailure(error)}\n`);
    return 1;
  }
}
