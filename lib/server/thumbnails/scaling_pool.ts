/** Scales images in Workers, within bounds of memory and time. */
import { MAX_SCALING_BYTES, type ScaledPicture } from "../../picture/mod.ts";
import { ScalingBusy } from "./scaling_queue.ts";

/** What a Worker is sent: a file to scale, leave to go on with it, or to load what it will need. */
export type ScalingOrder =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly box: number }
  | "proceed"
  | "warm";

/** What a Worker reports. */
export type ScalingMessage =
  /** It has loaded and received the order: from now on its time counts. */
  | { readonly kind: "begun" }
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
  /** Milliseconds of work after which a Worker that is not done is given up (10,000). */
  readonly timeLimitMs?: number;
  /** Milliseconds after which a Worker that still loads its modules is given up (60,000). */
  readonly startLimitMs?: number;
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

/** A Worker that waits for memory. */
interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
  /** Called instead if there will not be so much unless a Worker that was given up ends. */
  readonly refuse: () => void;
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
  #isClosed = false;
  #freeBytes: number;
  /** Bytes of Workers that were given up: free once these end, which may be never. */
  #lostBytes = 0;
  /** Who waits for memory, in order. */
  readonly #waiting = new Set<Waiting>();

  constructor(options: ScalingPoolOptions = {}) {
    this.size = options.size ?? Math.min(4, navigator.hardwareConcurrency);
    this.#options = {
      timeLimitMs: options.timeLimitMs ?? 10_000,
      startLimitMs: options.startLimitMs ?? 60_000,
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
   * @throws {ScalingBusy} if as many Workers as the pool has were given up and still run, or those
   * hold memory that this image needs
   * @throws {Error} if the Worker fails, or does not begin in time
   */
  async scale(bytes: Uint8Array<ArrayBuffer>, box: number): Promise<ScalingResult> {
    if (this.#givenUp.size >= this.size) throw new ScalingBusy("every Worker was given up");
    const worker = this.#takeWorker();
    let granted = 0;
    let waiting: Waiting | null = null;
    const done = Promise.withResolvers<ScalingResult>();
    const { timeLimitMs, startLimitMs } = this.#options;
    let timer = setTimeout(() => {
      giveUp();
      done.reject(new Error(`a scaling Worker did not start within ${startLimitMs} ms`));
    }, startLimitMs);
    const startClock = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        giveUp();
        done.resolve({ kind: "given-up" });
      }, timeLimitMs);
    };
    const finish = () => {
      clearTimeout(timer);
      this.#busy.delete(worker);
      if (waiting !== null) this.#waiting.delete(waiting);
      const wasGivenUp = this.#givenUp.delete(worker);
      if (wasGivenUp) this.#lostBytes -= granted;
      this.#release(granted);
      return wasGivenUp;
    };
    const giveUp = () => {
      this.#busy.delete(worker);
      this.#givenUp.add(worker);
      this.#lostBytes += granted;
      this.#startWaiting();
    };
    // It waits for leave, so unlike a busy loop it can be ended.
    const refuse = () => {
      finish();
      worker.terminate();
      done.reject(new ScalingBusy("Workers that were given up hold the memory"));
    };
    worker.onmessage = ({ data }: MessageEvent<ScalingMessage>) => {
      if (data.kind === "begun") {
        if (!this.#givenUp.has(worker)) startClock();
        return;
      }
      if (data.kind === "planned") {
        clearTimeout(timer);
        if (this.#givenUp.has(worker)) return refuse();
        // One that wants more than there is gets all of it.
        const bytes = Math.min(data.memoryBytes, this.#options.memoryBytes);
        const start = () => {
          waiting = null;
          granted = bytes;
          startClock();
          worker.postMessage("proceed" satisfies ScalingOrder);
        };
        this.#waiting.add(waiting = { bytes, start, refuse });
        this.#startWaiting();
        return;
      }
      const wasGivenUp = finish();
      if (wasGivenUp || granted > KEPT_WORKER_BYTES) worker.terminate();
      else this.#keepIdle(worker);
      if (data.kind === "failed") done.reject(new Error(`scaling failed: ${data.reason}`));
      else done.resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      finish();
      worker.terminate();
      done.reject(new Error(`a scaling Worker ended: ${event.message}`));
    };
    const order: ScalingOrder = { bytes, box };
    worker.postMessage(order, [bytes.buffer]);
    return await done.promise;
  }

  /**
   * Starts a Worker unless there is one, and lets it load what it needs: it ends as other idle ones
   * do. Without this, the first image waits for several times as long as the next.
   */
  warm(): void {
    if (this.#isClosed || this.#idle.length + this.#busy.size + this.#givenUp.size > 0) return;
    let worker: Worker;
    try {
      worker = this.#options.makeWorker();
    } catch {
      // The next image finds out what is wrong, here and below.
      return;
    }
    worker.onerror = (event) => {
      event.preventDefault();
      const index = this.#idle.findIndex((entry) => entry.worker === worker);
      for (const { timer } of this.#idle.splice(index, 1)) clearTimeout(timer);
      worker.terminate();
    };
    worker.postMessage("warm" satisfies ScalingOrder);
    this.#keepIdle(worker);
  }

  /** Ends all Workers, except that one in a busy loop ends with the process. */
  close(): void {
    this.#isClosed = true;
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
      this.#idle.splice(this.#idle.indexOf(entry), 1);
      worker.terminate();
    }, this.#options.idleMs);
    const entry = { worker, timer };
    this.#idle.push(entry);
  }

  #release(bytes: number): void {
    this.#freeBytes += bytes;
    this.#startWaiting();
  }

  /** Starts those who wait, in order, as far as the memory goes. */
  #startWaiting(): void {
    const mostBytes = this.#options.memoryBytes - this.#lostBytes;
    for (const waiting of this.#waiting) {
      const isRefused = waiting.bytes > mostBytes;
      if (!isRefused && waiting.bytes > this.#freeBytes) return;
      this.#waiting.delete(waiting);
      if (isRefused) waiting.refuse();
      else {
        this.#freeBytes -= waiting.bytes;
        waiting.start();
      }
    }
  }
}
