import { assertEquals, assertRejects } from "@std/assert";
import { runWrk } from "../../bench/support/wrk.ts";

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

/** Runs a load against what `wrk` prints, one output a run; also returns the number of runs. */
async function runWith(...outputs: string[]) {
  let runs = 0;
  const result = await runWrk(1, LOAD, 1, () => Promise.resolve(outputs[runs++]));
  return { result, runs };
}

Deno.test("a load that timed out is repeated, and counts only when it did not", async () => {
  const { result, runs } = await runWith(output(TIMEOUT), output(TIMEOUT), output());
  assertEquals(runs, 3);
  assertEquals(result, {
    requestsPerSecond: 1200,
    bytesPerSecond: 2 * 1024 ** 2,
    requests: 1200,
  });
});

Deno.test("a load is given up if it times out each time, or if anything else goes wrong", async () => {
  const always = Array.from({ length: 9 }, () => output(TIMEOUT));
  await assertRejects(() => runWith(...always), Error, "timeout 2");
  const readErrors = output("  Socket errors: connect 0, read 3, write 0, timeout 2");
  await assertRejects(() => runWith(readErrors, output()), Error, "read 3");
  const refused = output("  Non-2xx or 3xx responses: 7");
  await assertRejects(() => runWith(refused, output()), Error, "responses: 7");
});
