/**
 * Slows down whoever guesses passwords, without lending a means to lock the owner out.
 *
 * Failures are counted three ways: per user and address, per address, and per user. The first two stop one guesser. The
 * third slows down many addresses that share one user's password to guess; an address from which that user has
 * logged in before is exempt from it, so that the owner gets in even while the attack goes on.
 */
import { addressPrefix } from "./address_prefix.ts";
import { type FailureLimit, FailureLimiter } from "./failure_limiter.ts";

/** The limits, each with its default. */
export interface ThrottleOptions {
  /** One user from one address: 10 failures, one forgotten a minute. */
  pair?: FailureLimit;
  /** One address, whoever is tried: 50 failures, one forgotten every 10 s. */
  address?: FailureLimit;
  /** One user, wherever it is tried from: 100 failures, one forgotten every 10 s. */
  user?: FailureLimit;
  /** Entries of each table (20,000). The tables together take some 10 MB at most. */
  capacity?: number;
}

/** An attempt that may go ahead, counted as a failure until it turns out well. */
export interface Attempt {
  /** The password was right. */
  succeeded(): void;
  /** There was no outcome: the store was away. */
  withdrawn(): void;
}

/** Counts failed logins. Time comes from outside, milliseconds since 1970. */
export class LoginThrottle {
  readonly #pairs: FailureLimiter;
  readonly #addresses: FailureLimiter;
  readonly #users: FailureLimiter;
  readonly #known = new Set<string>();
  readonly #capacity: number;

  constructor(options: ThrottleOptions = {}) {
    this.#capacity = options.capacity ?? 20_000;
    this.#pairs = new FailureLimiter(
      options.pair ?? { burst: 10, forgetSeconds: 60 },
      this.#capacity,
    );
    this.#addresses = new FailureLimiter(
      options.address ?? { burst: 50, forgetSeconds: 10 },
      this.#capacity,
    );
    this.#users = new FailureLimiter(
      options.user ?? { burst: 100, forgetSeconds: 10 },
      this.#capacity,
    );
  }

  /** Milliseconds until this user may be tried from this address; 0 where now. Counts nothing. */
  wait(name: string, address: string, now: number): number {
    const prefix = addressPrefix(address);
    const pair = pairKey(name, prefix);
    return Math.max(
      this.#pairs.wait(pair, now),
      this.#addresses.wait(prefix, now),
      this.#known.has(pair) ? 0 : this.#users.wait(name, now),
    );
  }

  /**
   * Begins an attempt: counts it as failed, so that attempts that run at the same time see each other.
   * To be asked for only when `wait` is 0.
   */
  begin(name: string, address: string, now: number): Attempt {
    const prefix = addressPrefix(address);
    const pair = pairKey(name, prefix);
    this.#pairs.add(pair, now);
    this.#addresses.add(prefix, now);
    this.#users.add(name, now);
    const takeBack = () => {
      this.#pairs.takeBack(pair, now);
      this.#addresses.takeBack(prefix, now);
      this.#users.takeBack(name, now);
    };
    return {
      withdrawn: takeBack,
      succeeded: () => {
        takeBack();
        // The address's own count stays: a guesser who has an account, too, must not be able to clear it.
        this.#pairs.clear(pair);
        this.#remember(pair);
      },
    };
  }

  #remember(pair: string): void {
    this.#known.delete(pair);
    if (this.#known.size >= this.#capacity) {
      for (const oldest of this.#known) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.add(pair);
  }
}

// A username holds no control character, so the two parts cannot run into each other.
function pairKey(name: string, prefix: string): string {
  return `${name}\n${prefix}`;
}
