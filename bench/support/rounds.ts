/** Rounds of a measurement, repeated as a whole if the load generator times out in one. */
import { WrkTimeoutError } from "./wrk.ts";

/** How often a round that ran into time-outs is repeated: the machine is slow, not a server broken. */
const REPEATS = 3;

/**
 * Runs all entries in turn, as many rounds as are wanted, and returns the results of each entry, one
 * a round. If one entry times out, the round counts for none of them: it is repeated from its first
 * entry, so that what is compared ran under the same conditions. Each repeat is reported.
 *
 * @param run measures an entry; the first round is 0
 * @param report takes the sentence about a repeat
 * @throws {WrkTimeoutError} if a round and all its repeats time out
 */
export async function inRounds<Entry, Result>(
  entries: readonly Entry[],
  rounds: number,
  run: (entry: Entry, round: number) => Promise<Result>,
  report: (sentence: string) => void = console.error,
): Promise<Map<Entry, Result[]>> {
  const all = new Map<Entry, Result[]>(entries.map((entry) => [entry, []]));
  for (let round = 0; round < rounds; round++) {
    for (let repeat = 1;; repeat++) {
      try {
        const results: Result[] = [];
        for (const entry of entries) results.push(await run(entry, round));
        entries.forEach((entry, at) => all.get(entry)!.push(results[at]));
        break;
      } catch (error) {
        if (!(error instanceof WrkTimeoutError) || repeat > REPEATS) throw error;
        report(`${error.message} Round ${round} is repeated (${repeat} of ${REPEATS}).`);
      }
    }
  }
  return all;
}
