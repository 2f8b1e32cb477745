import { AnswerWriter } from "./answer_writer.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Clock } from "./clock.ts";
import { isDisconnect } from "./disconnect.ts";
import { errorResponse, HttpError } from "./error.ts";
import { CHUNKED, isPersistent } from "./framing.ts";
import type { ServerLimits } from "./limits.ts";
import { drain } from "./linger.ts";
import type { ByteStream } from "./message.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";
import { ReceivedRequest } from "./received_request.ts";
import { RequestBody } from "./request_body.ts";
import { checkRequest } from "./request_check.ts";
import type { RequestHead } from "./request_head.ts";
import { Responder, type ResponderShared } from "./responder.ts";
import { CONNECTION_CLOSE } from "./serializer.ts";

/** What the connections of one server share. */
export interface Shared extends ResponderShared {
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** What an idle connection waits with. */
  readonly smallBuffers: BufferPool;
  /** For heads that need more, and for answers. */
  readonly largeBuffers: BufferPool;
  /** Lends a parser that no connection is using. */
  takeHead(): RequestHead;
  /** Takes it back. */
  giveHead(head: RequestHead): void;
  /** Told when a connection has ended. */
  ended(connection: Connection): void;
}

/** Where a connection is; `docs/http.md` has the diagram. */
const IDLE = 0, HEAD = 1, BODY = 2, ANSWER = 3, LINGER = 4, CLOSED = 5;

/** How long a stopping server waits for a peer that has its last answer. */
const STOPPING_LINGER_MS = 500;

const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/**
 * The server's side of one connection: reads requests, asks the handler, sends answers in order.
 *
 * Ten thousand of these may wait at a time, each for its next request. So one that waits holds a small
 * buffer and the frame of one function, and a request that is answered at once costs one `await` to read
 * and one to write.
 */
export class Connection {
  /** When `expire` is due, in the clock's milliseconds. */
  deadline = Infinity;
  /** The request in hand is the last. */
  last = false;
  /** The peer's address. */
  readonly peer: string;
  /** The peer's port. */
  readonly port: number;

  #stream: ByteStream;
  #shared: Shared;
  #input: ReceiveBuffer;
  #output: AnswerWriter;
  #responder: Responder;
  #phase = IDLE;
  /** The parser of the head that is being received or answered. */
  #head: RequestHead | null = null;
  #refusal: Promise<void> | null = null;

  constructor(stream: ByteStream, peer: string, port: number, shared: Shared) {
    this.peer = peer;
    this.port = port;
    this.#stream = stream;
    this.#shared = shared;
    this.#input = new ReceiveBuffer(shared.smallBuffers, shared.largeBuffers);
    this.#output = new AnswerWriter(stream, shared, this);
    this.#responder = new Responder(this.#output, shared, this);
  }

  /** Ends it soon: at once where it is idle, else after the answer in the making. */
  stop(): void {
    this.last = true;
    if (this.#phase === IDLE) this.cut();
    if (this.#phase === LINGER) this.deadline = this.#shared.clock.after(STOPPING_LINGER_MS);
  }

  /** Ends it at once, whatever it is doing. */
  cut(): void {
    if (this.#phase === CLOSED) return;
    this.#phase = CLOSED;
    try {
      this.#stream.close();
    } catch {
      // Already closed.
    }
  }

  /** The deadline has passed. */
  expire(): void {
    this.deadline = Infinity;
    // The read that is pending cannot be called off. It goes on, and drains.
    if (this.#phase === HEAD) {
      this.#refusal = this.#refuse(new HttpError(408, "the head took too long"));
    } else if (this.#phase === BODY) {
      this.#refusal = this.#refuse(new HttpError(408, "the body took too long"));
    } else {
      this.cut();
    }
  }

  /**
   * Serves until the connection ends. Never rejects.
   *
   * @param handshake what must have been agreed on before, if anything
   */
  async run(handshake?: Promise<unknown>): Promise<void> {
    const input = this.#input;
    const output = this.#output;
    try {
      if (handshake !== undefined) {
        this.deadline = this.#shared.clock.after(this.#shared.limits.handshakeTimeoutMs);
        await handshake;
      }
      for (;;) {
        let head: RequestHead | null = null;
        while (
          input.start === input.end ||
          !(head ??= this.#takeHead()).parse(input.bytes, input.start, input.end)
        ) {
          if (output.pending) {
            await this.#shared.turn.end();
            while (output.pending) output.sent(await this.#stream.write(output.begin()));
          }
          if (this.last && input.start === input.end) return await this.#finish();
          const read = await this.#stream.read(this.#roomForHead());
          if (this.#phase >= LINGER) return;
          if (read === null) {
            if (head === null || !head.started) return;
            throw new HttpError(400, "the connection ended within the head");
          }
          input.end += read;
        }

        const { limits } = this.#shared;
        const length = checkRequest(head!, input.bytes, input.start, limits);
        let next = input.start + head!.length + length;
        let body: RequestBody | null = null;
        if (length === CHUNKED || next > input.end) {
          body = new RequestBody(input, head!.length, length, limits);
          if (!await this.#receiveBody(head!, body)) return;
          next = input.start + body.next;
        }

        const { bytes, start } = input;
        if (!isPersistent(head!.fields, bytes, start, head!.minorVersion)) this.last = true;
        const content = body === null ? null : body.content;
        const request = new ReceivedRequest(head!, bytes, start, content, length, this.peer);
        this.#phase = ANSWER;
        this.deadline = Infinity;
        const sending = this.#responder.answer(request);
        if (sending !== null) await sending;
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

  /** Where to read the next octets of a head, or the first. Between requests there is no large buffer. */
  #roomForHead(): Uint8Array<ArrayBuffer> {
    const { clock, limits } = this.#shared;
    const input = this.#input;
    if (input.start === input.end) {
      input.settle();
      this.#phase = IDLE;
      this.deadline = clock.after(limits.idleTimeoutMs);
    } else if (this.#phase !== HEAD) {
      this.#phase = HEAD;
      this.deadline = clock.after(limits.headTimeoutMs);
    }
    return input.space();
  }

  /** Reads a body to its end. False where the connection is done for meanwhile. */
  async #receiveBody(head: RequestHead, body: RequestBody): Promise<boolean> {
    const output = this.#output;
    this.#phase = ANSWER;
    // What waits goes first: there may be content behind it, or no room for more.
    await output.flush();
    if (head.fields.known.expect >= 0 && head.minorVersion === 1) {
      output.appendOctets(CONTINUE);
      await output.flush();
    }
    this.#phase = BODY;
    this.deadline = this.#shared.clock.after(this.#shared.limits.bodyTimeoutMs);
    while (!body.advance()) {
      const read = await this.#stream.read(body.space());
      if (this.#phase >= LINGER) return false;
      if (read === null) throw new HttpError(400, "the connection ended within the body");
      body.received(read);
    }
    return true;
  }

  /** Answers an error of the peer's, after which nothing it sends can be trusted. */
  async #refuse(error: HttpError): Promise<void> {
    this.#phase = LINGER;
    const { observer } = this.#shared;
    const output = this.#output;
    const { bytes, start } = this.#input;
    const [method, path] = this.#head?.seen(bytes, start) ?? ["-", "-"];
    try {
      const response = errorResponse(error);
      await output.flush();
      const sent = output.append(response, method === "HEAD", CONNECTION_CLOSE);
      observer.answered?.(this.peer, method, path, error.status, sent, 0);
      await this.#finish();
    } catch (fault) {
      this.#report(fault);
    }
  }

  /** Sends what is left and ends the sending direction. The other is read for a while yet; see `drain`. */
  async #finish(): Promise<void> {
    this.#phase = LINGER;
    await this.#output.flush();
    this.deadline = this.#shared.clock.after(this.#shared.limits.writeStallMs);
    await this.#stream.closeWrite();
    this.deadline = this.#shared.clock.after(this.#shared.limits.lingerMs);
  }

  async #drain(): Promise<void> {
    const { largeBuffers, limits } = this.#shared;
    const buffer = largeBuffers.take();
    await drain(this.#stream, buffer, limits.lingerBytes).catch((error) => this.#report(error));
    largeBuffers.give(buffer);
  }

  /** Tells of a fault, unless it is a peer that went away, or this end cutting it off. */
  #report(error: unknown): void {
    if (this.#phase === CLOSED || isDisconnect(error)) return;
    this.#shared.observer.failed?.(this.peer, error);
  }

  /** After the last read and write, whatever ended them: lingers if need be, and gives all back. */
  async #windUp(): Promise<void> {
    await this.#refusal;
    if (this.#phase === LINGER) await this.#drain();
    this.cut();
    this.#input.release();
    this.#output.release();
    this.#giveHead();
    this.#shared.ended(this);
  }

  #takeHead(): RequestHead {
    return this.#head = this.#shared.takeHead();
  }

  #giveHead(): void {
    if (this.#head !== null) this.#shared.giveHead(this.#head);
    this.#head = null;
  }
}
