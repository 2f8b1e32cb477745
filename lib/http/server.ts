import { BufferPool } from "./buffer_pool.ts";
import { Clock } from "./clock.ts";
import { Connection, type Shared } from "./connection.ts";
import { errorResponse, HttpError } from "./error.ts";
import { SERVER_LIMITS, type ServerLimits } from "./limits.ts";
import type { ByteStream, Handler } from "./message.ts";
import type { Observer } from "./observer.ts";
import { RequestHead } from "./request_head.ts";
import { CONNECTION_CLOSE, dateLine, textLength, writeHead, writeText } from "./serializer.ts";
import { Turn } from "./turn.ts";

export type { Observer } from "./observer.ts";

/** A connection as a listener gives it. */
export interface AcceptedStream extends ByteStream {
  readonly remoteAddr: Deno.Addr;
  /** Sends small writes at once (TCP_NODELAY), where the transport has it. */
  setNoDelay?(noDelay?: boolean): void;
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
}

/** The longest and shortest time between two looks at the deadlines. */
const SWEEP_MS = 500, SHORTEST_SWEEP_MS = 5;

/** Connections that are being told 503 at the same time; further ones are closed without a word. */
const TURNED_AWAY = 64;

/**
 * Serves HTTP/1.1 on a listener.
 *
 * @param listener already listening; the server closes it
 * @param handler answers each request
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
  #perAddress = new Map<string, number>();
  #turnedAway = 0;
  #stopping = Promise.withResolvers<void>();
  #isStopping = false;
  /** Resolved when the last connection has ended, once the server is stopping. */
  #empty = Promise.withResolvers<void>();
  #finished: Promise<void> | null = null;

  constructor(listener: StreamListener, handler: Handler, options: ServeOptions) {
    const limits: ServerLimits = { ...SERVER_LIMITS, ...options.limits };
    const heads: RequestHead[] = [];
    this.#listener = listener;
    this.#shared = {
      handler,
      limits,
      observer: options.observer ?? {},
      clock: new Clock(sweepPeriod(limits), () => this.#sweep()),
      turn: new Turn(),
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
    const cut = setTimeout(() => {
      for (const connection of this.#connections) connection.cut();
      // A handler may work on for whom nobody waits any more.
      this.#empty.resolve();
    }, graceMs);
    await this.run();
    clearTimeout(cut);
  }

  async #accept(): Promise<void> {
    const { limits, observer } = this.#shared;
    let failing = false;
    while (!this.#isStopping) {
      try {
        const stream = await this.#listener.accept();
        failing = false;
        this.#admit(stream);
      } catch (error) {
        if (this.#isStopping || error instanceof Deno.errors.BadResource) break;
        // No descriptor left, most likely: the connections that end free some. Told once.
        if (!failing) observer.failed?.("-", error);
        failing = true;
        await this.#pause(limits.acceptPauseMs);
      }
    }
    this.#stop();
    await this.#empty.promise;
  }

  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#stopping.resolve();
    try {
      this.#listener.close();
    } catch {
      // Already closed.
    }
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#connections.size + this.#turnedAway > 0) return;
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
    const here = this.#perAddress.get(peer) ?? 0;
    if (
      this.#connections.size >= limits.connections ||
      (here >= limits.connectionsPerAddress && !isLoopback(peer))
    ) {
      this.#turnAway(stream, peer);
      return;
    }
    try {
      stream.setNoDelay?.(true);
    } catch {
      // Gone already; the first read will say so.
    }
    this.#perAddress.set(peer, here + 1);
    const connection = new Connection(stream, peer, port, this.#shared);
    this.#connections.add(connection);
    clock.start();
    observer.opened?.(peer, port);
    connection.run();
  }

  #ended(connection: Connection): void {
    const { clock, observer } = this.#shared;
    const { peer, port } = connection;
    this.#connections.delete(connection);
    if (this.#connections.size === 0) clock.stop();
    const left = this.#perAddress.get(peer)! - 1;
    if (left > 0) this.#perAddress.set(peer, left);
    else this.#perAddress.delete(peer);
    observer.closed?.(peer, port);
    this.#tellIfEmpty();
  }

  /** Says 503 and closes. Neither a connection nor a buffer is spent on it. */
  async #turnAway(stream: AcceptedStream, peer: string): Promise<void> {
    const { limits, observer } = this.#shared;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      if (this.#turnedAway++ < TURNED_AWAY && !this.#isStopping) {
        timer = setTimeout(() => closeQuietly(stream), 1000);
        await stream.write(unavailable(limits.retryAfterSeconds));
        await stream.closeWrite();
        observer.answered?.(peer, "-", "-", 503, 0, 0);
        const buffer = new Uint8Array(1024);
        for (let left = 64; left > 0 && await stream.read(buffer) !== null; left--);
      }
    } catch {
      // It went away by itself.
    } finally {
      clearTimeout(timer);
      closeQuietly(stream);
      this.#turnedAway--;
      this.#tellIfEmpty();
    }
  }
}

function closeQuietly(stream: ByteStream): void {
  try {
    stream.close();
  } catch {
    // Already closed.
  }
}

function unavailable(retryAfterSeconds: number): Uint8Array {
  const { status, fields, body } = errorResponse(
    new HttpError(503, "too many connections", [["Retry-After", String(retryAfterSeconds)]]),
  );
  const text = body as string;
  const out = new Uint8Array(512);
  const date = dateLine(Date.now());
  const at = writeHead(out, 0, status, date, fields, textLength(text), CONNECTION_CLOSE);
  return out.subarray(0, writeText(out, at, text));
}

/** Deadlines are noticed a quarter of the shortest late, or half a second. */
function sweepPeriod(limits: ServerLimits): number {
  const shortest = Math.min(
    limits.headTimeoutMs,
    limits.bodyTimeoutMs,
    limits.idleTimeoutMs,
    limits.writeStallMs,
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

function isLoopback(peer: string): boolean {
  return peer.startsWith("127.") || peer === "::1";
}
