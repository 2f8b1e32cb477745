import { assert, assertEquals, assertRejects } from "@std/assert";
import { Turnstile } from "../lib/semaphore.ts";

Deno.test("only so many are inside at once, the others follow in order, failures included", async () => {
  const turnstile = new Turnstile(3);
  const begun: number[] = [];
  let inside = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, number) =>
      turnstile.pass(async () => {
        begun.push(number);
        assert(++inside <= 3);
        // Three leave at different times, so that their order is not that of arrival.
        for (let turn = 0; turn < 3 - number % 3; turn++) await Promise.resolve();
        inside--;
        if (number % 5 === 0) throw new Error("failed");
        return number;
      })),
  );
  assertEquals(begun, Array.from({ length: 20 }, (_, number) => number));
  assertEquals(results.filter(({ status }) => status === "rejected").length, 4);
});

Deno.test("a failure leaves the place free", async () => {
  const turnstile = new Turnstile(1);
  await assertRejects(() => turnstile.pass(() => Promise.reject(new Error("failed"))));
  assertEquals(await turnstile.pass(() => Promise.resolve("through")), "through");
});
