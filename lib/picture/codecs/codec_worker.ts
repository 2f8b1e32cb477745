/**
 * Decoding in a Worker, bounded in time.
 *
 * @module
 */
import { PictureError } from "../error.ts";
import type { Raster, Rgb } from "../pixels/raster.ts";
import type { CodecName, CodecRequest, CodecResponse } from "./protocol.ts";

/** How long the decoding of one picture may take, milliseconds. */
export const CODEC_TIMEOUT_MS = 30_000;

/** Pixels as the Worker sends them. */
export type CodecPixels = NonNullable<CodecResponse>;

/** A Worker that decodes the pictures of one file, one after the other. */
export class CodecWorker {
  // In a compiled program this file is part of a bundle, and the Worker's bundle lies beside it.
  readonly #worker = new Worker(
    new URL(import.meta.url.endsWith(".js") ? "./worker.js" : "./worker.ts", import.meta.url),
    { type: "module" },
  );
  readonly #timeoutMs: number;

  /** How long one picture may take by default, milliseconds. Tests on busy machines give more. */
  static timeoutMs = CODEC_TIMEOUT_MS;

  /** @param timeoutMs how long one picture may take, milliseconds */
  constructor(timeoutMs: number = CodecWorker.timeoutMs) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Decodes a file over a background.
   *
   * @param isDeep whether the averages of the pixels keep more than 8 bits, if the codec has them
   * @throws as `decodeRgba` does
   */
  async decode(
    codec: CodecName,
    bytes: Uint8Array,
    background: Rgb,
    isDeep?: boolean,
  ): Promise<Raster> {
    const pixels = await this.#request({ codec, bytes: bytes.slice(), background, isDeep });
    return { ...pixels, channels: 3 };
  }

  /**
   * Decodes a file to RGBA.
   *
   * @throws {PictureError} if it takes too long
   * @throws {Error} if the codec cannot decode it, or the Worker dies
   */
  decodeRgba(codec: CodecName, bytes: Uint8Array): Promise<CodecPixels> {
    return this.#request({ codec, bytes: bytes.slice(), background: null });
  }

  #request(request: CodecRequest): Promise<CodecPixels> {
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<CodecPixels>();
    const timer = setTimeout(() => {
      const seconds = this.#timeoutMs / 1000;
      reject(new PictureError("too-slow", `The picture took more than ${seconds} s to decode.`));
    }, this.#timeoutMs);
    worker.onmessage = ({ data }: MessageEvent<CodecResponse>) => {
      if (data === null) reject(new Error("The codec cannot decode the picture"));
      else resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error("The Worker died"));
    };
    worker.postMessage(request, [request.bytes.buffer]);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Ends the Worker, and with it frees the memory of its codecs. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
