/** Scales images in Workers, within bounds of memory and time. */
import { MAX_SCALING_BYTES, type ScaledPicture } from "../../picture/mod.ts";
import { ScalingBusy } from "./scaling_queue.ts";

/** What a Worker is sent: a file to scale, or leave to go on with it. */
export type ScalingOrder =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly box: number }
  | "proceed";

/** What a Worker reports. */
export type ScalingMessage =
  /** It knows what the work takes, and waits for leave. */
  | { readonly kind: "planned"; readonly memoryBytes: number }
  | ScalingResult
  /** Something went wrong that is not the image's fault. */
  | { readonly kind: "failed"; readonly reason: string };

/** What becomes of an image. */
export type ScalingResult =
  | { readonly kind: "scaled"; readonly picture: ScaledPicture }
  /** It is best sent as it is. */
  | { readonly kind: "fits" }
  /** It cannot be decoded, or not within the bounds. */
  | { readonly kind: "unscalable" }
  /** Its Worker did not finish in time. */
  | { readonly kind: "given-up" };

/** Options of `ScalingPool`, each with its default. */
export interface ScalingPoolOptions {
  /** Workers at work at once (one a core, at most four). */
  readonly size?: number;
  /** Milliseconds after which a Worker that is not done is given up (10,000). */
  readonly timeLimitMs?: number;
  /** Bytes that all Workers may take together (1 GB). */
  readonly memoryBytes?: number;
  /** Milliseconds after which an idle Worker is ended (30,000). */
  readonly idleMs?: number;
  /** Makes a Worker; tests give their own. */
  readonly makeWorker?: () => Worker;
}

/** A Worker that took more for an image is ended after it: its memory would stay with it, bytes. */
const KEPT_WORKER_BYTES = 128 * 1024 * 1024;

/**
 * Makes a Worker of the module beside this one: the source, or in a compiled program what
 * tools/build/compile.ts made of it.
 */
function makeScalingWorker(): Worker {
  const isSource = import.meta.url.endsWith(".ts");
  // Both are literals, so that tools which look for Workers find them.
  const url = isSource
    ? new URL("./scaling_worker.ts", import.meta.url)
    : new URL("./scaling_worker.js", import.meta.url);
  return new Worker(url, { type: "module" });
}

/** A few Workers that scale images. */
export class ScalingPool {
  readonly size: number;
  readonly #options: Required<Omit<ScalingPoolOptions, "size">>;
  /** Idle Workers, the one that was used last at the end, with the timer that ends each. */
  readonly #idle: { readonly worker: Worker; readonly timer: ReturnType<typeof setTimeout> }[] = [];
  readonly #busy = new Set<Worker>();
  /** Workers that did not finish in time. A busy loop cannot be ended from outside. */
  readonly #givenUp = new Set<Worker>();
  #freeBytes: number;
  /** Who waits for memory, in order. */
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];

  constructor(options: ScalingPoolOptions = {}) {
    this.size = options.size ?? Math.min(4, navigator.hardwareConcurrency);
    this.#options = {
      timeLimitMs: options.timeLimitMs ?? 10_000,
      memoryBytes: options.memoryBytes ?? MAX_SCALING_BYTES,
      idleMs: options.idleMs ?? 30_000,
      makeWorker: options.makeWorker ?? makeScalingWorker,
    };
    this.#freeBytes = this.#options.memoryBytes;
  }

  /**
   * Scales an image to fit a square box.
   *
   * @param bytes the whole file, which is handed over to the Worker
   * @param box the side of the box, pixels
   * @throws {ScalingBusy} if as many Workers as the pool has were given up and still run
   */
  async scale(bytes: Uint8Array<ArrayBuffer>, box: number): Promise<ScalingResult> {
    if (this.#givenUp.size >= this.size) throw new ScalingBusy("every Worker was given up");
    const worker = this.#takeWorker();
    let granted = 0;
    const done = Promise.withResolvers<ScalingResult>();
    let timer = setTimeout(() => giveUp(), this.#options.timeLimitMs);
    const finish = () => {
      clearTimeout(timer);
      this.#release(granted);
      this.#busy.delete(worker);
    };
    const giveUp = () => {
      this.#busy.delete(worker);
      this.#givenUp.add(worker);
      // What it holds stays counted until it ends.
      done.resolve({ kind: "given-up" });
    };
    worker.onmessage = ({ data }: MessageEvent<ScalingMessage>) => {
      if (data.kind === "planned") {
        clearTimeout(timer);
        // One that wants more than there is gets all of it.
        granted = Math.min(data.memoryBytes, this.#options.memoryBytes);
        this.#whenFree(granted, () => {
          timer = setTimeout(() => giveUp(), this.#options.timeLimitMs);
          worker.postMessage("proceed" satisfies ScalingOrder);
        });
        return;
      }
      const wasGivenUp = this.#givenUp.delete(worker);
      finish();
      if (wasGivenUp || granted > KEPT_WORKER_BYTES) worker.terminate();
      else this.#keepIdle(worker);
      if (data.kind === "failed") done.reject(new Error(`scaling failed: ${data.reason}`));
      else done.resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#givenUp.delete(worker);
      finish();
      worker.terminate();
      done.reject(new Error(`a scaling Worker ended: ${event.message}`));
    };
    const order: ScalingOrder = { bytes, box };
    worker.postMessage(order, [bytes.buffer]);
    return await done.promise;
  }

  /** Ends all Workers, except that one in a busy loop ends with the process. */
  close(): void {
    for (const { worker, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      worker.terminate();
    }
    for (const worker of [...this.#busy, ...this.#givenUp]) worker.terminate();
  }

  #takeWorker(): Worker {
    const idle = this.#idle.pop();
    if (idle !== undefined) clearTimeout(idle.timer);
    const worker = idle?.worker ?? this.#options.makeWorker();
    this.#busy.add(worker);
    return worker;
  }

  #keepIdle(worker: Worker): void {
    const timer = setTimeout(() => {
      const index = this.#idle.findIndex((entry) => entry.worker === worker);
      this.#idle.splice(index, 1);
      worker.terminate();
    }, this.#options.idleMs);
    this.#idle.push({ worker, timer });
  }

  /** Calls `start` once so much memory is free, in the order of the calls. */
  #whenFree(bytes: number, start: () => void): void {
    this.#waiting.push({ bytes, start });
    this.#startWaiting();
  }

  #release(bytes: number): void {
    this.#freeBytes += bytes;
    this.#startWaiting();
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#waiting[0].bytes <= this.#freeBytes) {
      const { bytes, start } = this.#waiting.shift()!;
      this.#freeBytes -= bytes;
      start();
    }
  }
}
