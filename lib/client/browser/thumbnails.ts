/**
 * The thumbnails of a sheet: fetched over connections of their own, the visible ones first, and
 * painted in cells.
 */
import { Failure } from "../failure.ts";
import type { PhotoServer } from "../remote/photo_server.ts";
import type { Size } from "../../picture/mod.ts";
import type { Box, Painted } from "../painting/paint.ts";

/** Painted thumbnails that are kept. */
export const KEPT_THUMBNAILS = 600;

/** Connections that fetch thumbnails: over a long line, each waits most of its time. */
export const THUMBNAIL_CONNECTIONS = 6;

/** How long a thumbnail waits for a server that has too much to do, milliseconds. */
const BUSY_DELAY_MS = 300;

/** How long a server that cannot be reached is left alone, milliseconds. */
const RETRY_DELAY_MS = 2000;

/** How often a thumbnail may lose its connection before the fault is taken for its own. */
const LOSSES = 3;

/** Largest thumbnail, bytes: a server that does not scale sends the image itself. */
const THUMBNAIL_LIMIT = 32 * 1024 * 1024;

/** Files of thumbnails that are kept, to be painted larger, bytes. */
const KEPT_FILE_BYTES = 16 * 1024 * 1024;

/** What there is of a thumbnail: painted, failed, or nothing yet. */
export type Thumbnail = Painted | "failed" | null;

/** What thumbnails are made with. */
export interface ThumbnailParts {
  /** Replaces `THUMBNAIL_CONNECTIONS`. */
  readonly connections?: number;
  /** Replaces `KEPT_THUMBNAILS`. */
  readonly kept?: number;
  /** Opens a connection of its own. */
  readonly openServer: () => PhotoServer;
  /** Returns the pixels that a thumbnail is painted from in a box. */
  readonly pixels: (name: string, box: Box) => Size;
  /** Paints a picture into a box; null if it cannot be drawn. */
  readonly paint: (bytes: Uint8Array, box: Box) => Promise<Painted | null>;
  /** Called with a painted thumbnail that is no longer kept. */
  readonly dropped?: (thumbnail: Painted) => void;
  /** Called when a thumbnail is there. */
  readonly ready: (name: string) => void;
  /** Called when the server cannot be reached, or refuses to send any thumbnail. */
  readonly failed: (failure: Failure) => void;
  /** Replaces `RETRY_DELAY_MS`. */
  readonly retryDelayMs?: number;
}

/** Fetches and keeps thumbnails. */
export class Thumbnails {
  readonly #parts: ThumbnailParts;
  /** By box and name; the least recently used first. */
  readonly #kept = new Map<string, Painted | "failed">();
  /** What is wanted, the most urgent first. */
  #wanted: readonly string[] = [];
  #box: Box = { columns: 1, rows: 1 };
  /** The files of painted thumbnails, by name; the oldest first. */
  readonly #files = new Map<string, Uint8Array>();
  #fileBytes = 0;
  readonly #fetchers: Fetcher[] = [];
  /** How often the connection was lost, by key. */
  readonly #losses = new Map<string, number>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Those who wait until nothing is missing. */
  readonly #settling: (() => void)[] = [];
  #isClosed = false;

  constructor(parts: ThumbnailParts) {
    this.#parts = parts;
  }

  /** Returns what there is of a thumbnail. */
  get(name: string): Thumbnail {
    const key = this.#key(name);
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  /** Returns the file that a thumbnail was painted from; null if it is not kept. */
  file(name: string): Uint8Array | null {
    return this.#files.get(name) ?? null;
  }

  /** Sets the box that thumbnails are painted into. */
  setBox(box: Box): void {
    this.#box = box;
  }

  /** Says which thumbnails are on the screen. The requests of others are cancelled. */
  want(names: readonly string[]): void {
    this.#wanted = names;
    this.#settle();
    for (const fetcher of this.#fetchers) {
      if (fetcher.name === null || names.includes(fetcher.name)) continue;
      fetcher.isCancelled = true;
      fetcher.server.disconnect();
    }
    this.#start();
  }

  #start(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const { connections = THUMBNAIL_CONNECTIONS } = this.#parts;
    // No more than there is to fetch: each opens with a round trip.
    const missing = this.#wanted.filter((name) => !this.#has(name));
    const needed = Math.min(connections, missing.length);
    while (this.#fetchers.length < needed && !this.#isClosed) {
      const server = this.#parts.openServer();
      this.#fetchers.push({ server, name: null, isRunning: false, isCancelled: false });
    }
    for (const fetcher of this.#fetchers) if (!fetcher.isRunning) this.#fetch(fetcher);
  }

  /** Cancels all requests and closes the connections. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#wanted = [];
    this.#settle();
    for (const { server } of this.#fetchers) server.disconnect();
  }

  /** Resolves once all that is wanted is there, or has failed; at once if that is so. */
  settled(): Promise<void> {
    if (this.#isClosed || this.#wanted.every((name) => this.#has(name))) return Promise.resolve();
    return new Promise((resolve) => this.#settling.push(resolve));
  }

  #settle(): void {
    if (!this.#isClosed && !this.#wanted.every((name) => this.#has(name))) return;
    for (const resolve of this.#settling.splice(0)) resolve();
  }

  #has(name: string): boolean {
    return this.#kept.has(this.#key(name));
  }

  #key(name: string): string {
    return `${this.#box.columns}x${this.#box.rows} ${name}`;
  }

  async #fetch(fetcher: Fetcher): Promise<void> {
    fetcher.isRunning = true;
    let lost: Failure | null = null;
    while (lost === null) {
      const inWork = this.#fetchers.map(({ name }) => name);
      const name = this.#wanted.find((name) => !this.#has(name) && !inWork.includes(name));
      if (name === undefined) break;
      const box = this.#box;
      const key = this.#key(name);
      fetcher.name = name;
      fetcher.isCancelled = false;
      try {
        const size = this.#parts.pixels(name, box);
        const bytes = await fetcher.server.thumbnail(name, size, THUMBNAIL_LIMIT);
        const painted = await this.#parts.paint(bytes, box);
        this.#keep(key, painted ?? "failed");
        if (painted !== null) this.#keepFile(name, bytes);
      } catch (error) {
        fetcher.server.disconnect();
        if (this.#isClosed || fetcher.isCancelled) {
          // Nobody waits for it any more.
        } else if (isBusy(error)) {
          await new Promise((resolve) => setTimeout(resolve, BUSY_DELAY_MS));
        } else if (error instanceof Failure && this.#isFaultOfServer(key, error)) {
          this.#parts.failed(lost = error);
        } else this.#keep(key, "failed");
      } finally {
        fetcher.name = null;
      }
      if (this.#wanted.includes(name) && this.#kept.has(key)) this.#parts.ready(name);
      this.#settle();
      // Lets keys be read between two paintings.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    fetcher.isRunning = false;
    if (lost !== null && !REFUSALS.has(lost.token)) this.#retryLater();
  }

  /** Whether a failure says nothing about the image, so that it is worth another request. */
  #isFaultOfServer(key: string, { token }: Failure): boolean {
    if (!LOST.has(token)) return REFUSALS.has(token) || UNREACHED.has(token);
    const losses = (this.#losses.get(key) ?? 0) + 1;
    this.#losses.set(key, losses);
    return losses < LOSSES;
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    const { retryDelayMs = RETRY_DELAY_MS } = this.#parts;
    this.#retry ??= setTimeout(() => this.#start(), retryDelayMs);
  }

  #keep(key: string, thumbnail: Painted | "failed"): void {
    this.#kept.set(key, thumbnail);
    if (this.#kept.size <= (this.#parts.kept ?? KEPT_THUMBNAILS)) return;
    const [[oldest, dropped]] = this.#kept;
    this.#kept.delete(oldest);
    if (dropped !== "failed") this.#parts.dropped?.(dropped);
  }

  #keepFile(name: string, bytes: Uint8Array): void {
    this.#forgetFile(name);
    this.#files.set(name, bytes);
    this.#fileBytes += bytes.length;
    while (this.#fileBytes > KEPT_FILE_BYTES) {
      const [oldest] = this.#files.keys();
      this.#forgetFile(oldest);
    }
  }

  #forgetFile(name: string): void {
    this.#fileBytes -= this.#files.get(name)?.length ?? 0;
    this.#files.delete(name);
  }
}

/** A connection, and the image that it fetches. */
interface Fetcher {
  readonly server: PhotoServer;
  name: string | null;
  /** Whether it fetches, or pauses between two images: a connection carries one request at a time. */
  isRunning: boolean;
  /** Whether the image has left the screen since. */
  isCancelled: boolean;
}

/** Failures that last until somebody raises the privilege or logs in. */
const REFUSALS: ReadonlySet<string> = new Set(["NO_KEY", "LOGIN_REQUIRED", "FORBIDDEN"]);

/** Failures to open a connection. */
const UNREACHED: ReadonlySet<string> = new Set([
  "CONNECTION_REFUSED",
  "CONNECT_TIMEOUT",
  "UNREACHABLE",
  "UNKNOWN_HOST",
  "TLS_FAILED",
]);

/** Failures in the midst of an exchange, which an image may cause that the server cannot send. */
const LOST: ReadonlySet<string> = new Set(["CONNECTION_LOST", "ANSWER_TIMEOUT"]);

/** Whether the server can send the thumbnail later (503). */
function isBusy(error: unknown): boolean {
  return error instanceof Failure && error.token === "TRY_AGAIN";
}
