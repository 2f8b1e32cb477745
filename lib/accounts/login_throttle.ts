/**
 * Slows down whoever guesses passwords, without lending a means to lock the owner out.
 *
 * Failures are counted three ways: per user and address, per address, and per user. The first two
 * stop one guesser, the third slows down many who guess one user's password. Where a user has
 * logged in from an address before, only the first counts: so the owner gets in while the attack
 * goes on, also from behind the same proxy as the guesser.
 */
import { addressPrefix } from "./address_prefix.ts";
import { BoundedMap } from "./bounded_map.ts";
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
  /** Pairs of user and address that have logged in. */
  readonly #known: BoundedMap<string, true>;

  constructor(options: ThrottleOptions = {}) {
    const {
      pair = { burst: 10, forgetSeconds: 60 },
      address = { burst: 50, forgetSeconds: 10 },
      user = { burst: 100, forgetSeconds: 10 },
      capacity = 20_000,
    } = options;
    this.#pairs = new FailureLimiter(pair, capacity);
    this.#addresses = new FailureLimiter(address, capacity);
    this.#users = new FailureLimiter(user, capacity);
    this.#known = new BoundedMap(capacity);
  }

  /** Milliseconds until this user may be tried from this address; 0 where now. Counts nothing. */
  wait(name: string, address: string, now: number): number {
    const prefix = addressPrefix(address);
    const pair = pairKey(name, prefix);
    const wait = this.#pairs.wait(pair, now);
    if (this.#known.has(pair)) return wait;
    return Math.max(wait, this.#addresses.wait(prefix, now), this.#users.wait(name, now));
  }

  /**
   * Begins an attempt: counts it as failed, so that attempts that run at the same time see each
   * other. To be asked for only when `wait` is 0.
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
        // The address's own count stays: a guesser who has an account, too, must not be able to
        // clear it.
        this.#pairs.clear(pair);
        this.#known.set(pair, true);
      },
    };
  }
}

// A username holds no control character, so the two parts cannot run into each other.
function pairKey(name: string, prefix: string): string {
  return `${name}\n${prefix}`;
}
