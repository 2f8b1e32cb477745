/** A server that sends prepared bytes. */
import type { ByteStream } from "../../../lib/http/mod.ts";
import { type MemoryStream, streamPair } from "./memory_stream.ts";
import { asText, toBytes } from "./test_server.ts";

/** What a server does with one request: what it writes, piece by piece; then whether it closes. */
export interface Script {
  readonly pieces: readonly string[];
  readonly close?: boolean;
}

/**
 * A server for the client's tests: each connection goes through its list of scripts, one a request,
 * and then closes.
 */
export class ScriptedServer {
  /** The requests of each connection, as they came. */
  readonly received: string[][] = [];
  /** Ends of the connections that are not closed by the client. */
  readonly streams: MemoryStream[] = [];
  #scripts: Script[][];

  /** @param scripts for each connection, what it does with each request */
  constructor(...scripts: Script[][]) {
    this.#scripts = scripts;
  }

  connect = (): Promise<ByteStream> => {
    const scripts = this.#scripts[this.received.length];
    if (scripts === undefined) return Promise.reject(new Deno.errors.ConnectionRefused("no more"));
    const [near, far] = streamPair();
    const requests: string[] = [];
    this.received.push(requests);
    this.streams.push(far);
    this.#run(far, scripts, requests).catch(() => {});
    return Promise.resolve(near);
  };

  async #run(stream: MemoryStream, scripts: Script[], requests: string[]): Promise<void> {
    const buffer = new Uint8Array(65536);
    for (const { pieces, close } of scripts) {
      // The client sends a request in one write: so it comes in one read.
      const read = await stream.read(buffer);
      if (read === null) break;
      requests.push(asText(buffer.subarray(0, read)));
      for (const piece of pieces) {
        await stream.write(toBytes(piece));
        // Lets the client see the piece by itself.
        for (let turn = 0; turn < 20; turn++) await null;
      }
      if (close) break;
    }
    if (stream.closed) return;
    stream.close();
  }
}
