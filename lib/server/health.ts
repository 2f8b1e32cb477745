/** The health of the server, for load balancers and container probes. */

/** How long a result is reused, milliseconds. */
const MAX_AGE_MS = 1000;

/** How long a probe may take before the server counts as unhealthy, milliseconds. */
const PROBE_TIMEOUT_MS = 1000;

/** Options of `Health`. */
export interface HealthOptions {
  /** Does a small part of the server's work; throws or rejects if that is not possible. */
  readonly probe: () => unknown;
  /** Receives what the first of several failing probes in a row threw. */
  readonly report?: (error: unknown) => void;
  /** A monotonic clock, milliseconds (`performance.now`). */
  readonly now?: () => number;
}

/**
 * Probes the server at most once a second, however often it is asked: one probe runs at a time, and
 * its result is reused for a second.
 */
export class Health {
  readonly #probe: () => unknown;
  readonly #report: (error: unknown) => void;
  readonly #now: () => number;
  #running: Promise<boolean> | null = null;
  #isHealthy = true;
  #knownAt = -Infinity;

  constructor({ probe, report, now }: HealthOptions) {
    this.#probe = probe;
    this.#report = report ?? (() => {});
    this.#now = now ?? (() => performance.now());
  }

  /** Resolves with whether the server is healthy; false if the probe takes over a second. */
  async isHealthy(): Promise<boolean> {
    if (this.#running === null && this.#now() - this.#knownAt < MAX_AGE_MS) return this.#isHealthy;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), PROBE_TIMEOUT_MS);
    });
    try {
      return await Promise.race([this.#running ??= this.#runProbe(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #runProbe(): Promise<boolean> {
    let isHealthy = true;
    try {
      await this.#probe();
    } catch (error) {
      isHealthy = false;
      if (this.#isHealthy) this.#report(error);
    }
    this.#isHealthy = isHealthy;
    this.#knownAt = this.#now();
    this.#running = null;
    return isHealthy;
  }
}
