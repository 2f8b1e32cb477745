/** The server side of TLS over a TCP connection that this program can close at any time. */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { nextTick } from "node:process";
import { type SecureContext, TLSSocket, type TLSSocketOptions } from "node:tls";
import type { AcceptedStream } from "../../http/mod.ts";

/** The underlying TCP connection: a `Deno.TcpConn`, or a stand-in in tests. */
export type TransportConnection = Pick<
  Deno.TcpConn,
  "read" | "write" | "closeWrite" | "close" | "setNoDelay" | "remoteAddr"
>;

/**
 * Most plaintext that one write takes, bytes: three TLS records (RFC 8446 §5.1). The runtime
 * encrypts this much at once; of a larger piece, it copies the rest each time.
 */
const WRITE_BYTES = 3 * 16 * 1024;

/** Ciphertext buffers of at least this many bytes are freed explicitly; see `free`. */
const FREED_BYTES = 16 * 1024;

/** Buffer size for reading the handshake, bytes: fits most ClientHello messages. */
const HANDSHAKE_BYTES = 2048;

/**
 * The server's side of one TLS connection.
 *
 * `node:tls` does the cryptography. It is given a `Duplex` instead of the socket, so that the
 * socket can be closed at any time: a connection of the runtime's own TLS listener keeps its socket
 * until the peer has ended the handshake and read everything. Ciphertext is read only while
 * somebody reads here, and a write resolves when the system has accepted its ciphertext, so
 * backpressure works both ways and every limit of the HTTP engine holds as over plain TCP.
 */
export class TlsStream implements AcceptedStream {
  readonly #connection: TransportConnection;
  readonly #context: SecureContext;
  #transport: CiphertextStream | null = null;
  #socket: TLSSocket | null = null;
  #handshake: Promise<void> | null = null;
  #isSecure = false;
  /** Received plaintext that has not been read yet. */
  #plaintext: Uint8Array | null = null;
  /** Whether the peer has ended its direction. */
  #hasEnded = false;
  #failure: unknown = null;

  /**
   * @param connection owned and closed by this stream
   * @param context certificate and key
   */
  constructor(connection: TransportConnection, context: SecureContext) {
    this.#connection = connection;
    this.#context = context;
  }

  /** The address of the peer. */
  get remoteAddr(): Deno.Addr {
    return this.#connection.remoteAddr;
  }

  /** Sends small writes at once (TCP_NODELAY). */
  setNoDelay(noDelay?: boolean): void {
    this.#connection.setNoDelay(noDelay);
  }

  /**
   * Resolves when the TLS handshake is done. The first read or write waits for it, too.
   *
   * @throws {Deno.errors.UnexpectedEof} if the peer ends the connection first
   * @throws {Deno.errors.InvalidData} if the peer does not use TLS, or no common version or cipher
   */
  handshake(): Promise<void> {
    return this.#handshake ??= this.#shakeHands();
  }

  /**
   * Fills the start of `into`; resolves with the number of bytes, or null once the peer has ended.
   */
  async read(into: Uint8Array): Promise<number | null> {
    if (!this.#isSecure) await this.handshake();
    for (;;) {
      const plaintext = this.#plaintext;
      if (plaintext !== null) {
        const length = Math.min(plaintext.length, into.length);
        into.set(length === plaintext.length ? plaintext : plaintext.subarray(0, length));
        this.#plaintext = length === plaintext.length ? null : plaintext.subarray(length);
        return length;
      }
      if (this.#failure !== null) throw this.#failure;
      if (this.#hasEnded) return null;
      // A connection that waits needs no buffer of its own: ciphertext is longer than plaintext.
      await this.#receive(into);
      // If it was close_notify, the socket says so in the next tick.
      if (this.#plaintext === null) await new Promise<void>((resolve) => nextTick(resolve));
    }
  }

  /** Encrypts and writes a prefix of `bytes`; resolves with its length once the system has it. */
  write(bytes: Uint8Array): Promise<number> {
    if (!this.#isSecure) return this.handshake().then(() => this.write(bytes));
    const chunk = bytes.subarray(0, WRITE_BYTES);
    return new Promise((resolve, reject) => {
      this.#socket!.write(chunk, (error) => this.#settle(error, chunk.length, resolve, reject));
    });
  }

  /** Sends close_notify (RFC 8446 §6.1), then ends the sending direction. */
  async closeWrite(): Promise<void> {
    if (!this.#isSecure) await this.handshake();
    await new Promise<number>((resolve, reject) => {
      this.#socket!.end((error?: Error | null) => this.#settle(error, 0, resolve, reject));
    });
    await this.#connection.closeWrite();
  }

  /** Flushes pending data, then closes, as the OS does for a closed socket. */
  close(): void {
    this.#failure ??= new Deno.errors.BadResource("The TLS connection is closed.");
    this.#socket?.destroy();
    this.#connection.close();
  }

  async #shakeHands(): Promise<void> {
    const transport = this.#transport = new CiphertextStream(this.#connection);
    // The types know only sockets; at run time any Duplex serves, as Node's documentation says.
    const options: TLSSocketOptions = {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: ["http/1.1"],
    };
    const socket = this.#socket = withoutCopies(
      Reflect.construct(TLSSocket, [transport, options]),
    );
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    const fail = (error: Error) => {
      this.#failure ??= new Deno.errors.InvalidData(`TLS failed: ${error.message}`);
      failed.reject(this.#failure);
    };
    socket.on("error", fail);
    // After the handshake, a socket that no `tls.Server` has made says so by this event alone.
    socket.on("_tlsError", fail);
    socket.on("data", (plaintext: Buffer) => this.#append(plaintext));
    socket.on("end", () => this.#hasEnded = true);
    socket.once("secure", () => this.#isSecure = true);
    try {
      await Promise.race([this.#receiveHandshake(), failed.promise]);
    } catch (error) {
      // The alert that says what was wrong is still on its way.
      await transport.idle();
      throw error;
    }
  }

  async #receiveHandshake(): Promise<void> {
    // The socket begins in the next tick, and drops what it is given before.
    await new Promise<void>((resolve) => nextTick(resolve));
    const buffer = new Uint8Array(HANDSHAKE_BYTES);
    while (!this.#isSecure) {
      await this.#receive(buffer);
      if (this.#failure !== null) throw this.#failure;
      if (this.#hasEnded && !this.#isSecure) {
        throw new Deno.errors.UnexpectedEof("The peer ended before the TLS handshake was done.");
      }
    }
  }

  /** Reads ciphertext once and has it decrypted. */
  async #receive(buffer: Uint8Array): Promise<void> {
    const length = await this.#connection.read(buffer);
    if (length === null) this.#hasEnded = true;
    else this.#transport!.receive(buffer.subarray(0, length));
  }

  #append(plaintext: Uint8Array): void {
    const before = this.#plaintext;
    this.#plaintext = before === null ? plaintext : Buffer.concat([before, plaintext]);
  }

  /** Settles a call of `node:tls` once the ciphertext that came of it is written, too. */
  #settle(
    error: unknown,
    value: number,
    resolve: (value: number) => void,
    reject: (reason: unknown) => void,
  ): void {
    const transport = this.#transport!;
    if (error) reject(this.#failure ?? transport.failure ?? error);
    else if (transport.isIdle && transport.failure === null) resolve(value);
    else {
      transport.idle().then(() => {
        if (transport.failure === null) resolve(value);
        else reject(transport.failure);
      });
    }
  }
}

/**
 * Makes `node:tls` pass ciphertext on without copying it. The runtime passes what its handle's
 * `drainEncOut` returns through `new Uint8Array`, which copies an array but not a buffer. The
 * method is internal: without it, only speed is lost. A runtime that takes no buffer from it fails
 * every test of TLS.
 */
function withoutCopies(socket: TLSSocket): TLSSocket {
  const handle = Reflect.get(socket, "_handle");
  const drain = handle?.drainEncOut;
  if (drain) handle.drainEncOut = () => wholeBuffer(Reflect.apply(drain, handle, []));
  return socket;
}

/** Returns the buffer of an array that fills it; anything else as it is. */
export function wholeBuffer(bytes: unknown): unknown {
  const isWhole = bytes instanceof Uint8Array && bytes.length === bytes.buffer.byteLength;
  return isWhole ? bytes.buffer : bytes;
}

/**
 * Gives the memory of large ciphertext back at once. Each write makes a buffer of its own; left to
 * the garbage collector, their sum starts a whole collection every few hundred responses.
 */
function free(ciphertext: Uint8Array): void {
  const buffer = ciphertext.length < FREED_BYTES ? null : wholeBuffer(ciphertext);
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/**
 * What `node:tls` takes for its socket: it is given the peer's ciphertext, and what it writes goes
 * to the connection.
 */
class CiphertextStream extends Duplex {
  /** Why writing failed; null while it does not. */
  failure: unknown = null;

  readonly #connection: TransportConnection;
  /** Writes that are not done, and the promise of the last. */
  #pending = 0;
  #last: Promise<void> | null = null;

  constructor(connection: TransportConnection) {
    super();
    this.#connection = connection;
  }

  /** Whether everything that was handed over has been written. */
  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /** Resolves when everything that was handed over has been written. */
  async idle(): Promise<void> {
    while (this.#pending > 0) await this.#last;
  }

  /**
   * Takes ciphertext of the peer's. It is consumed, and the plaintext given, before this returns.
   */
  receive(bytes: Uint8Array): void {
    // Not by `push`: whoever reads the plaintext asks for ciphertext, so none has to be queued.
    this.emit("data", bytes);
  }

  override _read(): void {
    // See `receive`.
  }

  /**
   * Writes ciphertext. Overridden as a whole, since a stream that was destroyed would drop the
   * alert that says why a handshake failed. A failure is kept for the write of plaintext that it
   * belongs to.
   */
  override write(data: unknown, encodingOrDone?: unknown, done?: unknown): boolean {
    const call = (typeof encodingOrDone === "function" ? encodingOrDone : done) as
      | (() => void)
      | undefined;
    const before = this.#pending++ === 0 ? null : this.#last;
    const bytes = data instanceof Uint8Array ? data : new Uint8Array(data as ArrayBuffer);
    this.#last = this.#writeAll(bytes, before, call);
    return true;
  }

  /** Writes `bytes` after `before`, then frees their memory and calls `done`. Never rejects. */
  async #writeAll(
    bytes: Uint8Array,
    before: Promise<void> | null,
    done: (() => void) | undefined,
  ): Promise<void> {
    try {
      if (before !== null) await before;
      for (let at = 0; at < bytes.length && this.failure === null;) {
        at += await this.#connection.write(at === 0 ? bytes : bytes.subarray(at));
      }
    } catch (error) {
      this.failure = error;
    }
    free(bytes);
    this.#pending--;
    done?.();
  }
}
