/** Accepts connections and serves each of them. */
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

/** A connection, as a listener returns it. */
export interface AcceptedStream extends ByteStream {
  /** The address of the peer. */
  readonly remoteAddr: Deno.Addr;
  /** Sends small writes at once (TCP_NODELAY), if the transport has that option. */
  setNoDelay?(noDelay?: boolean): void;
  /** Resolves when the handshake is complete, for transports that have one, such as TLS. */
  handshake?(): Promise<unknown>;
}

/** A source of connections: a `Deno.Listener`, a `Deno.TlsListener`, or one made for a test. */
export interface StreamListener {
  /** Resolves with the next connection. */
  accept(): Promise<AcceptedStream>;
  /** Stops listening. A pending `accept` rejects. */
  close(): void;
}

/** A running server. */
export interface HttpServer {
  /** Resolves once the listener and every connection have ended. */
  readonly finished: Promise<void>;
  /**
   * Stops accepting and ends idle connections at once. Requests in flight get their responses
   * within `graceMs`; connections that are left then are aborted. Resolves like `finished`.
   */
  shutdown(graceMs: number): Promise<void>;
}

/** The options of `serve`. */
export interface ServeOptions {
  /** The limits that differ from `SERVER_LIMITS`. */
  readonly limits?: Partial<ServerLimits>;
  /** Receives server events, for logging. */
  readonly observer?: Observer;
  /** Field lines that every response carries, including refusals by the engine. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** The longest and the shortest time between two sweeps of the deadlines, in milliseconds. */
const SWEEP_MS = 500, SHORTEST_SWEEP_MS = 5;

/**
 * Serves HTTP/1.1 on a listener.
 *
 * @example
 * ```ts
 * const listener = Deno.listen({ port: 8000 });
 * const server = serve(listener, (request) => ({ status: 200, body: `Hello ${request.peer}` }));
 * Deno.addSignalListener("SIGINT", () => server.shutdown(5_000));
 * await server.finished;
 * ```
 * @param listener is already listening; the server closes it
 * @param handler responds to each request
 * @throws {TypeError} if one of `options.fields` cannot be sent
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
  /** The open connections of each network that counts as one address; see `networkOf`. */
  #perNetwork = new Map<string, number>();
  #rejector: OverLimitRejector;
  #stopping = Promise.withResolvers<void>();
  #isStopping = false;
  /** Resolves when the last connection has ended and the server is stopping. */
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
      // A handler may still be working for a peer that is gone. The shutdown does not wait for it.
      this.#empty.resolve();
    }, graceMs);
    await this.run();
    clearTimeout(timer);
  }

  async #accept(): Promise<void> {
    const { limits, observer } = this.#shared;
    // The errors since the last connection, and whether they were reported.
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
        // Usually a peer reset its connection before it was accepted: no reason to delay the
        // others.
        if (!isOutOfResources(error) && ++errors < limits.acceptErrors) continue;
        errors = 0;
        if (!isReported) observer.failed?.("-", error);
        isReported = true;
        // Each reset removes one connection from the queue, so even a flood of them ends. The pause
        // only lets the event loop serve the connections that were accepted.
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

  /** Waits, or returns early if the server stops. */
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
      // The connection has ended; the first read reports it.
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

/**
 * Returns the time between two sweeps: deadlines are noticed at most half a second late, and at
 * most a quarter of the shortest limit.
 */
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

/** Returns address and port of the peer. IPv4 over an IPv6 socket is written as IPv4. */
function addressOf(address: Deno.Addr): [peer: string, port: number] {
  if (!("hostname" in address)) return ["unix", 0];
  const { hostname, port } = address;
  return [hostname.startsWith("::ffff:") ? hostname.slice(7) : hostname, port];
}

/**
 * Returns what counts as one address: for IPv6 the first 64 bits, since the holder of one address
 * of such a network holds them all (RFC 6177).
 */
function networkOf(peer: string): string {
  const bytes = peer.includes(":") ? parseAddress(peer) : null;
  return bytes === null ? peer : bytes.subarray(0, 8).join(".");
}

/**
 * Returns whether the system is out of descriptors, buffers or memory. Connections that end free
 * some.
 */
function isOutOfResources(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "EMFILE" || code === "ENFILE" || code === "ENOBUFS" || code === "ENOMEM";
}

function isLoopback(peer: string): boolean {
  return peer.startsWith("127.") || peer === "::1";
}
