/** Whether the server can do its work, for those who decide where requests go. */

/** How old an answer may be, milliseconds. */
const LONGEST_AGE_MS = 1000;

/** How long a probe may take before the answer is no, milliseconds. */
const PROBE_PATIENCE_MS = 1000;

/** What `Health` needs. */
export interface HealthOptions {
  /** Does some small part of the work; throws or rejects where that cannot be done. */
  readonly probe: () => unknown;
  /** Told what a probe threw, once until a probe succeeds again. */
  readonly report?: (error: unknown) => void;
  /** A clock that never goes back, milliseconds (`performance.now`). */
  readonly now?: () => number;
}

/**
 * Knows to a second whether the server is well, however often it is asked: one probe at a time, and
 * its outcome serves everybody who asks within a second.
 */
export class Health {
  readonly #probe: () => unknown;
  readonly #report: (error: unknown) => void;
  readonly #now: () => number;
  #running: Promise<boolean> | null = null;
  #isWell = true;
  #knownAt = -Infinity;

  constructor({ probe, report, now }: HealthOptions) {
    this.#probe = probe;
    this.#report = report ?? (() => {});
    this.#now = now ?? (() => performance.now());
  }

  /** Returns whether the work can be done now. A probe that takes over a second says no. */
  async isWell(): Promise<boolean> {
    if (this.#running === null && this.#now() - this.#knownAt < LONGEST_AGE_MS) return this.#isWell;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), PROBE_PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#running ??= this.#look(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #look(): Promise<boolean> {
    let isWell = true;
    try {
      await this.#probe();
    } catch (error) {
      isWell = false;
      if (this.#isWell) this.#report(error);
    }
    this.#isWell = isWell;
    this.#knownAt = this.#now();
    this.#running = null;
    return isWell;
  }
}
