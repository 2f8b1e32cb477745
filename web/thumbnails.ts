/**
 * Loads the thumbnails in view, at most six at a time. A tile that is scrolled away gives up its request,
 * and the first sign of a key that has ended stops them all.
 */
import { isKeyLive, Refused } from "./server.ts";

/** Thumbnails in flight at a time: what a browser opens of connections to one HTTP/1.1 server. */
const IN_FLIGHT = 6;

/** How often one that failed is tried again, and how long to wait before the first time, ms. */
const RETRIES = 3, RETRY_MS = 1000;

/** What an `img` is to show. */
export interface Sources {
  readonly src: string;
  readonly srcset: string;
  readonly sizes: string;
}

interface Job {
  readonly sources: Sources;
  failures: number;
}

/** The thumbnails of a page. */
export class Thumbnails {
  readonly #waiting = new Map<HTMLImageElement, Job>();
  readonly #loading = new Map<HTMLImageElement, Job>();
  readonly #keyEnded: () => void;
  #isPaused = false;

  /** @param keyEnded called once when an image was refused because the key has ended */
  constructor(keyEnded: () => void) {
    this.#keyEnded = keyEnded;
  }

  /** Shows an image as soon as its turn comes. */
  load(image: HTMLImageElement, sources: Sources): void {
    if (this.#waiting.has(image) || this.#loading.has(image)) return;
    this.#waiting.set(image, { sources, failures: 0 });
    this.#fill();
  }

  /** Gives up an image that is no longer in view. */
  cancel(image: HTMLImageElement): void {
    this.#waiting.delete(image);
    if (this.#loading.delete(image)) {
      image.onload = image.onerror = null;
      image.removeAttribute("srcset");
      image.removeAttribute("src");
    }
    this.#fill();
  }

  /** Gives up everything. */
  clear(): void {
    this.#waiting.clear();
    for (const image of [...this.#loading.keys()]) this.cancel(image);
  }

  /** Stops loading until `resume`; what is in flight is asked for again then. */
  pause(): void {
    this.#isPaused = true;
    for (const [image, job] of [...this.#loading]) {
      this.cancel(image);
      this.#waiting.set(image, job);
    }
  }

  /** Loads what is still wanted. */
  resume(): void {
    this.#isPaused = false;
    this.#fill();
  }

  #fill(): void {
    if (this.#isPaused) return;
    for (const [image, job] of this.#waiting) {
      if (this.#loading.size >= IN_FLIGHT) return;
      this.#waiting.delete(image);
      this.#start(image, job);
    }
  }

  #start(image: HTMLImageElement, job: Job): void {
    this.#loading.set(image, job);
    image.onload = () => this.#ended(image, "loaded");
    image.onerror = () => this.#failed(image, job);
    image.sizes = job.sources.sizes;
    image.srcset = job.sources.srcset;
    image.src = job.sources.src;
  }

  #ended(image: HTMLImageElement, state: "loaded" | "failed"): void {
    this.#loading.delete(image);
    image.onload = image.onerror = null;
    image.dataset.state = state;
    this.#fill();
  }

  /**
   * An `img` does not say why it failed: ask whether it was the key. Meanwhile nothing else is asked
   * for, so that a key that has ended is refused once and not for every tile; what is in flight goes on.
   */
  async #failed(image: HTMLImageElement, job: Job): Promise<void> {
    this.cancel(image);
    job.failures++;
    this.#waiting.set(image, job);
    if (this.#isPaused) return;
    this.#isPaused = true;
    try {
      if (!await isKeyLive()) return this.#keyEnded();
    } catch (error) {
      // No word about the key: the server is away or busy, and may be back for the next try.
      if (!(error instanceof Refused)) throw error;
    }
    const isLast = job.failures > RETRIES;
    this.#waiting.delete(image);
    this.resume();
    if (isLast) return this.#ended(image, "failed");
    setTimeout(() => {
      if (!image.isConnected) return;
      this.#waiting.set(image, job);
      this.#fill();
    }, RETRY_MS * 2 ** (job.failures - 1));
  }
}
