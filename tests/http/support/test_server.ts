/** A server in memory, with the texts it sends. */
import { Buffer } from "node:buffer";
import {
  type Handler,
  type HttpServer,
  type Request,
  serve,
  type ServeOptions,
} from "../../../lib/http/mod.ts";
import { MemoryListener } from "./memory_listener.ts";
import { MemoryStream } from "./memory_stream.ts";

/** Text as bytes, one each character, so that a test can send any byte. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Bytes as text, one character each: the inverse of `toBytes`. */
export function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Everything up to the end of the stream, as text. */
export async function readAll(stream: MemoryStream): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (let read; (read = await stream.read(buffer)) !== null;) {
    text += asText(buffer.subarray(0, read));
  }
  return text;
}

/** Reads until `end` has come. */
export async function readTo(stream: MemoryStream, end: string): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!text.includes(end)) {
    const read = await stream.read(buffer);
    if (read === null) throw new Error(`ended after ${JSON.stringify(text)}`);
    text += asText(buffer.subarray(0, read));
  }
  return text;
}

/** A copy of a request, which outlives its response. */
export interface Asked {
  method: string;
  target: string;
  path: string;
  query: string;
  minorVersion: number;
  fields: [string, string][];
  body: string;
  peer: string;
}

/** Keeps what a request says. */
function keep(request: Request): Asked {
  return {
    method: request.method,
    target: request.target,
    path: request.path,
    query: request.query.toString(),
    minorVersion: request.minorVersion,
    fields: [...request.fields],
    body: asText(request.body),
    peer: request.peer,
  };
}

/** A server on a listener in memory, and what its handler was asked. */
export class TestServer {
  readonly listener = new MemoryListener();
  readonly asked: Asked[] = [];
  readonly server: HttpServer;

  /** @param handler without one, every request gets 200 with the body `ok` */
  constructor(
    handler: Handler = () => ({ status: 200, body: "ok" }),
    options: ServeOptions = {},
  ) {
    this.server = serve(this.listener, (request) => {
      this.asked.push(keep(request));
      return handler(request);
    }, options);
  }

  connect(hostname?: string, capacity?: number): MemoryStream {
    return this.listener.connect(hostname, 50000, capacity);
  }

  /**
   * Sends the pieces, then ends the sending direction, and reads everything. The text may hold any
   * character up to U+00FF, which is one byte.
   */
  async exchange(...pieces: string[]): Promise<string> {
    const stream = this.connect();
    for (const piece of pieces) await stream.write(toBytes(piece));
    await stream.closeWrite();
    const received = await readAll(stream);
    stream.close();
    return received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown(0);
  }
}

/** The status codes of the responses in a text, in order. */
export function statuses(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}
