/**
 * Paints pictures in Workers, so that no key waits for one: a large picture takes seconds to
 * decode.
 */
import type { Size } from "../../picture/mod.ts";
import type { Box, Painted, PaintStyle, PictureWindow } from "./paint.ts";
import type { PaintOrder, PaintRequest, PaintResponse, PaintResult } from "./protocol.ts";

/**
 * Workers for files that are opened. A picture that is no longer wanted is decoded to its end,
 * because a busy Worker cannot be stopped: with one more, the next picture need not wait for that.
 */
export const OPENING_WORKERS = 2;

/** A file that was opened, to be painted several times. */
export interface OpenPicture {
  /** Pixels of the picture, upright. */
  readonly size: Size;
  /** Height of a cell divided by its width. */
  readonly cellAspect: number;
  /** Paints all of it, no larger than a box; null if it cannot be drawn. */
  paint(box: Box): Promise<Painted | null>;
  /** Paints a part of it; null if it cannot be drawn. */
  paintPart(window: PictureWindow): Promise<Painted | null>;
  /** Gives its Worker to the next file. */
  close(): void;
}

/** What a painter works with. */
export interface PainterOptions {
  /** Replaces `OPENING_WORKERS`. */
  readonly openingWorkers?: number;
  /** Makes a Worker; tests give their own. */
  readonly makeWorker?: () => Worker;
}

/** Paints small pictures one after the other in one Worker, and opens files in others. */
export class Painter {
  readonly #openingWorkers: number;
  readonly #makeWorker: () => Worker;
  #style: PaintStyle = { symbols: "block", colors: "truecolor", graphics: null };
  /** Paints what comes as bytes, such as thumbnails. */
  #first: PaintingWorker;
  readonly #opening: PaintingWorker[] = [];
  readonly #idle: PaintingWorker[] = [];
  /** Those who wait for one that is idle; null means that none will be. */
  readonly #waiting: ((worker: PaintingWorker | null) => void)[] = [];
  /** The last id of a picture in the terminal; the first is random, so that none is another's. */
  #lastId = crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
  #isClosed = false;

  /** Starts the first Worker. */
  constructor({ openingWorkers, makeWorker }: PainterOptions = {}) {
    this.#openingWorkers = openingWorkers ?? OPENING_WORKERS;
    this.#makeWorker = makeWorker ?? makePaintingWorker;
    this.#first = new PaintingWorker(this.#makeWorker());
  }

  /** With what everything is painted from now on. */
  set style(style: PaintStyle) {
    this.#style = style;
  }

  /** Paints a picture, no larger than a box; null if it cannot be drawn. */
  async paint(bytes: Uint8Array, box: Box): Promise<Painted | null> {
    if (this.#first.isBroken) this.#first = new PaintingWorker(this.#makeWorker());
    return paintedOf(await this.#first.request({ kind: "paint", bytes, box, ...this.#look() }));
  }

  /**
   * Opens a file.
   *
   * @param bytes the whole file, which is handed over to the Worker
   * @param isWanted whether it still is when a Worker is idle
   * @returns null if it cannot be drawn, or is not wanted any more
   */
  async open(
    bytes: Uint8Array<ArrayBuffer>,
    isWanted: () => boolean,
  ): Promise<OpenPicture | null> {
    const worker = await this.#take();
    if (worker === null) return null;
    let isClosed = false;
    const close = () => {
      if (isClosed) return;
      isClosed = true;
      worker.request({ kind: "close" });
      worker.settled().then(() => this.#give(worker));
    };
    if (!isWanted()) {
      close();
      return null;
    }
    const result = await worker.request({ kind: "open", bytes }, [bytes.buffer]);
    if (result.kind !== "opened") {
      close();
      return null;
    }
    const { graphics } = this.#style;
    return {
      size: result.size,
      cellAspect: graphics === null ? 2 : graphics.cellHeight / graphics.cellWidth,
      paint: async (box) =>
        paintedOf(await worker.request({ kind: "whole", box, ...this.#look() })),
      paintPart: async (window) =>
        paintedOf(await worker.request({ kind: "part", window, ...this.#look() })),
      close,
    };
  }

  /** Ends the Workers, except that a busy one ends when its picture is done. */
  close(): void {
    this.#isClosed = true;
    for (const worker of [this.#first, ...this.#opening]) worker.end();
    for (const resolve of this.#waiting.splice(0)) resolve(null);
  }

  #look() {
    return { style: this.#style, id: ++this.#lastId };
  }

  /** Returns an idle Worker, or waits for one; null once the painter is closed. */
  async #take(): Promise<PaintingWorker | null> {
    if (this.#isClosed) return null;
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#opening.length < this.#openingWorkers) {
      const worker = new PaintingWorker(this.#makeWorker());
      this.#opening.push(worker);
      return worker;
    }
    return await new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(worker: PaintingWorker): void {
    let next = worker;
    if (worker.isBroken) {
      this.#opening.splice(this.#opening.indexOf(worker), 1);
      if (this.#waiting.length === 0 || this.#isClosed) return;
      this.#opening.push(next = new PaintingWorker(this.#makeWorker()));
    }
    // What was asked for last is what somebody looks at.
    const resolve = this.#waiting.pop();
    if (resolve === undefined) this.#idle.push(next);
    else resolve(next);
  }
}

function paintedOf(result: PaintResult): Painted | null {
  return result.kind === "painted" ? result.painted : null;
}

/**
 * Makes a Worker of the module beside this one: the source, or in a compiled program what
 * tools/build/compile.ts made of it.
 */
function makePaintingWorker(): Worker {
  const isSource = import.meta.url.endsWith(".ts");
  // Both are literals, so that tools which look for Workers find them.
  const url = isSource
    ? new URL("./painting_worker.ts", import.meta.url)
    : new URL("./painting_worker.js", import.meta.url);
  return new Worker(url, { type: "module" });
}

/** A Worker, and the orders that it has not carried out yet. */
class PaintingWorker {
  readonly #worker: Worker;
  readonly #pending = new Map<number, (result: PaintResult) => void>();
  readonly #settling: (() => void)[] = [];
  #lastNumber = 0;
  /** Whether it has ended: it carries out nothing more. */
  isBroken = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: { number, result } }: MessageEvent<PaintResponse>) => {
      this.#pending.get(number)?.(result);
      this.#pending.delete(number);
      this.#settle();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.end();
    };
  }

  /** Has an order carried out. A Worker that ends meanwhile has not drawn the picture. */
  request(order: PaintOrder, transfer: Transferable[] = []): Promise<PaintResult> {
    if (this.isBroken) return Promise.resolve({ kind: "undrawn" });
    const number = ++this.#lastNumber;
    const { promise, resolve } = Promise.withResolvers<PaintResult>();
    this.#pending.set(number, resolve);
    this.#worker.postMessage({ number, order } satisfies PaintRequest, transfer);
    return promise;
  }

  /** Resolves once it has nothing more to do. */
  settled(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settling.push(resolve));
  }

  /** Ends it. */
  end(): void {
    this.isBroken = true;
    this.#worker.terminate();
    for (const resolve of this.#pending.values()) resolve({ kind: "undrawn" });
    this.#pending.clear();
    this.#settle();
  }

  #settle(): void {
    if (this.#pending.size > 0) return;
    for (const resolve of this.#settling.splice(0)) resolve();
  }
}
