/** The semaphore: order, limits, failures. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Semaphore } from "../lib/semaphore.ts";

Deno.test("at most three tasks run at once; the others follow in order, whether they fail or not", async () => {
  const semaphore = new Semaphore(3);
  const begun: number[] = [];
  let inside = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, number) =>
      semaphore.run(async () => {
        begun.push(number);
        assert(++inside <= 3);
        // Tasks end at different times, so that their order is not that of arrival.
        for (let turn = 0; turn < 3 - number % 3; turn++) await Promise.resolve();
        inside--;
        if (number % 5 === 0) throw new Error("failed");
        return number;
      })),
  );
  assertEquals(begun, Array.from({ length: 20 }, (_, number) => number));
  assertEquals(results.filter(({ status }) => status === "rejected").length, 4);
});

Deno.test("a task that fails releases its permit", async () => {
  const semaphore = new Semaphore(1);
  await assertRejects(() => semaphore.run(() => Promise.reject(new Error("failed"))));
  assertEquals(await semaphore.run(() => Promise.resolve("through")), "through");
});
