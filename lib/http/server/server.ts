import { parseAddress } from "../../text/ip_address.ts";
import { BufferPool } from "./buffer_pool.ts";
import { Clock } from "./clock.ts";
import { Connection, type Shared } from "./connection.ts";
import { type ByteStream, closeQuietly, isDisconnect } from "../stream.ts";
import { SERVER_LIMITS, type ServerLimits } from "../limits.ts";
import type { Handler } from "../message.ts";
import type { Observer } from "./observer.ts";
import { RequestHead } from "../wire/request_head.ts";
import { fieldLines } from "../wire/response_encoder.ts";
import { EventLoopTurn } from "./event_loop_turn.ts";
import { OverLimitRejector } from "./over_limit_rejector.ts";

/** A connection as a listener gives it. */
export interface AcceptedStream extends ByteStream {
  readonly remoteAddr: Deno.Addr;
  /** Sends small writes at once (TCP_NODELAY), where the transport has it. */
  setNoDelay?(noDelay?: boolean): void;
  /** Where something must be agreed on before the first byte: resolves when it is, as TLS needs. */
  handshake?(): Promise<unknown>;
}

/** Where connections come from: a `Deno.Listener`, a `Deno.TlsListener`, or a test's own. */
export interface StreamListener {
  accept(): Promise<AcceptedStream>;
  close(): void;
}

/** A running server. */
export interface HttpServer {
  /** Resolves once the listener and every connection have ended. */
  readonly finished: Promise<void>;
  /**
   * Stops accepting and ends idle connections at once. Requests in flight get their answer within `graceMs`;
   * what is left then is cut. Resolves like `finished`.
   */
  shutdown(graceMs: number): Promise<void>;
}

/** What `serve` can be told. */
export interface ServeOptions {
  /** Limits that differ from `SERVER_LIMITS`. */
  readonly limits?: Partial<ServerLimits>;
  /** Told what happens. */
  readonly observer?: Observer;
  /** Field lines that every response carries, refusals of the engine included (none). */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** The longest and shortest time between two looks at the deadlines, milliseconds. */
const SWEEP_MS = 500, SHORTEST_SWEEP_MS = 5;

/**
 * Serves HTTP/1.1 on a listener.
 *
 * @param listener already listening; the server closes it
 * @param handler answers each request
 * @throws {TypeError} where one of `options.fields` cannot be sent
 */
export function serve(
  listener: StreamListener,
  handler: Handler,
  options: ServeOptions = {},
): HttpServer {
  const server = new Server(listener, handler, options);
  return { finished: server.run(), shutdown: (graceMs) => server.shutdown(graceMs) };
}

class Server {
  #listener: StreamListener;
  #shared: Shared;
  #connections = new Set<Connection>();
  /** Open connections of each network that counts as one address; see `networkOf`. */
  #perNetwork = new Map<string, number>();
  #rejector: OverLimitRejector;
  #stopping = Promise.withResolvers<void>();
  #isStopping = false;
  /** Resolved when the last connection has ended, once the server is stopping. */
  #empty = Promise.withResolvers<void>();
  #finished: Promise<void> | null = null;

  constructor(listener: StreamListener, handler: Handler, options: ServeOptions) {
    const limits: ServerLimits = { ...SERVER_LIMITS, ...options.limits };
    const observer = options.observer ?? {};
    const common = fieldLines(options.fields ?? []);
    const heads: RequestHead[] = [];
    this.#listener = listener;
    this.#rejector = new OverLimitRejector(
      limits.retryAfterSeconds,
      common,
      observer,
      () => this.#tellIfEmpty(),
    );
    this.#shared = {
      handler,
      limits,
      observer,
      clock: new Clock(sweepPeriod(limits), () => this.#sweep(), common),
      turn: new EventLoopTurn(observer),
      smallBuffers: new BufferPool(1024, 64),
      largeBuffers: new BufferPool(16 * 1024, 4),
      takeHead: () => heads.pop() ?? new RequestHead(limits),
      giveHead: (head) => {
        head.reset();
        heads.push(head);
      },
      ended: (connection) => this.#ended(connection),
    };
  }

  run(): Promise<void> {
    return this.#finished ??= this.#accept();
  }

  async shutdown(graceMs: number): Promise<void> {
    if (!this.#isStopping) {
      this.#stop();
      for (const connection of this.#connections) connection.stop();
    }
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.abort();
      this.#rejector.abort();
      // A handler may still be at work, for a peer that is gone; nobody waits for it.
      this.#empty.resolve();
    }, graceMs);
    await this.run();
    clearTimeout(timer);
  }

  async #accept(): Promise<void> {
    const { limits, observer } = this.#shared;
    // Errors since the last connection, and whether they were reported.
    let errors = 0;
    let isReported = false;
    while (!this.#isStopping) {
      try {
        const stream = await this.#listener.accept();
        errors = 0;
        isReported = false;
        this.#admit(stream);
      } catch (error) {
        if (this.#isStopping || error instanceof Deno.errors.BadResource) break;
        // Mostly a peer that reset its connection before it was accepted, which is no reason to keep
        // the others waiting.
        if (!isOutOfResources(error) && ++errors < limits.acceptErrors) continue;
        errors = 0;
        if (!isReported) observer.failed?.("-", error);
        isReported = true;
        // Each reset takes one connection off the queue, so even a flood of them comes to its end.
        // It only has to let the event loop look at the connections that were accepted.
        await this.#pause(isDisconnect(error) ? 0 : limits.acceptPauseMs);
      }
    }
    this.#stop();
    await this.#empty.promise;
  }

  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#stopping.resolve();
    closeQuietly(this.#listener);
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#connections.size + this.#rejector.size > 0) return;
    if (this.#isStopping) this.#empty.resolve();
  }

  /** Waits, unless the server stops. */
  async #pause(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const elapsed = new Promise<void>((resolve) => timer = setTimeout(resolve, milliseconds));
    await Promise.race([elapsed, this.#stopping.promise]);
    clearTimeout(timer);
  }

  #sweep(): void {
    const { now } = this.#shared.clock;
    for (const connection of this.#connections) {
      if (connection.deadline <= now) connection.expire();
    }
  }

  #admit(stream: AcceptedStream): void {
    const { clock, limits, observer } = this.#shared;
    const [peer, port] = addressOf(stream.remoteAddr);
    const network = networkOf(peer);
    const here = this.#perNetwork.get(network) ?? 0;
    if (
      this.#connections.size >= limits.connections ||
      (here >= limits.connectionsPerAddress && !isLoopback(peer))
    ) {
      this.#rejector.tell(stream, peer);
      return;
    }
    try {
      stream.setNoDelay?.(true);
    } catch {
      // Gone already; the first read will say so.
    }
    this.#perNetwork.set(network, here + 1);
    const connection = new Connection(stream, peer, port, this.#shared);
    this.#connections.add(connection);
    clock.start();
    observer.opened?.(peer, port);
    connection.run(stream.handshake?.());
  }

  #ended(connection: Connection): void {
    const { clock, observer } = this.#shared;
    const { peer, port } = connection;
    this.#connections.delete(connection);
    if (this.#connections.size === 0) clock.stop();
    const network = networkOf(peer);
    const left = this.#perNetwork.get(network)! - 1;
    if (left > 0) this.#perNetwork.set(network, left);
    else this.#perNetwork.delete(network);
    observer.closed?.(peer, port);
    this.#tellIfEmpty();
  }
}

/** So that a deadline is noticed at most half a second late, and at most a quarter of the shortest limit. */
function sweepPeriod(limits: ServerLimits): number {
  const shortest = Math.min(
    limits.handshakeTimeoutMs,
    limits.headTimeoutMs,
    limits.bodyTimeoutMs,
    limits.idleTimeoutMs,
    limits.writeTimeoutMs,
    limits.lingerMs,
  );
  return Math.max(SHORTEST_SWEEP_MS, Math.min(SWEEP_MS, shortest / 4));
}

/** Address and port of the peer; IPv4 over an IPv6 socket is written as IPv4. */
function addressOf(address: Deno.Addr): [peer: string, port: number] {
  if (!("hostname" in address)) return ["unix", 0];
  const { hostname, port } = address;
  return [hostname.startsWith("::ffff:") ? hostname.slice(7) : hostname, port];
}

/**
 * What counts as one address: of IPv6 the first 64 bits, since whoever has one address of such a
 * network has them all (RFC 6177).
 */
function networkOf(peer: string): string {
  const bytes = peer.includes(":") ? parseAddress(peer) : null;
  return bytes === null ? peer : bytes.subarray(0, 8).join(".");
}

/** Whether the system has no descriptor, buffer or memory left: connections that end will free some. */
function isOutOfResources(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "EMFILE" || code === "ENFILE" || code === "ENOBUFS" || code === "ENOMEM";
}

function isLoopback(peer: string): boolean {
  return peer.startsWith("127.") || peer === "::1";
}
