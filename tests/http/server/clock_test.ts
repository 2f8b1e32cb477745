/** The clock of a server. */
import { assert, assertEquals } from "@std/assert";
import { Clock } from "../../../lib/http/server/clock.ts";
import { asText } from "../support/test_server.ts";

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("the clock sweeps from start to stop, and again after another start", async () => {
  let sweeps = 0;
  let next = Promise.withResolvers<void>();
  const clock = new Clock(1, () => {
    sweeps++;
    next.resolve();
  });
  for (let use = 0; use < 2; use++) {
    next = Promise.withResolvers();
    const before = performance.now();
    clock.start();
    // Started already: nothing more to stop.
    clock.start();
    assert(clock.now >= before);
    assertEquals(clock.after(50), clock.now + 51);
    await next.promise;
    clock.stop();
    const swept = sweeps;
    await turn(10);
    assertEquals(sweeps, swept);
  }
});

Deno.test("the clock has the date line of its last sweep, the same object within a second", async () => {
  let sweeps = 0;
  const swept = Promise.withResolvers<void>();
  const dates = new Set<Uint8Array>();
  const clock = new Clock(1, () => {
    dates.add(clock.date);
    if (++sweeps === 5) swept.resolve();
  }, "X: y\r\n");
  const before = Math.floor(Date.now() / 1000) * 1000;
  clock.start();
  await swept.promise;
  clock.stop();
  const [, date] = /^Date: (.+)\r\nX: y\r\n$/.exec(asText(clock.date))!;
  assert(Date.parse(date) >= before && Date.parse(date) <= Date.now());
  assert(dates.size <= 1 + (Date.now() - before) / 1000);
});
