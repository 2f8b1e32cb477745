import { assertEquals, assertRejects } from "@std/assert";
import { inRounds } from "../../bench/support/rounds.ts";
import { runWrk, WrkTimeoutError } from "../../bench/support/wrk.ts";

const LOAD = { method: "GET", target: "/", connections: 1 };

const output = (...errors: string[]) =>
  [
    "  1200 requests in 1.00s, 2.00MB read",
    ...errors,
    "Requests/sec:   1200.00",
    "Transfer/sec:      2.00MB",
    "",
  ].join("\n");

const TIMEOUT = "  Socket errors: connect 0, read 0, write 0, timeout 2";

/** Runs a load against what `wrk` prints. */
const runWith = (printed: string) => runWrk(1, LOAD, 1, () => Promise.resolve(printed));

Deno.test("the output of wrk is parsed", async () => {
  assertEquals(await runWith(output()), {
    requestsPerSecond: 1200,
    bytesPerSecond: 2 * 1024 ** 2,
    requests: 1200,
  });
});

Deno.test("time-outs are distinguished from errors of a server", async () => {
  await assertRejects(() => runWith(output(TIMEOUT)), WrkTimeoutError, "GET /: 2 time-outs");
  const none = output().replace("1200 requests", "0 requests");
  await assertRejects(() => runWith(none), WrkTimeoutError, "GET /: no response within 1 s.");
  for (
    const wrong of [
      "  Socket errors: connect 0, read 3, write 0, timeout 2",
      "  Non-2xx or 3xx responses: 7",
    ]
  ) {
    const error = await assertRejects(() => runWith(output(wrong)), Error, wrong.trim());
    assertEquals(error instanceof WrkTimeoutError, false);
  }
});

/** Measures two entries in three rounds; the results are the counts of runs. */
async function threeRounds(failsAt: (run: number) => Error | null) {
  const runs: string[] = [], reports: string[] = [];
  const results = await inRounds(["a", "b"], 3, (entry, round) => {
    runs.push(`${entry}${round}`);
    const error = failsAt(runs.length);
    return error === null ? Promise.resolve(runs.length) : Promise.reject(error);
  }, (sentence) => reports.push(sentence));
  return { runs: runs.join(" "), reports, results: Object.fromEntries(results) };
}

Deno.test("a round in which an entry times out is repeated as a whole, and reported", async () => {
  const { runs, reports, results } = await threeRounds((run) =>
    run === 4 ? new WrkTimeoutError("b: 2 time-outs.") : null
  );
  assertEquals(runs, "a0 b0 a1 b1 a1 b1 a2 b2");
  assertEquals(reports, ["b: 2 time-outs. Round 1 is repeated (1 of 3)."]);
  assertEquals(results, { a: [1, 5, 7], b: [2, 6, 8] });
});

Deno.test("a round fails after three repeats, or at once if a server responds with errors", async () => {
  const timeout = () => new WrkTimeoutError("always");
  let runs = 0;
  await assertRejects(
    () => threeRounds((run) => (runs = run, timeout())),
    WrkTimeoutError,
    "always",
  );
  assertEquals(runs, 4);
  await assertRejects(() => threeRounds((run) => (runs = run, new Error("7 refused"))), Error);
  assertEquals(runs, 1);
});
