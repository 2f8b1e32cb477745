/** The server's side of one connection. */
import { ResponseWriter, type WriterConnection } from "./response_writer.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Clock } from "./clock.ts";
import { type ByteStream, closeQuietly, drain, isDisconnect } from "../stream.ts";
import { HttpError } from "../error.ts";
import { CHUNKED, isPersistent } from "../wire/framing.ts";
import type { ServerLimits } from "../limits.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";
import { PeerWatch } from "./peer_watch.ts";
import { type RequestConnection, RequestView } from "./request_view.ts";
import { RequestBody } from "./request_body.ts";
import { checkRequest } from "./request_check.ts";
import type { RequestHead } from "../wire/request_head.ts";
import { Responder, type ResponderConnection, type ResponderShared } from "./responder.ts";

/** What the connections of one server share. */
export interface Shared extends ResponderShared {
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** The receive buffers of idle connections. */
  readonly smallBuffers: BufferPool;
  /** The buffers for larger heads and for responses. */
  readonly largeBuffers: BufferPool;
  /** Returns a parser that no connection is using. */
  takeHead(): RequestHead;
  /** Takes a parser back. */
  giveHead(head: RequestHead): void;
  /** Called when a connection has ended. */
  ended(connection: Connection): void;
}

/**
 * The phases of a connection; `docs/http.md` has the diagram. In `BEFORE_BODY`, earlier responses
 * are sent, and 100 (Continue) if the client expects it.
 */
const IDLE = 0, HEAD = 1, BEFORE_BODY = 2, BODY = 3, RESPONSE = 4, LINGER = 5, CLOSED = 6;

/** How long a stopping server lingers for a peer that has its last response. */
const STOPPING_LINGER_MS = 500;

const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/**
 * Reads requests, calls the handler, and sends the responses in order (RFC 9112 §9).
 *
 * What it does is in `run`, top to bottom: parse what is buffered; until that is a whole head,
 * write what is pending and read more; receive the body; respond; repeat.
 *
 * What it must cost: ten thousand connections wait at a time, each for its next request. One that
 * waits holds a small buffer and the frame of one function. That is why `run` itself reads and
 * writes: a method for either would keep another promise alive for each connection. A request with
 * an immediate response costs one `await` to read and one to write.
 *
 * How it ends: by `stop` (after the current response), `abort` (at once) or `expire` (a deadline);
 * by a peer that ends or resets the connection; or by a request that cannot be trusted, which is
 * refused. The last response is followed by a lingering close (RFC 9112 §9.6).
 */
export class Connection implements RequestConnection, ResponderConnection, WriterConnection {
  /** When `expire` is due, in milliseconds of the clock. */
  deadline = Infinity;
  /** Whether the current request is the last. */
  last = false;
  /** The peer's address. */
  readonly peer: string;
  /** The peer's port. */
  readonly port: number;

  #stream: ByteStream;
  #shared: Shared;
  #input: ReceiveBuffer;
  #output: ResponseWriter;
  #responder: Responder;
  #phase = IDLE;
  #isStopping = false;
  /** The parser of the head that is being received or responded to. */
  #head: RequestHead | null = null;
  #refusal: Promise<void> | null = null;
  /** Reads in place of `run` once a handler has used `Request.signal`. */
  #watch: PeerWatch | null = null;

  constructor(stream: ByteStream, peer: string, port: number, shared: Shared) {
    this.peer = peer;
    this.port = port;
    this.#stream = stream;
    this.#shared = shared;
    this.#input = new ReceiveBuffer(shared.smallBuffers, shared.largeBuffers);
    this.#output = new ResponseWriter(stream, shared, this);
    this.#responder = new Responder(this.#output, shared, this);
  }

  /** Ends the connection soon: at once if it is idle, otherwise after the current response. */
  stop(): void {
    this.last = this.#isStopping = true;
    if (this.#phase === IDLE) this.abort();
    // While its last response is being sent, the connection does not linger yet.
    if (this.#phase === LINGER && !this.#output.pending) this.#enter(LINGER, STOPPING_LINGER_MS);
  }

  /** Ends the connection at once, whatever it is doing. */
  abort(): void {
    this.#close("aborted");
  }

  /** Handles a deadline that has passed. */
  expire(): void {
    // The pending read cannot be cancelled. It continues, and its bytes are discarded.
    if (this.#phase === HEAD) {
      this.#refusal = this.#refuse(new HttpError(408, "the head took too long"));
    } else if (this.#phase === BODY) {
      this.#refusal = this.#refuse(new HttpError(408, "the body took too long"));
    } else {
      this.#close("stalled");
    }
  }

  /** See `RequestConnection.inputEnded`. */
  get inputEnded(): boolean {
    return this.#watch?.inputEnded ?? false;
  }

  /** See `RequestConnection.watchPeer`. */
  watchPeer(): AbortSignal {
    const { smallBuffers, largeBuffers } = this.#shared;
    if (this.#phase === CLOSED) return AbortSignal.abort();
    this.#watch ??= new PeerWatch(this.#stream, [smallBuffers, largeBuffers]);
    this.#watch.resume();
    return this.#watch.signal;
  }

  /** See `WriterConnection.waitForPeer`. */
  waitForPeer(): void {
    this.deadline = this.#shared.clock.after(this.#shared.limits.writeTimeoutMs);
  }

  /** See `ResponderConnection.waitForHandler`. */
  waitForHandler(): void {
    this.deadline = Infinity;
  }

  /** See `WriterConnection.accepted`. */
  accepted(bytes: number): void {
    this.#responder.accepted(bytes);
  }

  /**
   * Serves requests until the connection ends. Never rejects.
   *
   * @param handshake resolves when the handshake, such as that of TLS, is complete
   */
  async run(handshake?: Promise<unknown>): Promise<void> {
    const { limits, turn } = this.#shared;
    const input = this.#input;
    const output = this.#output;
    const stream = this.#stream;
    try {
      if (handshake !== undefined) {
        this.#enter(IDLE, limits.handshakeTimeoutMs);
        await handshake;
      }
      for (;;) {
        let head: RequestHead | null;
        while ((head = this.#parseBuffered()) === null) {
          // Written and read here, not in methods: see the class comment.
          if (output.pending) {
            await turn.end();
            while (output.pending) output.advance(await stream.write(output.nextChunk()));
          }
          if (this.last && !this.#hasBegun()) return await this.#finish();
          const room = this.#roomForHead();
          const read = this.#watch === null
            ? await stream.read(room)
            : await this.#readWatched(this.#watch, room);
          if (this.#phase >= LINGER) return;
          if (read === null) {
            if (!this.#hasBegun()) return;
            throw new HttpError(400, "the connection ended within the head");
          }
          input.end += read;
        }

        const length = checkRequest(head, input.bytes, input.start, limits);
        let next = input.start + head.length + length;
        let body: RequestBody | null = null;
        if (length === CHUNKED || next > input.end) {
          body = new RequestBody(input, head.length, length, limits);
          if (!await this.#receiveBody(head, body)) return;
          next = input.start + body.next;
        }

        const { bytes, start } = input;
        if (!isPersistent(head.fields, bytes, start, head.minorVersion)) this.last = true;
        const content = body === null ? null : body.content;
        const request = new RequestView(head, bytes, start, content, length, this);
        this.#enter(RESPONSE, Infinity);
        const responding = this.#responder.respond(request);
        if (responding !== null) await responding;
        request.retire();
        this.#giveHead();
        input.start = next;
        if (this.last) return await this.#finish();
      }
    } catch (error) {
      if (error instanceof HttpError && this.#phase < LINGER) this.#refusal = this.#refuse(error);
      else this.#report(error);
    } finally {
      await this.#windUp();
    }
  }

  /**
   * Returns the next head if all of it has arrived, otherwise null.
   *
   * @throws {HttpError} as `RequestHead.parse` does
   */
  #parseBuffered(): RequestHead | null {
    const { bytes, start, end } = this.#input;
    if (start === end) return null;
    const head = this.#head ??= this.#shared.takeHead();
    return head.parse(bytes, start, end) ? head : null;
  }

  /**
   * Returns whether a request has begun to arrive. An empty line does not begin one (RFC 9112
   * §2.2).
   */
  #hasBegun(): boolean {
    return this.#input.start < this.#input.end && this.#head!.started;
  }

  /**
   * Enters a phase that must end within `timeoutMs`. For the time of writing and of a handler's
   * work, see `waitForPeer` and `waitForHandler`.
   */
  #enter(phase: number, timeoutMs: number): void {
    this.#phase = phase;
    this.deadline = this.#shared.clock.after(timeoutMs);
  }

  /**
   * Returns where to read the next bytes of a head. Between requests, the buffer is a small one.
   */
  #roomForHead(): Uint8Array<ArrayBuffer> {
    const { limits } = this.#shared;
    const input = this.#input;
    if (input.start === input.end) input.settle();
    if (this.#hasBegun()) {
      if (this.#phase !== HEAD) this.#enter(HEAD, limits.headTimeoutMs);
    } else if (this.#phase !== IDLE || input.start === input.end) {
      this.#enter(IDLE, limits.idleTimeoutMs);
    }
    return input.space();
  }

  /** Reads a body to its end. Returns false if the connection has ended meanwhile. */
  async #receiveBody(head: RequestHead, body: RequestBody): Promise<boolean> {
    const output = this.#output;
    this.#enter(BEFORE_BODY, Infinity);
    // Pending responses go first: they may refer to memory that the body needs.
    await output.flush();
    if (head.fields.known.expect >= 0 && head.minorVersion === 1) {
      output.appendBytes(CONTINUE);
      await output.flush();
    }
    this.#enter(BODY, this.#shared.limits.bodyTimeoutMs);
    while (!body.advance()) {
      const read = this.#watch === null
        ? await this.#stream.read(body.space())
        : await this.#readWatched(this.#watch, body.space());
      if (this.#phase >= LINGER) return false;
      if (read === null) throw new HttpError(400, "the connection ended within the body");
      body.received(read);
    }
    return true;
  }

  /** Fills the start of `into` from the watch, which reads the stream as long as it exists. */
  async #readWatched(watch: PeerWatch, into: Uint8Array): Promise<number | null> {
    const received = await watch.next(into.length);
    if (received === null) return null;
    into.set(received);
    if (watch.isSpent) {
      watch.release();
      this.#watch = null;
    }
    return received.length;
  }

  /** Responds to an error of the peer, after which nothing it sends can be trusted. */
  async #refuse(error: HttpError): Promise<void> {
    this.#enter(LINGER, Infinity);
    const [method, path] = this.#seen();
    try {
      await this.#output.flush();
      this.#responder.refuse(method, path, error);
      await this.#finish();
    } catch (fault) {
      this.#report(fault);
    }
  }

  /**
   * Sends what is pending and ends the sending direction. The peer's further bytes are drained
   * later.
   */
  async #finish(): Promise<void> {
    if (this.#phase === CLOSED) return;
    this.#enter(LINGER, Infinity);
    await this.#output.flush();
    this.waitForPeer();
    await this.#stream.closeWrite();
    if (this.#phase !== LINGER) return;
    this.#enter(LINGER, this.#isStopping ? STOPPING_LINGER_MS : this.#shared.limits.lingerMs);
  }

  async #drain(): Promise<void> {
    const { largeBuffers, limits } = this.#shared;
    await this.#watch?.settle();
    const buffer = largeBuffers.take();
    await drain(this.#stream, buffer, limits.lingerBytes).catch((error) => this.#report(error));
    largeBuffers.give(buffer);
  }

  /** Reports an error, unless it means that the connection is gone. */
  #report(error: unknown): void {
    if (this.#phase === CLOSED || isDisconnect(error)) return;
    this.#shared.observer.failed?.(this.peer, error);
  }

  /** Closes the stream and ends everything that depends on it. */
  #close(outcome: "aborted" | "stalled"): void {
    if (this.#phase === CLOSED) return;
    const isBodyMissing = this.#phase === BEFORE_BODY || this.#phase === BODY;
    this.#enter(CLOSED, Infinity);
    closeQuietly(this.#stream);
    this.#responder.abandon(outcome);
    if (isBodyMissing) this.#responder.lose(...this.#seen());
    this.#watch?.abort();
  }

  /** Cleans up after the last read and write: lingers if necessary, then returns all memory. */
  async #windUp(): Promise<void> {
    await this.#refusal;
    if (this.#phase === LINGER) await this.#drain();
    this.abort();
    await this.#watch?.settle();
    this.#watch?.release();
    this.#input.release();
    this.#output.release();
    this.#giveHead();
    this.#shared.ended(this);
  }

  /** Returns method and path of the current head, as far as they have been parsed. */
  #seen(): [method: string, path: string] {
    const { bytes, start } = this.#input;
    return this.#head?.seen(bytes, start) ?? ["-", "-"];
  }

  #giveHead(): void {
    if (this.#head !== null) this.#shared.giveHead(this.#head);
    this.#head = null;
  }
}
