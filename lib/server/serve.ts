/**
 * Serves until a signal: opens what the server needs, connects the parts, and closes them again.
 */
import { openAccounts, openStore, StoreAdministration, type UserStore } from "../accounts/mod.ts";
import { type Handler, type HttpServer, type Observer, serve } from "../http/mod.ts";
import { VERSION } from "../version.ts";
import { serveAdministration } from "./admin/admin_socket.ts";
import { complain, say } from "./console.ts";
import { commonFields, type HeaderRulesOptions } from "./header_rules.ts";
import { Health } from "./health.ts";
import { ImageStore } from "./images/image_store.ts";
import { surveyInWorker } from "./images/survey.ts";
import { openListener } from "./listen/listener.ts";
import { TlsCredentials } from "./listen/tls_credentials.ts";
import { TlsListener } from "./listen/tls_listener.ts";
import { ListingThread } from "./listing/listing_thread.ts";
import { accessLog } from "./log/access_log.ts";
import { ServerLog } from "./log/server_log.ts";
import type { ServeOptions } from "./options.ts";
import { makeRoutes } from "./routes.ts";
import { startReport, surveyLines } from "./start_report.ts";
import { GRACE_MS, onHangup, stopSignal } from "./stop_signal.ts";
import { ThumbnailCache } from "./thumbnails/thumbnail_cache.ts";
import { Thumbnails } from "./thumbnails/thumbnails.ts";
import { TrustedProxies } from "./trusted_proxies.ts";

/**
 * Serves until SIGINT or SIGTERM, then finishes the requests in flight and saves everything.
 *
 * @throws {StartError} if the port cannot be opened or the TLS files cannot be used
 * @throws {StoreUnusable} if the users cannot be read
 */
export async function serveUntilStopped(options: ServeOptions): Promise<void> {
  // From here on, a closed terminal or an early reload does not end the server.
  let reload = () => {};
  onHangup(() => reload());
  const { listener, credentials } = await listen(options);
  const log = await ServerLog.open({ ...options, complain: (text) => complain(`${text}\n`) });
  const store = await openStore(options.users ?? options.dataDirectory, { warn: log.warn });
  const thumbnails = await openThumbnails(options, log);
  const listing = new ListingThread(options.imagesDirectory);
  const images = new ImageStore(options.imagesDirectory, {
    equivalentName: (name) => listing.equivalentName(name),
  });
  const parts = { options, listener, store, listing, images, thumbnails, log };
  const servers = await startServers(parts);
  const stopped = stopSignal();
  credentials?.watch(log.line);
  reload = () => {
    log.reopen();
    credentials?.reload(log.line);
  };

  const { port } = listener.addr;
  say(`Server started at ${port}\n${options.quiet ? "" : startReport(options, port)}`);
  log.line(`server ${VERSION} started, port ${port}`);
  if (!images.exists()) log.notice("the images directory does not exist (yet)");
  const counting = new AbortController();
  logContents(options, store, log, counting.signal);
  const signal = await stopped;
  counting.abort();
  log.line(`server stopping: ${signal}`);
  await Promise.all(servers.map((server) => server.shutdown(GRACE_MS)));
  listing.close();
  await thumbnails.close();
  try {
    await store.close();
  } catch (error) {
    log.report(error);
    throw error;
  } finally {
    log.line("server stopped");
    await log.close();
  }
}

/** Users counted before other work gets its turn. */
const COUNTED_AT_ONCE = 500;

/** Counts images and users, which can take a while, and logs how many there are. */
async function logContents(
  { imagesDirectory }: ServeOptions,
  store: UserStore,
  log: ServerLog,
  stopping: AbortSignal,
): Promise<void> {
  try {
    const images = await surveyInWorker(imagesDirectory);
    let users = 0;
    for await (const _ of store.list()) {
      if (stopping.aborted) return;
      if (++users % COUNTED_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (!stopping.aborted) surveyLines(images, users).forEach(log.line);
  } catch (error) {
    if (!stopping.aborted) log.report(error);
  }
}

/** Opens the port, for plain HTTP or with TLS. */
async function listen(options: ServeOptions) {
  const credentials = options.tls === null ? null : await TlsCredentials.load(options.tls);
  const socket = openListener(options);
  const listener = credentials === null ? socket : new TlsListener(socket, credentials);
  return { listener, credentials };
}

/** Opens what scales images, and the cache that keeps the results. */
async function openThumbnails(
  { dataDirectory, thumbnailBytes }: ServeOptions,
  { notice, report }: ServerLog,
): Promise<Thumbnails> {
  const cache = thumbnailBytes === 0
    ? null
    : await ThumbnailCache.open(dataDirectory, { maxBytes: thumbnailBytes, log: notice });
  return new Thumbnails({ cache, log: notice, report });
}

/** The opened parts that the servers share. */
interface ServerParts {
  readonly options: ServeOptions;
  readonly listener: Parameters<typeof serve>[0];
  readonly store: UserStore;
  readonly listing: ListingThread;
  readonly images: ImageStore;
  readonly thumbnails: Thumbnails;
  readonly log: ServerLog;
}

/** Starts to serve the port and, if users are kept in files, `admin.sock`. */
async function startServers(parts: ServerParts): Promise<HttpServer[]> {
  const { options, listener, log } = parts;
  const rules: HeaderRulesOptions = {
    secure: options.tls !== null,
    hstsSeconds: options.hstsSeconds,
    proxies: new TrustedProxies(options.proxies),
  };
  const observer = accessLog(log.events, { connections: options.logConnections });
  const routes = await makeService(parts, rules);
  const server = serve(listener, routes, {
    limits: options.limits,
    observer,
    fields: commonFields(rules),
  });
  // PostgreSQL can be administered without its servers.
  const admin = options.users === null ? startAdministration(parts, observer) : null;
  return admin === null ? [server] : [server, admin];
}

/** Connects the endpoints with accounts, images and lists. */
async function makeService(
  { options, store, listing, images, thumbnails, log }: ServerParts,
  rules: HeaderRulesOptions,
): Promise<Handler> {
  // Logins and key checks need to read users: any name does, also one that cannot exist.
  const health = new Health({ probe: () => store.find(""), report: log.report });
  return makeRoutes({
    ...rules,
    accounts: await openAccounts(store, { keyTtlSeconds: options.keyTtlSeconds }),
    images,
    listing,
    thumbnails,
    // This thread stands still while a Worker starts: one at a time, and others are served first.
    prepare: () => {
      setTimeout(() => {
        listing.warm();
        setTimeout(() => thumbnails.warm());
      });
    },
    page: options.page,
    isHealthy: () => health.isHealthy(),
    report: log.report,
  });
}

function startAdministration(
  { options, store, log }: ServerParts,
  observer: Observer,
): HttpServer | null {
  return serveAdministration({
    dataDirectory: options.dataDirectory,
    administration: new StoreAdministration(store),
    observer,
    notice: log.notice,
  });
}
