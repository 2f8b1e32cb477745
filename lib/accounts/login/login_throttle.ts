/**
 * Slows down whoever guesses passwords, without lending a means to lock the owner out.
 *
 * Failures are counted three ways: per user and address, per address, and per user. The first two
 * stop one guesser, the third slows down many who guess one user's password. Where a user has
 * logged in from an address before, only the first counts: so the owner gets in while the attack
 * goes on elsewhere. Where a user has logged in with a device before, only the failures of that
 * device count: so the owner gets in also from the same address as the guesser.
 */
import { addressPrefix } from "./address_prefix.ts";
import { BoundedMap } from "../bounded_map.ts";
import { type FailureLimit, GcraLimiter } from "./gcra_limiter.ts";

/** The limits, each with its default. */
export interface ThrottleOptions {
  /** One user from one address, or from one device: 10 failures, one forgotten a minute. */
  pair?: FailureLimit;
  /** One address, whoever is tried: 50 failures, one forgotten every 10 s. */
  address?: FailureLimit;
  /** One user, wherever it is tried from: 100 failures, one forgotten every 10 s. */
  user?: FailureLimit;
  /** Entries of each table (20,000). The tables together take some 10 MB at most. */
  capacity?: number;
}

/** Where an attempt comes from, and whom it is for. */
export interface AttemptSource {
  readonly name: string;
  readonly address: string;
  /** The id of a device with which this user has logged in; null if there is none. */
  readonly device: string | null;
}

/** An attempt that may go ahead, counted as a failure until it turns out well. */
export interface Attempt {
  /** The password was right. */
  succeeded(): void;
  /** There was no outcome: the store was away. */
  withdrawn(): void;
}

/** Counts failed logins. Time comes from outside: milliseconds of a clock that nobody sets. */
export class LoginThrottle {
  readonly #pairs: GcraLimiter;
  readonly #addresses: GcraLimiter;
  readonly #users: GcraLimiter;
  readonly #devices: GcraLimiter;
  /** Pairs of user and address that have logged in. */
  readonly #known: BoundedMap<string, true>;

  constructor(options: ThrottleOptions = {}) {
    const {
      pair = { burst: 10, forgetSeconds: 60 },
      address = { burst: 50, forgetSeconds: 10 },
      user = { burst: 100, forgetSeconds: 10 },
      capacity = 20_000,
    } = options;
    this.#pairs = new GcraLimiter(pair, capacity);
    this.#addresses = new GcraLimiter(address, capacity);
    this.#users = new GcraLimiter(user, capacity);
    this.#devices = new GcraLimiter(pair, capacity);
    this.#known = new BoundedMap(capacity);
  }

  /** Returns the milliseconds until the source may try again; 0 if it may now. Counts nothing. */
  wait({ name, address, device }: AttemptSource, now: number): number {
    if (device !== null) return this.#devices.wait(pairKey(name, device), now);
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
  begin({ name, address, device }: AttemptSource, now: number): Attempt {
    const prefix = addressPrefix(address);
    const pair = pairKey(name, prefix);
    // The first is what a right password clears. The address's own count stays: a guesser who has
    // an account, too, must not be able to clear it.
    const counts: [GcraLimiter, string][] = device !== null
      ? [[this.#devices, pairKey(name, device)]]
      : [[this.#pairs, pair], [this.#addresses, prefix], [this.#users, name]];
    const takeBack = () => {
      for (const [limiter, key] of counts) limiter.takeBack(key, now);
    };
    for (const [limiter, key] of counts) limiter.add(key, now);
    return {
      withdrawn: takeBack,
      succeeded: () => {
        takeBack();
        const [limiter, key] = counts[0];
        limiter.clear(key);
        this.#known.set(pair, true);
      },
    };
  }
}

// A username holds no control character, so the two parts cannot run into each other.
function pairKey(name: string, prefix: string): string {
  return `${name}\n${prefix}`;
}
