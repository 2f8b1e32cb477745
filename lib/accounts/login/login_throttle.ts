/**
 * Throttles password guessing without letting an attacker lock the owner out.
 *
 * Failures are counted per user and address, per address, and per user. The first two counts stop a
 * single attacker; the third slows down many who guess one user's password. From an address where
 * the user has logged in before, only the first count applies, so the owner can log in during an
 * attack from elsewhere. With a device that the user has logged in with before, only the failures
 * of that device count, so the owner can log in even from the attacker's address.
 */
import { addressPrefix } from "./address_prefix.ts";
import { BoundedMap } from "../bounded_map.ts";
import { type FailureLimit, GcraLimiter } from "./gcra_limiter.ts";

/** The limits of the throttle, each with its default. */
export interface ThrottleOptions {
  /** Per user and address, or user and device: 10 failures, one forgotten per minute. */
  pair?: FailureLimit;
  /** Per address, for any user: 50 failures, one forgotten every 10 s. */
  address?: FailureLimit;
  /** Per user, from any address: 100 failures, one forgotten every 10 s. */
  user?: FailureLimit;
  /** Entries per table (20,000). The five tables take about 10 MB at most. */
  capacity?: number;
}

/** The source and the target of a login attempt. */
export interface AttemptSource {
  readonly name: string;
  readonly address: string;
  /** The id of a device that this user has logged in with; null if there is none. */
  readonly device: string | null;
}

/** A permitted attempt, counted as a failure until one of these methods is called. */
export interface Attempt {
  /** Records that the password was right. */
  succeeded(): void;
  /** Records that the password was not checked, because the store failed. */
  withdrawn(): void;
}

/** Counts failed logins. Callers pass the time: milliseconds of a monotonic clock. */
export class LoginThrottle {
  readonly #pairs: GcraLimiter;
  readonly #addresses: GcraLimiter;
  readonly #users: GcraLimiter;
  readonly #devices: GcraLimiter;
  /** The pairs of user and address with a successful login. */
  readonly #known: BoundedMap<string, void>;

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

  /** Returns the milliseconds until the source may try again; 0 if it may now. */
  wait({ name, address, device }: AttemptSource, now: number): number {
    if (device !== null) return this.#devices.wait(pairKey(name, device), now);
    const prefix = addressPrefix(address);
    const pair = pairKey(name, prefix);
    const wait = this.#pairs.wait(pair, now);
    if (this.#known.has(pair)) return wait;
    return Math.max(wait, this.#addresses.wait(prefix, now), this.#users.wait(name, now));
  }

  /**
   * Begins an attempt and counts it as a failure, so that concurrent attempts see each other. Call
   * only if `wait` returns 0.
   */
  begin({ name, address, device }: AttemptSource, now: number): Attempt {
    const prefix = addressPrefix(address);
    const pair = pairKey(name, prefix);
    // A right password clears the first count only. Clearing the address's count would let an
    // attacker who has an account reset it by logging in.
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
        this.#known.set(pair, undefined);
      },
    };
  }
}

// A username contains no control character, so the line feed separates the parts unambiguously.
function pairKey(name: string, prefix: string): string {
  return `${name}\n${prefix}`;
}
